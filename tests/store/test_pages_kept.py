"""Pages come back as they were stored, also those of an older version's tables."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from pipeline.models import ContentFrom, Entry, FeedHints, FetchedPage, RunId, SourceCheck
from pipeline.store import records, runs, sources
from pipeline.store.database import Database
from pipeline.store.packing import pack_text, unpack_text
from pipeline.store.tables import pages
from tests.fetch.build import NOW, make_entry, make_source

RUN = RunId("r")
HTML = ("<p>渡轮 reopens</p>" * 2000, "", "a\x00b", "<p>Größe</p>")


def see(database: Database, entries: Sequence[Entry]) -> None:
    source = make_source("https://quay.example/feed")
    with database.begin() as tx:
        runs.start_run(tx, RUN, NOW, False, NOW)
        sources.add_source(tx, source, NOW)
        sources.save_checks(tx, RUN, [(source, SourceCheck(source.id, NOW, "ok", entries=tuple(entries)))])


def make_pages(count: int) -> list[FetchedPage]:
    entries = [make_entry(f"https://quay.example/{n}") for n in range(count)]
    return [
        FetchedPage(e.item_id, e.url, NOW, NOW, ContentFrom.PAGE, html=HTML[n % 4], hints=FeedHints("Title"))
        for n, e in enumerate(entries)
    ]


def store(database: Database, arrived: Sequence[FetchedPage]) -> None:
    see(database, [make_entry(page.url) for page in arrived])
    with database.begin() as tx:
        records.save_pages(tx, arrived)


def read_all(database: Database, arrived: Sequence[FetchedPage]) -> list[FetchedPage]:
    with database.begin() as tx:
        return [records.read_page(tx, page.item_id) for page in arrived]


@given(st.text())
def test_a_text_comes_back_as_it_was_packed(content: str) -> None:
    assert unpack_text(pack_text(content)) == content


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert unpack_text(pack_text("a\ud800b")) == "a?b"


def test_pages_come_back_as_they_were_stored_and_the_first_stands(database: Database) -> None:
    arrived = make_pages(4)
    page = arrived[0]
    plain = FetchedPage(page.item_id, page.url, NOW, NOW, ContentFrom.PAGE, text="Plain text\n\nof a file")
    store(database, [plain, *arrived])
    assert read_all(database, arrived) == [plain, *arrived[1:]]


def test_html_is_packed_once_and_not_by_the_database(database: Database) -> None:
    store(database, make_pages(1))
    with database.begin() as tx:
        row = tx.execute(pages.select()).one()
        wanted = "SELECT attstorage FROM pg_attribute WHERE attrelid = 'pages'::regclass AND attname = 'html'"
        assert tx.execute(text(wanted)).scalar_one() in ("e", b"e")
    assert len(row.html) < len(HTML[0].encode()) / 20
    assert row.record["html"] is None


@pytest.mark.parametrize("count", [4, 201])
def test_pages_of_the_older_tables_are_carried_over_and_back(database: Database, count: int) -> None:
    arrived = make_pages(count)
    store(database, arrived)
    with database.begin() as tx:
        tx.execute(text("DELETE FROM pages WHERE html = :html"), {"html": pack_text(HTML[2])})
    kept = [page for page in arrived if page.html != HTML[2]]  # a NUL never was in the older tables
    database.downgrade("0011")
    with database.begin() as tx:
        old = tx.execute(text("SELECT item_id, record->>'html' AS html FROM pages")).all()
    assert {(row.item_id, row.html) for row in old} == {(page.item_id, page.html) for page in kept}
    database.migrate()
    assert read_all(database, kept) == kept


def test_an_article_of_two_sources_is_new_for_the_first(database: Database) -> None:
    both = [make_source("https://a.example/feed"), make_source("https://b.example/feed")]
    entry = make_entry("https://quay.example/1")
    looks = [(source, SourceCheck(source.id, NOW, "ok", entries=(entry,))) for source in both]
    with database.begin() as tx:
        runs.start_run(tx, RUN, NOW, False, NOW)
        for source in both:
            sources.add_source(tx, source, NOW)
        assert sources.save_checks(tx, RUN, looks) == {both[0].id: 1}
        assert sources.save_checks(tx, RUN, looks) == {}
