"""What must hold for every stream: told once, whatever is cut, repeated or shuffled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from pipeline import steps
from pipeline.config import Settings
from pipeline.judge import RamMemory
from pipeline.models import Assignment, ItemId, RunId
from pipeline.store.codec import from_json
from pipeline.store.database import Database
from pipeline.store.desk import open_memory
from pipeline.store.runs import start_run
from pipeline.store.tables import metadata, story_members
from tests.walk.judged import (
    NOW,
    STREAMS,
    count_moved,
    find_last_stories,
    judge_all,
    read_developments,
    read_stream,
    store_classified,
)

ROOMS = (steps.dedupe_articles, steps.group_articles, steps.detect_developments)
NAMES = sorted(path.stem for path in STREAMS.glob("*.jsonl"))
CUT_STREAM = read_stream("stream_b")[:18]


def walk_rooms(database: Database, run_id: str, progress: steps.Progress = steps.show_nothing) -> None:
    """What waits, through the three judging rooms."""
    with database.begin() as tx:
        start_run(tx, RunId(run_id), NOW, False, started_at=NOW)
    walk = steps.Walk(RunId(run_id), NOW, Settings(), database, progress=progress)
    for room in ROOMS:
        room(walk)


def cut_after(answers: int) -> steps.Progress:
    """Ends the process, so to speak, behind so many answers."""
    left = iter(range(answers))

    def advance() -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    def show(step: str, total: int) -> Callable[[], None]:
        return advance

    return show


@pytest.mark.parametrize("name", ["stream_b", "stream_c"])
def test_the_same_stream_twice_gives_no_new_alert(database: Database, name: str) -> None:
    stream = read_stream(name)
    again = [
        replace(r, item_id=ItemId(f"again-{r.item_id}"), published_at=r.published_at + timedelta(days=9))
        for r in stream
    ]
    store_classified(database, stream)
    walk_rooms(database, "first")
    store_classified(database, again)
    walk_rooms(database, "second")
    found = read_developments(database)
    assert len(found) == 2 * len(stream)
    assert not [found[r.item_id] for r in again if found[r.item_id].label.deserves_alert]


@pytest.mark.parametrize("name", NAMES)
def test_every_stream_twice_gives_no_new_alert_in_memory(name: str) -> None:
    stream, memory = read_stream(name), RamMemory()
    judge_all(stream, memory)
    again = [replace(r, item_id=ItemId(f"again-{r.item_id}")) for r in stream]
    assert not [verdict for verdict in judge_all(again, memory) if verdict.label.deserves_alert]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3 * len(CUT_STREAM) - 1))
def test_a_walk_that_is_cut_anywhere_gives_the_same_answers(database: Database, answers: int) -> None:
    with database.begin() as tx:
        tx.execute(text("TRUNCATE " + ", ".join(metadata.tables) + " CASCADE"))
    store_classified(database, CUT_STREAM)
    with suppress(KeyboardInterrupt):
        walk_rooms(database, "cut", cut_after(answers))
    walk_rooms(database, "resumed")
    whole = {verdict.item_id: verdict for verdict in judge_all(CUT_STREAM, RamMemory())}
    assert read_developments(database) == whole


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(CUT_STREAM)))
def test_a_new_process_goes_on_from_what_the_database_remembers(database: Database, place: int) -> None:
    with database.begin() as tx:
        with open_memory(tx) as memory:
            first = judge_all(CUT_STREAM[:place], memory)
        with open_memory(tx) as memory:
            rest = judge_all(CUT_STREAM[place:], memory)
        tx.rollback()
    assert [*first, *rest] == judge_all(CUT_STREAM, RamMemory())


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10_000))
def test_arrival_shuffled_within_an_hour_moves_hardly_an_article(seed: int) -> None:
    moved, dice = 0, Random(seed)
    for stream in map(read_stream, NAMES):
        arrival = sorted(stream, key=lambda report: report.published_at.timestamp() + dice.uniform(0, 3600))
        moved += count_moved(find_last_stories(stream, RamMemory()), find_last_stories(arrival, RamMemory()))
    assert moved <= 0.02 * sum(len(read_stream(name)) for name in NAMES)


def test_what_is_read_again_moves_nothing() -> None:
    stream, memory = read_stream("events_c"), RamMemory()
    before = find_last_stories(stream, memory)
    assert find_last_stories([replace(r, item_id=ItemId(f"again-{r.item_id}")) for r in stream], memory) == {
        ItemId(f"again-{item_id}"): story_id for item_id, story_id in before.items()
    }


def test_a_database_and_a_memory_end_with_the_same_stories(database: Database) -> None:
    stream = read_stream("events_d")[:40]
    store_classified(database, stream)
    with suppress(KeyboardInterrupt):
        walk_rooms(database, "cut", cut_after(65))  # inside the grouping room
    walk_rooms(database, "resumed")
    with database.begin() as tx:
        first = {row.item_id: from_json(Assignment, row.record) for row in tx.execute(select(story_members))}
        last = dict(tx.execute(select(story_members.c.item_id, story_members.c.story_id)).tuples().all())
    assert sum(len(assignment.moves) for assignment in first.values()) > 0
    assert last == find_last_stories(stream, RamMemory())
