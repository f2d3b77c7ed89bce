"""The streams of the seeds as reports, and their answers from both memories."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from pipeline.judge import Memory, judge_development, judge_duplicate, judge_story
from pipeline.models import Article, Development, ItemId, PublishedFrom, Report, RunId, StoryId
from pipeline.store.codec import from_json
from pipeline.store.database import Database
from pipeline.store.records import save_article
from pipeline.store.runs import start_run
from pipeline.store.tables import developments, items

STREAMS = Path(__file__).resolve().parents[2] / "seeds" / "streams"
NOW = datetime(2027, 6, 1, tzinfo=UTC)


def read_stream(name: str) -> list[Report]:
    """The articles of a stream in order of publication."""
    rows = [json.loads(line) for line in (STREAMS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [
        Report(
            ItemId(row["id"]),
            datetime.fromisoformat(row["published_at"]),
            row["source"],
            row["publisher"],
            row["url"],
            row["title"],
            row["text"],
        )
        for row in rows
    ]


def judge_all(reports: Sequence[Report], memory: Memory) -> list[Development]:
    """Each article through the three rooms."""
    verdicts = []
    for report in reports:
        duplicate = judge_duplicate(report, memory)
        assignment = judge_story(report, duplicate, memory)
        verdicts.append(judge_development(report, duplicate, assignment, memory))
    return verdicts


def find_last_stories(reports: Sequence[Report], memory: Memory) -> dict[ItemId, StoryId]:
    """The story that each article belongs to once all of them were judged; a copy goes with its original."""
    stories: dict[ItemId, StoryId] = {}
    originals: dict[ItemId, ItemId] = {}
    for report in reports:
        duplicate = judge_duplicate(report, memory)
        assignment = judge_story(report, duplicate, memory)
        stories |= {move.item_id: move.to_story for move in assignment.moves} | {report.item_id: assignment.story_id}
        if duplicate:
            originals[report.item_id] = duplicate.of
    return {item_id: stories.get(originals.get(item_id, item_id), story) for item_id, story in stories.items()}


def store_classified(database: Database, reports: Sequence[Report]) -> None:
    """Articles that wait for dedupe."""
    with database.begin() as tx:
        start_run(tx, RunId("stored"), NOW, False, started_at=NOW)
        for r in reports:
            row: dict[str, object] = {
                "id": r.item_id,
                "source_id": "s",
                "source_name": r.source,
                "publisher": r.publisher,
                "url": r.url,
            }
            row |= {"canonical_url": r.item_id, "hints": {}, "first_run_id": "stored", "waiting_for": "dedupe"}
            tx.execute(items.insert().values(**row, first_seen_at=NOW))
            save_article(tx, Article(r.item_id, r.url, r.title, r.text, r.published_at, PublishedFrom.META))


def read_developments(database: Database) -> dict[ItemId, Development]:
    """The verdicts that a database holds."""
    with database.begin() as tx:
        rows = tx.execute(select(developments.c.item_id, developments.c.record))
        return {ItemId(row.item_id): from_json(Development, row.record) for row in rows}


def count_moved(before: dict[ItemId, StoryId], after: dict[ItemId, StoryId]) -> int:
    """How many articles lie in another story, when each story is named after the one it shares most articles with."""
    overlaps: dict[tuple[StoryId, StoryId], int] = {}
    for item_id, story_id in before.items():
        pair = (story_id, after[item_id])
        overlaps[pair] = overlaps.get(pair, 0) + 1
    stayed, named, taken = 0, set(), set()
    for (old, new), shared in sorted(overlaps.items(), key=lambda each: (-each[1], each[0])):
        if old not in named and new not in taken:
            stayed += shared
            named.add(old)
            taken.add(new)
    return len(before) - stayed
