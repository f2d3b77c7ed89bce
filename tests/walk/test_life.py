"""`wirewatch why` says which words made a topic, and how near the others were when none did."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.cli.life import describe_life
from pipeline.models import Classification, ItemId, Room, TopicMatch
from pipeline.store.reports import ItemLife, RoomAnswer

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def make_life(found: Classification) -> ItemLife:
    answer = RoomAnswer(Room.CLASSIFY, "topics" if found.topics else "none", "", "run", NOW)
    return ItemLife(
        item_id=found.item_id,
        url="https://quay.example/1",
        source_name="Quay News",
        publisher="Quay News",
        first_seen_at=NOW,
        waiting_for=None,
        fetch_attempts=0,
        last_fetch_reason="",
        answers=(answer,),
        article=None,
        rejection=None,
        classification=found,
        duplicate=None,
        assignment=None,
        story_id="",
        development=None,
        messages=(),
    )


def make_classification(*topics: TopicMatch) -> Classification:
    scores = {"transport": 0.31, "sanctions": 0.02, "arms_deal": 0.1, "state_visit": 0.01}
    return Classification(ItemId("1"), "abc123", topics, scores)


def test_the_terms_that_carried_a_topic_and_the_model_are_named() -> None:
    told = describe_life(make_life(make_classification(TopicMatch("transport", 0.91, ("ferry", "ran aground")))))
    assert "transport 0.91 by ferry, ran aground" in told
    assert "model abc123" in told


def test_without_a_topic_the_nearest_are_named() -> None:
    told = describe_life(make_life(make_classification()))
    assert "nearest: transport 0.31, arms_deal 0.10, sanctions 0.02" in told


def test_a_term_cannot_command_the_terminal() -> None:
    told = describe_life(make_life(make_classification(TopicMatch("transport", 0.9, ("\x1b[2J",)))))
    assert "\x1b" not in told
