"""What must hold for every stream: told once, whatever is cut, repeated or shuffled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from pipeline import steps
from pipeline.config import Settings
from pipeline.judge import RamMemory
from pipeline.models import ItemId, RunId
from pipeline.store.database import Database
from pipeline.store.desk import PostgresMemory
from pipeline.store.runs import start_run
from pipeline.store.tables import metadata
from tests.walk.judged import (
    NOW,
    STREAMS,
    count_moved,
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
        first = judge_all(CUT_STREAM[:place], PostgresMemory(tx))
        rest = judge_all(CUT_STREAM[place:], PostgresMemory(tx))
        tx.rollback()
    assert [*first, *rest] == judge_all(CUT_STREAM, RamMemory())


@settings(max_examples=3, deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", NAMES)
def test_arrival_shuffled_within_an_hour_moves_no_article(name: str, data: st.DataObject) -> None:
    stream = read_stream(name)
    late = data.draw(st.lists(st.floats(0, 3600), min_size=len(stream), max_size=len(stream)))
    arrival = sorted(range(len(stream)), key=lambda n: stream[n].published_at.timestamp() + late[n])
    before = {verdict.item_id: verdict.story_id for verdict in judge_all(stream, RamMemory())}
    shuffled = judge_all([stream[n] for n in arrival], RamMemory())
    after = {verdict.item_id: verdict.story_id for verdict in shuffled}
    assert count_moved(before, after) <= 0.02 * len(stream)
