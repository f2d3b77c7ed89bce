"""The replay filter (in memory, article by article) and the steps (PostgreSQL, room by room) answer alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import judge, steps
from pipeline.config import Settings
from pipeline.demo.outlets import read_outlets
from pipeline.detect import Told
from pipeline.models import Assignment, Development, Duplicate, ItemId, Report, RunId, make_item_id
from pipeline.store.database import Database
from pipeline.store.desk import open_memory
from pipeline.store.runs import start_run
from tests.walk.judged import NOW, judge_all, read_developments, read_stream, store_classified

DEMO = Path(__file__).resolve().parents[2] / "seeds" / "demo"

Answer = tuple[Duplicate | None, Assignment, Development]


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    """The demo's articles twice over: the second time a week later, with other ids."""
    first = [
        Report(make_item_id(a.url), a.at, outlet.name, outlet.name, a.url, a.title, "\n\n".join(a.paragraphs))
        for outlet in read_outlets(DEMO, "https://demo.example")
        for a in outlet.articles
    ]
    later = [
        replace(r, item_id=make_item_id(r.url + "?again"), published_at=r.published_at + timedelta(days=7))
        for r in first
    ]
    return sorted([*first, *later], key=lambda r: (r.published_at, r.item_id))


def answer_in_memory(reports: list[Report]) -> dict[ItemId, Answer]:
    memory = judge.RamMemory()
    answers: dict[ItemId, Answer] = {}
    for report in reports:
        duplicate = judge.judge_duplicate(report, memory)
        assignment = judge.judge_story(report, duplicate, memory)
        answers[report.item_id] = (
            duplicate,
            assignment,
            judge.judge_development(report, duplicate, assignment, memory),
        )
    return answers


def answer_in_rooms(reports: list[Report], database: Database, batch: int) -> dict[ItemId, Answer]:
    """As the steps do it: each batch walks through one room after the other, each article in its own transaction."""
    answers: dict[ItemId, Answer] = {}
    for start in range(0, len(reports), batch):
        part = reports[start : start + batch]
        duplicates, assignments = {}, {}
        for report in part:
            with database.begin() as tx, open_memory(tx) as memory:
                duplicates[report.item_id] = judge.judge_duplicate(report, memory)
        for report in part:
            with database.begin() as tx, open_memory(tx) as memory:
                duplicate = duplicates[report.item_id]
                assignments[report.item_id] = judge.judge_story(report, duplicate, memory)
        for report in part:
            with database.begin() as tx, open_memory(tx) as memory:
                duplicate, assignment = duplicates[report.item_id], assignments[report.item_id]
                found = judge.judge_development(report, duplicate, assignment, memory)
            answers[report.item_id] = (duplicate, assignment, found)
    return answers


@pytest.mark.parametrize("batch", [1, 10, 1000])
def test_both_ways_give_the_same_answers(reports: list[Report], database: Database, batch: int) -> None:
    assert answer_in_rooms(reports, database, batch) == answer_in_memory(reports)


def test_what_was_told_a_week_ago_is_not_told_again(reports: list[Report]) -> None:
    answers = answer_in_memory(reports)
    again = [answers[r.item_id][2].label for r in reports[len(reports) // 2 :]]
    assert not [label for label in again if label.deserves_alert]


@pytest.mark.parametrize("behind", [1, 2])
@pytest.mark.parametrize("name", ["events_b", "stream_d"])
def test_what_arrives_late_is_judged_behind_what_an_earlier_run_left_waiting(
    database: Database, name: str, behind: int
) -> None:
    stream, memory = read_stream(name)[:40], judge.RamMemory()
    parts = (stream[0::2], stream[1::2])  # the second half was published between the first
    rooms = (steps.dedupe_articles, steps.group_articles, steps.detect_developments)
    for number, (part, taken) in enumerate(zip(parts, (rooms[:behind], rooms), strict=True)):
        store_classified(database, part)
        with database.begin() as tx:
            start_run(tx, RunId(f"run-{number}"), NOW, False, started_at=NOW + timedelta(hours=number))
        for room in taken:
            room(steps.Walk(RunId(f"run-{number}"), NOW, Settings(), database))
    wanted = judge_all([*parts[0], *parts[1]], memory)
    found = read_developments(database)
    assert [found[verdict.item_id] for verdict in wanted] == wanted
    with database.begin() as tx, open_memory(tx) as desk:
        for story_id in {verdict.story_id for verdict in wanted}:
            assert desk.recall(Told, story_id) == memory.recall(Told, story_id)
