"""Many articles answered in one transaction: the answers are those of one at a time, whatever happens on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text

from pipeline import judge, steps
from pipeline.config import Settings
from pipeline.models import ItemId, Report, RunId, make_item_id
from pipeline.steps import walk as walking
from pipeline.store.database import Database
from pipeline.store.items import FAULT
from pipeline.store.runs import start_run
from pipeline.store.tables import memories, memory_terms, metadata, outcomes, story_members, term_counts
from tests.walk.judged import NOW, read_developments, read_stream, store_classified

ROOMS = (steps.dedupe_articles, steps.group_articles, steps.detect_developments)


@pytest.fixture
def reports() -> list[Report]:
    """A stream, and its first articles once more at another address."""
    first = read_stream("events_e")
    again = [replace(r, item_id=make_item_id(r.url + "?again"), url=r.url + "?again") for r in first[:5]]
    return [*first, *again]


def open_walk_on(database: Database, reports: list[Report]) -> steps.Walk:
    """A walk over a database that holds nothing but these articles, waiting for dedupe."""
    walk = steps.Walk(RunId("lots"), NOW, Settings(), database)
    with database.begin() as tx:
        tx.execute(text("TRUNCATE " + ", ".join(metadata.tables)))
    store_classified(database, reports)
    with database.begin() as tx:
        start_run(tx, walk.run_id, NOW, False, started_at=NOW)
    return walk


def read_all(database: Database) -> list[Any]:
    """Everything that the rooms have stored, in an order of its own."""
    columns = {
        outcomes: (outcomes.c.item_id, outcomes.c.room, outcomes.c.outcome, outcomes.c.reason),
        story_members: (story_members.c.item_id, story_members.c.story_id),
        memory_terms: tuple(memory_terms.c),
        term_counts: tuple(term_counts.c),
        memories: (memories.c.kind, memories.c.key, memories.c.at, memories.c.record),
    }
    with database.begin() as tx:
        rows = [tx.execute(select(*wanted).order_by(*wanted)).all() for wanted in columns.values()]
    return [*rows, read_developments(database)]


def test_lots_of_any_size_leave_the_same_behind(
    database: Database, reports: list[Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = []
    for size in (1, 7, 50):
        monkeypatch.setattr(walking, "ANSWERED_TOGETHER", size)
        walk = open_walk_on(database, reports)
        counts = [room(walk) for room in ROOMS]
        stored.append((counts, read_all(database)))
    assert stored[0] == stored[1] == stored[2]


def break_on(monkeypatch: pytest.MonkeyPatch, item_id: ItemId, error: BaseException) -> None:
    real = judge.judge_story

    def judge_story(report: Report, *given: Any) -> Any:
        if report.item_id == item_id:
            raise error
        return real(report, *given)

    monkeypatch.setattr(judge, "judge_story", judge_story)


def test_an_article_that_fails_costs_its_lot_nothing_but_itself(
    database: Database, reports: list[Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = open_walk_on(database, reports)
    steps.dedupe_articles(walk)
    with monkeypatch.context() as patched:
        break_on(patched, reports[20].item_id, ValueError("a bug of ours"))
        counts = steps.group_articles(walk)
    assert counts.pop(FAULT) == 1
    assert sum(counts.values()) == len(reports) - 1
    with database.begin() as tx:
        fault = tx.execute(select(outcomes).where(outcomes.c.outcome == FAULT)).one()
    assert (fault.item_id, fault.reason) == (reports[20].item_id, "ValueError: a bug of ours")


def test_a_walk_cut_in_the_middle_of_a_lot_has_answered_none_of_it(
    database: Database, reports: list[Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "ANSWERED_TOGETHER", 8)
    stored = []
    for is_cut in (False, True):
        walk = open_walk_on(database, reports)
        steps.dedupe_articles(walk)
        if is_cut:
            with monkeypatch.context() as patched:
                break_on(patched, reports[20].item_id, KeyboardInterrupt())
                with pytest.raises(KeyboardInterrupt):
                    steps.group_articles(walk)
            with database.begin() as tx:
                answered = tx.execute(select(outcomes.c.item_id).where(outcomes.c.room == "group")).all()
            assert len(answered) % 8 == 0
            assert 0 < len(answered) < len(reports) - 8
        steps.group_articles(walk)
        steps.detect_developments(walk)
        stored.append(read_all(database))
    assert stored[0] == stored[1]
