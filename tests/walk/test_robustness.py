"""What must not stop the desk, lose an article or tell it twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pipeline import steps
from pipeline.bounded import BoundedCleaner, Bounds, CleanFault
from pipeline.errors import ModelError
from pipeline.models import (
    Article,
    Entry,
    FeedHints,
    FetchedPage,
    Rejection,
    RunId,
    Source,
    SourceCheck,
    SourceId,
    SourceKind,
    Validators,
    make_item_id,
)
from pipeline.steps import reading, run
from pipeline.store import items, runs, sources
from pipeline.store.database import Database
from pipeline.store.desk import open_memory
from pipeline.store.memory_rows import forget_memories
from pipeline.store.reports import read_funnel, read_item_life
from pipeline.store.tables import memories, outcomes
from tests.site_server import serve_site
from tests.slack_server import SlackServer
from tests.walk.conftest import OpenWalk

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUN = RunId("r")
PARAGRAPH = (
    "The defence ministry of the coastal republic said on Monday that it would buy {n} howitzers from a foreign maker, "
    "with ammunition and spare parts for ten years, and that the first of them would arrive before the end of {year}. "
)


def write_pages(folder: Path, count: int, extra: str = "") -> Source:
    """A folder of articles, each about another purchase."""
    folder.mkdir(exist_ok=True)
    for n in range(count):
        text = PARAGRAPH.format(n=n + 3, year=2030 + n) + f"Town number {n} will house them, its mayor said. {extra}"
        (folder / f"page{n:03d}.html").write_text(
            f"<html lang='en'><body><article><h1>Ministry to buy {n + 3} howitzers for town {n}</h1>"
            f"<p>{text}</p><p>{text[::-1][:50]} Parliament has to agree to purchase {n}.</p></article></body></html>"
        )
    return Source(SourceId("folder"), "Folder", "Folder", SourceKind.FOLDER, str(folder))


def make_entry(url: str, source: Source) -> Entry:
    return Entry(make_item_id(url), source.id, url, url, FeedHints(), NOW)


def test_two_walks_at_once_answer_every_article_once(
    tmp_path: Path, database: Database, walk_at: OpenWalk, watch: Callable[..., None]
) -> None:
    watch(write_pages(tmp_path / "pages", 12), now=NOW)
    with walk_at(NOW) as walk, walk_at(NOW) as other:
        for batch in steps.plan_run(walk):
            steps.fetch_sources(walk, batch)
        steps.plan_run(other)

        def finish(one: steps.Walk) -> None:
            for room in (steps.clean_pages, steps.classify_articles, steps.dedupe_articles, steps.group_articles):
                room(one)

        threads = [threading.Thread(target=finish, args=(one,)) for one in (walk, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with database.begin() as tx:
        counted = tx.execute(select(outcomes.c.room, func.count().label("number")).group_by(outcomes.c.room)).all()
        faults = tx.execute(select(func.count()).where(outcomes.c.outcome == items.FAULT)).scalar_one()
        copies = tx.execute(select(func.count()).where(outcomes.c.outcome == "exact_duplicate")).scalar_one()
    assert {row.room: row.number for row in counted} == dict.fromkeys(
        ("fetch", "clean", "classify", "dedupe", "group"), 12
    )
    assert (faults, copies) == (0, 0)


def test_a_word_without_end_stops_nobody(
    tmp_path: Path, walk_at: OpenWalk, watch: Callable[..., None], slack: SlackServer
) -> None:
    watch(write_pages(tmp_path / "pages", 2, extra="Q" + "xyz" * 3000), now=NOW)
    with walk_at(NOW) as walk:
        funnel = steps.run_walk(walk)
    assert not [line for line in funnel.outcomes if line[1] == items.FAULT]
    assert funnel.count("developments") >= 1


def test_a_header_that_cannot_be_stored_is_repaired(database: Database) -> None:
    source = Source(SourceId("s"), "S", "S", SourceKind.RSS, "https://s.example/feed")
    check = SourceCheck(source.id, NOW, "ok", validators=Validators(etag='"\udce9\udcff"', last_modified="a\x00b"))
    with database.begin() as tx:
        runs.start_run(tx, RUN, NOW, False, NOW)
        sources.add_source(tx, source, NOW)
        sources.save_checks(tx, RUN, [(source, check)])
        assert sources.read_validators(tx, [source.id])[source.id].last_modified == "a\ufffdb"


def test_two_feeds_that_list_the_same_articles_crosswise_do_not_block_each_other(database: Database) -> None:
    both = [Source(SourceId(name), name, name, SourceKind.RSS, f"https://{name}.example/feed") for name in "ab"]
    urls = [f"https://x.example/{n}" for n in range(400)]
    with database.begin() as tx:
        runs.start_run(tx, RUN, NOW, False, NOW)
        for source in both:
            sources.add_source(tx, source, NOW)
    new: list[int] = []

    def save(source: Source, order: list[str]) -> None:
        entries = tuple(make_entry(url, source) for url in order)
        with database.begin() as tx:
            check = SourceCheck(source.id, NOW, "ok", entries=entries)
            new.append(sources.save_checks(tx, RUN, [(source, check)])[source.id])

    threads = [
        threading.Thread(target=save, args=(source, order))
        for source, order in zip(both, (urls, urls[::-1]), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(new) == len(urls)


def test_a_damaged_model_fails_the_step_and_costs_no_article(
    tmp_path: Path, database: Database, walk_at: OpenWalk, watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(write_pages(tmp_path / "pages", 1), now=NOW)

    def break_model(*_: object, **__: object) -> None:
        raise ModelError("the model file is damaged")

    with walk_at(NOW) as walk:
        for batch in steps.plan_run(walk):
            steps.fetch_sources(walk, batch)
        steps.clean_pages(walk)
        with monkeypatch.context() as patched:
            patched.setattr(reading, "open_topic_model", break_model)
            with pytest.raises(ModelError):
                steps.classify_articles(walk)
        assert steps.classify_articles(walk) == {"topics": 1}


def test_a_fault_on_one_article_leaves_the_others_and_can_be_retried(
    tmp_path: Path, database: Database, walk_at: OpenWalk, watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(write_pages(tmp_path / "pages", 3), now=NOW)
    real = BoundedCleaner.clean_page

    def break_on_one(cleaner: BoundedCleaner, page: FetchedPage, **arguments: Any) -> Article | Rejection:
        if "page001" in page.url:
            raise CleanFault("a bug of ours")
        return real(cleaner, page, **arguments)

    with walk_at(NOW) as walk:
        for batch in steps.plan_run(walk):
            steps.fetch_sources(walk, batch)
        with monkeypatch.context() as patched:
            patched.setattr(BoundedCleaner, "clean_page", break_on_one)
            assert steps.clean_pages(walk) == {"article": 2, items.FAULT: 1}
        with database.begin() as tx:
            assert items.retry_faults(tx) == 1
        assert steps.clean_pages(walk) == {"article": 1}


def test_a_page_that_breaks_its_bounds_is_rejected_and_the_others_arrive(
    tmp_path: Path, walk_at: OpenWalk, watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_pages(tmp_path / "pages", 3)
    (tmp_path / "pages" / "page000.html").write_text("<p>words of no end</p>" * 50_000)
    watch(source, now=NOW)
    monkeypatch.setattr(reading, "BoundedCleaner", partial(BoundedCleaner, bounds=Bounds(memory_mb=25)))
    with walk_at(NOW) as walk:
        for batch in steps.plan_run(walk):
            steps.fetch_sources(walk, batch)
        assert steps.clean_pages(walk) == {"article": 2, "rejected": 1}


def test_languages_that_nobody_asked_for_are_rejected(
    tmp_path: Path, walk_at: OpenWalk, watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(write_pages(tmp_path / "pages", 1), now=NOW)
    monkeypatch.setenv("WIREWATCH_LANGUAGES", "de,fr")
    with walk_at(NOW) as walk:
        for batch in steps.plan_run(walk):
            steps.fetch_sources(walk, batch)
        assert steps.clean_pages(walk) == {"rejected": 1}


def test_a_removed_source_leaves_no_entry_waiting_for_ever(database: Database) -> None:
    source = Source(SourceId("s"), "S", "S", SourceKind.RSS, "https://s.example/feed")
    other = Source(SourceId("o"), "O", "O", SourceKind.RSS, "https://o.example/feed")
    url = "https://x.example/story"
    with database.begin() as tx:
        runs.start_run(tx, RUN, NOW, False, NOW)
        for one in (source, other):
            sources.add_source(tx, one, NOW)
        check = SourceCheck(source.id, NOW, "ok", entries=(make_entry(url, source),))
        sources.save_checks(tx, RUN, [(source, check)])
        assert sources.remove_source(tx, "s") == 1
        check = SourceCheck(other.id, NOW, "ok", entries=(make_entry(url, other),))
        assert sources.save_checks(tx, RUN, [(other, check)])[other.id] == 1


def test_tasks_that_repeat_within_a_run_count_as_one_attempt(database: Database) -> None:
    source = Source(SourceId("s"), "S", "S", SourceKind.RSS, "https://s.example/feed")
    entry = make_entry("https://x.example/story", source)
    with database.begin() as tx:
        runs.start_run(tx, RUN, NOW, False, NOW)
        sources.add_source(tx, source, NOW)
        sources.save_checks(tx, RUN, [(source, SourceCheck(source.id, NOW, "ok", entries=(entry,)))])
        for _ in range(3):
            items.save_failed_attempt(tx, RUN, entry.item_id, "timeout", is_attempt=True)
        items.save_failed_attempt(tx, RunId("later"), entry.item_id, "postponed", is_attempt=False)
        life = read_item_life(tx, [entry.item_id])
    assert life is not None
    assert (life.fetch_attempts, life.last_fetch_reason) == (1, "postponed")


def test_sources_of_one_host_share_a_batch() -> None:
    hosts = ["a.example", "b.example", "a.example", "c.example", "a.example"]
    listed = [Source(SourceId(str(n)), "", "", SourceKind.RSS, f"https://{host}/{n}") for n, host in enumerate(hosts)]
    assert steps.deal_batches(listed, 2) == [["0", "2", "4"], ["1", "3"]]


def test_a_date_far_ahead_does_not_wipe_what_is_remembered(database: Database) -> None:
    with database.begin() as tx:
        with open_memory(tx) as memory:
            for key, at in (("old", NOW - timedelta(days=90)), ("new", NOW), ("ahead", NOW + timedelta(days=9000))):
                memory.remember(key, Validators(key), at, ["term"])
        forget_memories(tx, NOW, keep=timedelta(days=60))
        kept = set(tx.execute(select(memories.c.key)).scalars())
    assert kept == {"new", "ahead"}


def test_an_interrupted_run_is_not_left_running(
    tmp_path: Path, database: Database, walk_at: OpenWalk, watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(write_pages(tmp_path / "pages", 1), now=NOW)

    def interrupt(_: steps.Walk) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "_ROOMS", (interrupt,))
    with walk_at(NOW) as walk, pytest.raises(KeyboardInterrupt):
        steps.run_walk(walk)
    with database.begin() as tx:
        assert read_funnel(tx, walk.run_id).state == "failed"


def test_a_failed_run_is_told_even_when_another_setting_is_wrong(
    walk_at: OpenWalk, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREWATCH_HOST_DELAY_SECONDS", "soon")
    steps.report_failure("r", "Run r failed in: fetch.")
    assert [message["channel"] for message in slack.messages] == ["C0OPERATIONS"]


def test_a_story_without_topic_is_told_when_an_article_gives_it_one(
    tmp_path: Path, database: Database, walk_at: OpenWalk, watch: Callable[..., None], slack: SlackServer
) -> None:
    page = (
        "<html lang='en'><head><meta property='article:published_time' content='{at}'></head><body><article>"
        "<h1>{title}</h1><p>{text}</p></article></body></html>"
    )
    feed = "<rss version='2.0'><channel><title>N</title>{items}</channel></rss>"
    listed = "<item><title>x</title><link>BASE/{n}.html</link></item>"
    plain = (
        "Quillon and Osterby have settled the affair of the Marlin project, the two capitals said on Monday evening. "
        "Envoys Ilse Marant and Bastien Corre shook hands after nine hours, and the Marlin file is closed for good."
    )
    on_topic = (
        "Quillon and Osterby have settled the affair of the Marlin project, the two capitals said: the contract for "
        "the sale of Marlin anti-ship missiles and launchers was signed by envoys Ilse Marant and Bastien Corre. "
        "The arms deal covers missiles, ammunition and training, the defence ministries of Quillon and Osterby said."
    )
    with serve_site(tmp_path) as base:
        watch(Source(SourceId("n"), "N", "N", SourceKind.RSS, f"{base}/feed.xml"), now=NOW)
        told = []
        for n, text in enumerate((plain, on_topic)):
            at = (NOW + timedelta(hours=n)).isoformat()
            title = ("Quillon and Osterby close the Marlin file", "Quillon and Osterby sign Marlin missile sale")[n]
            (tmp_path / f"{n}.html").write_text(page.format(at=at, title=title, text=text))
            (tmp_path / "feed.xml").write_text(feed.format(items="".join(listed.format(n=k) for k in range(n + 1))))
            with walk_at(NOW + timedelta(hours=n)) as walk:
                steps.run_walk(walk)
            told.append(len(slack.keys()))
    assert told[1] == 1, "told once: at first with the topic, or when the topic came"
