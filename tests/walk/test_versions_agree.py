"""Versions get the same answers from the filter, line by line, and from the database, room by room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from pipeline import steps
from pipeline.config import Settings
from pipeline.filters.replay import Replay
from pipeline.models import Article, ItemId, PublishedFrom, Report, RunId
from pipeline.store.database import Database
from pipeline.store.records import save_article
from pipeline.store.runs import start_run
from pipeline.store.tables import items, story_members
from tests.walk.judged import NOW, read_developments, read_stream


def edit_all(stream: list[Report]) -> list[tuple[Report, int, ItemId]]:
    """Each article, and an hour and two hours later again: with other words, then with another number.

    In order of time: (report, version, first version).
    """
    edited = []
    for report in stream:
        texts = (
            report.text,
            report.text.replace(" said", " said there"),
            f"{report.text.rstrip()}\n\nThe chief of {report.publisher} said on Friday that 417 tents were sent.",
        )
        for number, text in enumerate(texts, start=1):
            at = report.published_at + timedelta(hours=number - 1)
            item_id = report.item_id if number == 1 else ItemId(f"{report.item_id}-{number}")
            edited.append((replace(report, item_id=item_id, published_at=at, text=text), number, report.item_id))
    return sorted(edited, key=lambda each: (each[0].published_at, each[1], each[0].item_id))


def store_versions(database: Database, edited: list[tuple[Report, int, ItemId]]) -> None:
    with database.begin() as tx:
        start_run(tx, RunId("stored"), NOW, False, started_at=NOW)
        for r, version, first in sorted(edited, key=lambda each: each[1]):
            row = {
                "id": r.item_id,
                "source_id": "s",
                "source_name": r.source,
                "publisher": r.publisher,
                "url": r.url,
                "canonical_url": r.url,
                "hints": {},
                "first_run_id": "stored",
                "waiting_for": "dedupe",
                "first_seen_at": r.published_at,
                "version": version,
                "version_of": first if version > 1 else None,
            }
            tx.execute(items.insert().values(**row))
            save_article(tx, Article(r.item_id, r.url, r.title, r.text, r.published_at, PublishedFrom.META))


def test_the_filter_and_the_rooms_agree_about_versions(database: Database) -> None:
    edited = edit_all(read_stream("events_d")[:30])
    replay = Replay()
    lines = [
        {"id": r.item_id, "source": r.source, "publisher": r.publisher, "url": r.url, "title": r.title, "text": r.text}
        | {"published_at": r.published_at.isoformat()}
        for r, _, _ in edited
    ]
    wanted = {line["id"]: replay.answer(line) for line in lines}
    store_versions(database, edited)
    walk = steps.Walk(RunId("stored"), NOW, Settings(), database)
    for room in (steps.dedupe_articles, steps.group_articles, steps.detect_developments):
        room(walk)
    found = read_developments(database)
    assert {key: (found[ItemId(key)].label.value, found[ItemId(key)].because) for key in wanted} == {
        key: (answer["label"], answer["because"]) for key, answer in wanted.items()
    }
    assert [found[ItemId(key)].story_id for key in wanted] == [answer["story"] for answer in wanted.values()]
    released = [reply for line in lines for reply in replay.take(wanted[line["id"]])]
    ended = {reply["id"]: reply["story"] for reply in (*released, *replay.finish())}
    with database.begin() as tx:
        members = tx.execute(select(story_members.c.item_id, story_members.c.story_id)).tuples()
        assert {str(item_id): story_id for item_id, story_id in members} == ended
    assert ended != {
        key: answer["story"] for key, answer in wanted.items()
    }  # some have moved, their versions with them
    by_label = [found[r.item_id].label.value for r, version, _ in edited if version > 1]
    assert set(by_label) > {"repeat", "development"}
