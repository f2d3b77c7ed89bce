"""The three rooms together: labels, memory, repetition, restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from pipeline.filters.replay import Replay
from pipeline.judge import Memory, RamMemory, judge_development, judge_duplicate, judge_story
from pipeline.models import Development, ItemId, Label, Report
from tests.detect.reports import CRANE, START, STREAM, report


def judge_all(reports: Sequence[Report], memory: Memory) -> list[Development]:
    """Article by article, as the replay filter does."""
    verdicts = []
    for each in reports:
        duplicate = judge_duplicate(each, memory)
        assignment = judge_story(each, duplicate, memory)
        verdicts.append(judge_development(each, duplicate, assignment, memory))
    return verdicts


def judge_by_room(reports: Sequence[Report], memory: Memory) -> list[Development]:
    """Room by room, as the steps do."""
    copies = [judge_duplicate(each, memory) for each in reports]
    places = [judge_story(each, copy, memory) for each, copy in zip(reports, copies, strict=True)]
    return [judge_development(*each, memory) for each in zip(reports, copies, places, strict=True)]


class JsonMemory(RamMemory):
    """Every record goes through JSON, as in a database: a restart after every article."""

    def remember(self, key: str, record: object, at: datetime, terms: Sequence[str] = ()) -> None:
        kind: TypeAdapter[Any] = TypeAdapter(type(record))
        super().remember(key, kind.validate_json(kind.dump_json(record)), at, terms)


def test_a_stream_is_labelled() -> None:
    labels = [verdict.label for verdict in judge_all(STREAM, RamMemory())]
    assert labels == [
        Label.NEW_STORY,
        Label.NEW_STORY,
        Label.NEAR_DUPLICATE,
        Label.DEVELOPMENT,
        Label.DEVELOPMENT,
        Label.CORRECTION,
    ]


def test_a_stream_falls_into_its_stories() -> None:
    stories = {verdict.item_id: verdict.story_id for verdict in judge_all(STREAM, RamMemory())}
    assert {item for item, story in stories.items() if story == "s-crane-1"} == {f"crane-{n}" for n in range(1, 5)}
    assert {item for item, story in stories.items() if story == "s-pact-1"} == {"pact-1", "pact-2"}


def test_the_reason_names_old_and_new() -> None:
    verdicts = {verdict.item_id: verdict for verdict in judge_all(STREAM, RamMemory())}
    assert "dead 12 -> 31" in verdicts[ItemId("crane-3")].because
    assert "talks -> signed" in verdicts[ItemId("pact-2")].because


def test_new_sentences_come_best_first_and_are_three_at_most() -> None:
    verdicts = {verdict.item_id: verdict for verdict in judge_all(STREAM, RamMemory())}
    shown = verdicts[ItemId("crane-3")].new_facts
    assert "31 people were killed" in shown[0]
    assert all(len(verdict.new_facts) <= 3 for verdict in verdicts.values())


def test_room_by_room_gives_the_answers_of_article_by_article() -> None:
    assert judge_by_room(STREAM, RamMemory()) == judge_all(STREAM, RamMemory())


def test_a_restart_after_every_article_changes_nothing() -> None:
    assert judge_all(STREAM, JsonMemory()) == judge_all(STREAM, RamMemory())


def test_the_same_stream_again_gives_no_alert() -> None:
    memory = RamMemory()
    judge_all(STREAM, memory)
    again = [
        replace(r, item_id=ItemId("again-" + r.item_id), published_at=r.published_at + timedelta(days=4))
        for r in STREAM
    ]
    assert not [v for v in judge_all(again, memory) if v.label.deserves_alert]
    assert not [v for v in judge_all(STREAM, memory) if v.label.deserves_alert]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(len(STREAM))))
def test_arrival_within_the_hour_in_any_order_gives_the_same_stories(order: list[int]) -> None:
    together = [replace(r, published_at=START + timedelta(minutes=n)) for n, r in enumerate(STREAM)]
    verdicts = judge_all([together[n] for n in order], RamMemory())
    groups: dict[str, set[str]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.story_id, set()).add(verdict.item_id.split("-")[0])
    assert sorted(map(sorted, groups.values())) == [["crane"], ["pact"]]


def test_a_new_version_stays_in_its_story_and_tells_the_difference() -> None:
    memory = RamMemory()
    judge_all(STREAM[:2], memory)
    edited = report("crane-1", CRANE.replace("At least 12", "At least 31"), 5, title="Crane falls on market, 31 dead")
    (verdict,) = judge_all([edited], memory)
    assert verdict.story_id == "s-crane-1"
    assert verdict.label.deserves_alert


def test_a_stale_copy_is_no_news() -> None:
    memory = RamMemory()
    judge_all(STREAM, memory)
    late = replace(STREAM[0], item_id=ItemId("late"), publisher="Late Post", published_at=START + timedelta(days=4))
    (verdict,) = judge_all([late], memory)
    assert verdict.label is Label.NEAR_DUPLICATE


def test_a_story_that_fell_silent_is_closed() -> None:
    memory = RamMemory()
    judge_all(STREAM[:1], memory)
    text = "A crane fell on a market in Port Arden on Monday and 4 people were hurt, fire chief Ines Carrow said."
    (verdict,) = judge_all([report("much-later", text, 24 * 60)], memory)
    assert verdict.label is Label.NEW_STORY


@pytest.mark.parametrize("text", ["", "...", "7", "²", "\ud800", "ф" * 5000, "A b. " * 5000, "\n\n\n"])
def test_odd_texts_are_judged(text: str) -> None:
    (verdict,) = judge_all([report("odd", text, title=text[:50])], RamMemory())
    assert verdict.label is Label.NEW_STORY


def test_the_filter_answers_by_its_contract() -> None:
    answer = Replay().answer
    line = {
        "id": "x",
        "published_at": "2026-05-04T09:00:00Z",
        "source": "Coastwire",
        "publisher": "Coastwire",
        "url": "https://coastwire.example/x",
        "title": "Crane falls on market",
        "text": CRANE,
    }
    first, second = answer(line), answer(line | {"id": "y"})
    assert set(first) == {"id", "label", "story", "duplicate_of", "new_facts", "because"}
    assert (first["label"], first["story"], first["duplicate_of"]) == ("new_story", "s-x", None)
    assert (second["label"], second["story"], second["duplicate_of"]) == ("near_duplicate", "s-x", "x")
