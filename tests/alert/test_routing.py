"""Whether a desk is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pipeline.alert.routing import Held, make_alert_key, plan_alert
from pipeline.alert.settings import AlertSettings
from pipeline.models import Alert, ItemId, Label, StoryId, TopicMatch
from tests.alert.builders import NOW, make_article, make_development

SETTINGS = AlertSettings(channel="C0NEWSDESK", minimum_importance=0.2)
TOPICS = (TopicMatch("transport", 0.9, ("ferry",)),)


def plan(**changes: Any) -> Alert | Held:
    given: dict[str, Any] = {
        "development": make_development(),
        "article": make_article(),
        "publisher": "Harbour Times",
        "story_title": "Ferry sinks off Kelmar",
        "story_topics": TOPICS,
        "other_publishers": ("Harbour Times", "Daily Post", "Daily Post"),
        "settings": SETTINGS,
        "now": NOW,
        "is_backfill": False,
    }
    return plan_alert(**(given | changes))


def test_a_fresh_development_is_sent() -> None:
    alert = plan()
    assert isinstance(alert, Alert)
    assert (alert.channel, alert.headline, alert.topics) == ("C0NEWSDESK", "Ferry toll rises to 31", TOPICS)
    assert alert.other_publishers == ("Daily Post",)


@pytest.mark.parametrize("label", [Label.REPEAT, Label.NEAR_DUPLICATE])
def test_what_was_told_is_not_sent_again(label: Label) -> None:
    assert plan(development=make_development(label=label)) == Held(ItemId("i-1"), label.value)


def test_a_backfill_never_alerts() -> None:
    assert plan(is_backfill=True) == Held(ItemId("i-1"), "backfill")


def test_an_old_article_never_alerts() -> None:
    assert isinstance(plan(article=make_article(published_at=NOW - timedelta(hours=72))), Alert)
    assert plan(article=make_article(published_at=NOW - timedelta(hours=73))) == Held(ItemId("i-1"), "stale")


def test_a_story_outside_every_topic_is_held() -> None:
    assert plan(story_topics=()) == Held(ItemId("i-1"), "no_topic")


def test_an_unimportant_development_is_held() -> None:
    assert plan(development=make_development(importance=0.1)) == Held(ItemId("i-1"), "below_importance")


def test_an_article_without_a_title_is_named_by_its_first_new_sentence() -> None:
    alert = plan(article=make_article(title=""))
    assert isinstance(alert, Alert)
    assert alert.headline == "At least 31 people died, the coast guard said."


def test_the_key_depends_on_channel_story_and_development_only() -> None:
    first, again = plan(), plan(publisher="Other", now=NOW + timedelta(hours=2))
    assert isinstance(first, Alert)
    assert isinstance(again, Alert)
    assert first.key == again.key
    keys = {
        make_alert_key(channel, StoryId(story), ItemId(item)) for channel in "ab" for story in "cd" for item in "ef"
    }
    assert len(keys) == 8
