"""Records for the tests of this room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.models import (
    Alert,
    Article,
    Development,
    ItemId,
    Label,
    PublishedFrom,
    StoryId,
    TopicMatch,
    make_item_id,
    make_story_id,
)

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def make_alert(**changes: Any) -> Alert:
    """An update to a ferry story, with the given fields changed."""
    alert = Alert(
        key="k-1",
        channel="C0NEWSDESK",
        label=Label.DEVELOPMENT,
        story_id=StoryId("s-1"),
        item_id=ItemId("i-1"),
        headline="Ferry toll rises to 31",
        story_title="Ferry sinks off Kelmar",
        publisher="Harbour Times",
        url="https://www.harbour.example/ferry?id=1&view=full",
        published_at=NOW - timedelta(hours=1),
        new_facts=("At least 31 people died, the coast guard said.",),
        because="toll 12 -> 31",
        topics=(TopicMatch("transport", 0.9, ("ferry", "port")),),
        other_publishers=("Daily Post",),
    )
    return replace(alert, **changes)


def make_article(**changes: Any) -> Article:
    """An article that is one hour old at NOW."""
    article = Article(
        item_id=ItemId("i-1"),
        url="https://www.harbour.example/ferry",
        title="Ferry toll rises to 31",
        text="At least 31 people died, the coast guard said.",
        published_at=NOW - timedelta(hours=1),
        published_from=PublishedFrom.META,
    )
    return replace(article, **changes)


def make_development(**changes: Any) -> Development:
    """A development of medium importance."""
    development = Development(
        item_id=ItemId("i-1"),
        story_id=StoryId("s-1"),
        label=Label.DEVELOPMENT,
        new_facts=("At least 31 people died, the coast guard said.",),
        because="toll 12 -> 31",
        importance=0.5,
    )
    return replace(development, **changes)


def make_story_alerts(story: int, count: int, channel: str = "C0NEWSDESK") -> list[Alert]:
    """The first `count` alerts of one story, with real ids."""
    items = [make_item_id(f"https://harbour.example/{story}/{number}") for number in range(count)]
    return [
        make_alert(key=f"k-{story}-{number}", story_id=make_story_id(items[0]), item_id=item, channel=channel)
        for number, item in enumerate(items)
    ]
