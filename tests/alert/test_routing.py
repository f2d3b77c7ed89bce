"""Whether, where and when a desk is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from pipeline.alert.matching import Candidate
from pipeline.alert.reminders import write_reminders
from pipeline.alert.routes import QuietHours, Rhythm, Route
from pipeline.alert.routing import FOLLOWED, Held, Planned, make_alert_key, open_late, plan_alerts
from pipeline.alert.settings import AlertSettings
from pipeline.models import DeskWishes, ItemId, Label, Mute, MuteSubject, StoryId, StoryMember, TopicMatch
from tests.alert.builders import NOW, make_alert, make_article, make_development

SETTINGS = AlertSettings(channel="C0NEWSDESK")
EVERYTHING = Route("everything", ("C0NEWSDESK",))
CANDIDATE = Candidate(
    development=make_development(),
    article=make_article(),
    source="Harbour Times front page",
    publisher="Harbour Times",
    story_title="Ferry sinks off Kelmar",
    topics=(TopicMatch("transport", 0.9, ("ferry",)),),
    members=(StoryMember(ItemId("i-0"), "Daily Post"), StoryMember(ItemId("i-1"), "Harbour Times")),
)


FOLLOWING = DeskWishes(follows=frozenset({StoryId("s-1")}))


def plan(*routes: Route, now: datetime = NOW, is_backfill: bool = False, **changes: Any) -> tuple[Planned, ...] | Held:
    return plan_alerts(replace(CANDIDATE, **changes), routes or (EVERYTHING,), SETTINGS, now, is_backfill)


def plan_one(*routes: Route, **changes: Any) -> Planned:
    planned = plan(*routes, **changes)
    assert not isinstance(planned, Held), planned
    (one,) = planned
    return one


def held_reason(*routes: Route, **changes: Any) -> str:
    planned = plan(*routes, **changes)
    assert isinstance(planned, Held)
    return planned.reason


def test_a_fresh_development_is_sent() -> None:
    planned = plan_one()
    alert = planned.alert
    assert (alert.channel, alert.headline, alert.route) == ("C0NEWSDESK", "Ferry toll rises to 31", "everything")
    assert (alert.other_publishers, planned.hold) == (("Daily Post",), None)


@pytest.mark.parametrize("label", [Label.REPEAT, Label.NEAR_DUPLICATE])
def test_what_was_told_is_not_sent_again(label: Label) -> None:
    assert held_reason(development=make_development(label=label)) == label.value


def test_a_backfill_never_alerts() -> None:
    assert held_reason(is_backfill=True, wishes=FOLLOWING) == "backfill"


def test_an_old_article_never_alerts() -> None:
    assert isinstance(plan(article=make_article(published_at=NOW - timedelta(hours=72))), tuple)
    assert held_reason(article=make_article(published_at=NOW - timedelta(hours=73)), wishes=FOLLOWING) == "stale"


def test_a_story_outside_every_topic_is_held() -> None:
    assert held_reason(topics=()) == "no_topic"


def test_an_unimportant_development_is_held_and_the_route_says_how_much_was_missing() -> None:
    route = replace(EVERYTHING, minimum_importance=0.6)
    assert held_reason(route) == (
        "below_importance: everything: importance 0.49 (0.50 by its facts, topic 0.90), asked for 0.60"
    )


def test_a_followed_story_is_told_whatever_its_importance() -> None:
    assert plan_one(replace(EVERYTHING, minimum_importance=0.6), wishes=FOLLOWING).alert.route == "everything"


def test_a_followed_story_that_no_route_wants_goes_to_the_channel_of_the_settings() -> None:
    alert = plan_one(Route("rail", ("#rail",), words=("rail",)), wishes=FOLLOWING, topics=()).alert
    assert (alert.channel, alert.route) == ("C0NEWSDESK", FOLLOWED)


@pytest.mark.parametrize(
    ("conditions", "is_met"),
    [
        ({"topics": ("transport", "sanctions")}, True),
        ({"topics": ("sanctions",)}, False),
        ({"words": ("ferries",)}, True),
        ({"words": ("coast guard",)}, True),
        ({"words": ("guard coast",)}, False),
        ({"places": ("Kelmar",)}, False),
        ({"places": ("Ferry",)}, True),
        ({"places": ("ferry",)}, False),
        ({"sources": ("harbour times",)}, True),
        ({"sources": ("Harbour Times front page",)}, True),
        ({"sources": ("Daily Post",)}, False),
        ({"topics": ("transport",), "words": ("train",)}, False),
        ({"topics": ("transport",), "words": ("train", "ferry")}, True),
    ],
)
def test_every_condition_must_be_met_by_one_of_its_values(conditions: dict[str, Any], is_met: bool) -> None:
    planned = plan(Route("desk", ("#desk",), **conditions))
    assert isinstance(planned, tuple) is is_met


def test_words_are_found_outside_every_topic() -> None:
    assert plan_one(Route("ferries", ("#ferries",), words=("ferry",)), topics=()).alert.channel == "#ferries"


def test_what_no_route_wants_is_held_with_what_each_of_them_missed() -> None:
    routes = (Route("rail", ("#rail",), topics=("sanctions",)), Route("sea", ("#sea",), words=("tanker",)))
    assert held_reason(*routes) == "no_route: rail: topic: none of sanctions; sea: word: none of tanker"


def test_a_route_that_has_told_a_story_goes_on_with_it() -> None:
    route = Route("sea", ("#sea",), words=("tanker",))
    assert plan_one(route, told_routes=frozenset({"sea"})).because.startswith("it told this story before")


def test_one_alert_for_each_channel_with_keys_of_their_own() -> None:
    planned = plan(Route("both", ("#a", "#b")), Route("again", ("#b",)))
    assert isinstance(planned, tuple)
    assert [each.alert.channel for each in planned] == ["#a", "#b"]
    assert len({each.alert.key for each in planned}) == 2


def test_a_reply_is_broadcast_from_the_importance_that_its_route_asks_for() -> None:
    assert not plan_one().alert.is_broadcast
    assert plan_one(replace(EVERYTHING, broadcast_importance=0.48)).alert.is_broadcast


@pytest.mark.parametrize(
    ("mute", "reason"),
    [
        (Mute(MuteSubject.STORY, "s-1", NOW), "muted: story s-1 until 04 Mar 12:00 UTC"),
        (Mute(MuteSubject.TOPIC, "transport"), "muted: topic transport"),
        (Mute(MuteSubject.SOURCE, "harbour times"), "muted: source harbour times"),
        (Mute(MuteSubject.SOURCE, "Harbour Times front page"), "muted: source Harbour Times front page"),
    ],
)
def test_what_is_muted_is_held_with_the_wish(mute: Mute, reason: str) -> None:
    assert held_reason(wishes=DeskWishes((mute,))) == reason


def test_a_mute_wins_over_following() -> None:
    wishes = DeskWishes((Mute(MuteSubject.STORY, "s-1"),), FOLLOWING.follows)
    assert held_reason(wishes=wishes) == "muted: story s-1"


def test_a_story_with_a_topic_that_is_not_muted_is_told() -> None:
    topics = (TopicMatch("transport", 0.9), TopicMatch("sanctions", 0.6))
    assert plan_one(topics=topics, wishes=DeskWishes((Mute(MuteSubject.TOPIC, "transport"),)))


def test_other_mutes_change_nothing() -> None:
    mutes = (Mute(MuteSubject.STORY, "s-2"), Mute(MuteSubject.TOPIC, "sanctions"), Mute(MuteSubject.SOURCE, "Post"))
    assert plan_one(wishes=DeskWishes(mutes))


def test_one_reminder_for_each_story_and_channel() -> None:
    route = replace(EVERYTHING, escalate_after_minutes=30, escalate_to="#duty")
    first, second, other = make_alert(key="a"), make_alert(key="b"), make_alert(key="c", story_id=StoryId("s-2"))
    reminders = write_reminders(route, [first, second, other], NOW)
    assert [(notice.channel, len(notice.sections[0].lines)) for notice in reminders] == [("#duty", 2), ("#duty", 1)]
    assert reminders[0].title == "Nobody has reacted in 30 minutes: Ferry sinks off Kelmar"
    assert write_reminders(route, [first], NOW)[0].key == reminders[0].key


def test_an_article_without_a_title_is_named_by_its_first_new_sentence() -> None:
    assert plan_one(article=make_article(title="")).alert.headline == "At least 31 people died, the coast guard said."


def test_a_story_that_gets_a_topic_late_is_new_to_the_desk() -> None:
    opened = open_late(make_development(label=Label.REPEAT, new_facts=()), make_article())
    assert (opened.label, opened.new_facts) == (Label.NEW_STORY, ("At least 31 people died, the coast guard said.",))


def test_the_key_depends_on_channel_story_and_development_only() -> None:
    assert plan_one().alert.key == plan_one(publisher="Other", now=NOW + timedelta(hours=2)).alert.key
    keys = {
        make_alert_key(channel, StoryId(story), ItemId(item)) for channel in "ab" for story in "cd" for item in "ef"
    }
    assert len(keys) == 8


# ---------------------------------------------------------------- when


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due_at(route: Route, now: str) -> str:
    hold = plan_one(route, now=at(now), article=make_article(published_at=at(now))).hold
    return f"{hold.until:%Y-%m-%dT%H:%M}" if hold else "at once"


NIGHT = replace(EVERYTHING, quiet_hours=QuietHours(time(22), time(7)), time_zone="Europe/Berlin")
NOON = replace(EVERYTHING, quiet_hours=QuietHours(time(12), time(14)))
DAILY = replace(EVERYTHING, rhythm=Rhythm.DAILY, digest_at=time(8), time_zone="Europe/Berlin")
HOURLY = replace(EVERYTHING, rhythm=Rhythm.HOURLY, time_zone="Asia/Kolkata")


@pytest.mark.parametrize(
    ("route", "now", "due"),
    [
        (NIGHT, "2026-03-04T20:59", "at once"),  # 21:59 in Berlin
        (NIGHT, "2026-03-04T21:00", "2026-03-05T06:00"),
        (NIGHT, "2026-03-05T05:59", "2026-03-05T06:00"),
        (NIGHT, "2026-03-05T06:00", "at once"),
        (NIGHT, "2026-03-28T23:00", "2026-03-29T05:00"),  # clocks go forward in this night
        (NIGHT, "2026-10-24T23:00", "2026-10-25T06:00"),  # and back in this one
        (NOON, "2026-03-04T11:59", "at once"),
        (NOON, "2026-03-04T13:59", "2026-03-04T14:00"),
        (DAILY, "2026-03-04T06:59", "2026-03-04T07:00"),
        (DAILY, "2026-03-04T07:00", "2026-03-05T07:00"),
        (HOURLY, "2026-03-04T06:59", "2026-03-04T07:30"),  # full hours of India lie on half ones of UTC
        (HOURLY, "2026-10-25T01:10", "2026-10-25T01:30"),
        (replace(HOURLY, quiet_hours=NIGHT.quiet_hours), "2026-03-04T20:10", "2026-03-05T01:30"),
        (replace(DAILY, digest_at=time(6), quiet_hours=NIGHT.quiet_hours), "2026-03-04T12:00", "2026-03-05T06:00"),
    ],
)
def test_when_a_message_goes(route: Route, now: str, due: str) -> None:
    assert due_at(route, now) == due


def test_of_two_routes_to_one_channel_the_sooner_counts() -> None:
    assert plan_one(DAILY, EVERYTHING).hold is None
    assert plan_one(EVERYTHING, DAILY).hold is None
    hold = plan_one(DAILY, HOURLY).hold
    assert hold is not None
    assert hold.reason.startswith("hourly digest of")


def test_a_topic_that_hardly_fits_lowers_the_importance() -> None:
    sure = plan_one(topics=(TopicMatch("transport", 1.0),)).because
    unsure = plan_one(topics=(TopicMatch("transport", 0.5),)).because
    assert "importance 0.50, asked" in sure
    assert "importance 0.45 (0.50 by its facts, topic 0.50), asked" in unsure


def test_a_route_by_places_takes_nothing_off_for_a_topic() -> None:
    route = replace(EVERYTHING, words=("coast guard",))
    assert "importance 0.50, asked" in plan_one(route, topics=(TopicMatch("transport", 0.5),)).because
