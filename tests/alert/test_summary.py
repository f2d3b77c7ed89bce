"""The day's digest and the weekly report: what they say, and that they come once, when they are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from pipeline.alert.chart import draw_bars
from pipeline.alert.notice import render_notice_console
from pipeline.alert.routes import RoutesError, Summaries, parse_routes
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack import SlackDelivery
from pipeline.alert.summary import write_day, write_week
from pipeline.alert.timing import find_last_due
from pipeline.config import Settings
from pipeline.errors import DeliveryUnknown
from pipeline.models import (
    DaySummary,
    Given,
    Label,
    Notice,
    Outcome,
    Posted,
    Room,
    RunId,
    StoryId,
    TopicMatch,
    UntoldStory,
    Verdict,
    WeekSummary,
)
from pipeline.steps import Walk, deliver_alerts, queue_summaries
from pipeline.store.database import Database
from pipeline.store.feedback import save_feedback
from pipeline.store.items import save_outcome
from pipeline.store.summaries import read_day, read_week
from pipeline.store.tables import items, outbox
from tests.alert.builders import NOW, make_alert, make_story_alerts
from tests.alert.queueing import RUN, merge_story, queue_alerts
from tests.slack_server import SlackServer, drop

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def test_a_day_shows_stories_by_topic_volumes_and_reasons() -> None:
    opening = make_alert(key="a", label=Label.NEW_STORY, headline="Ferry sinks off Kelmar")
    other = make_alert(
        key="c", story_id=StoryId("s-2"), headline="Ban on grain", topics=(TopicMatch("sanctions", 0.8),)
    )
    day = DaySummary((opening, make_alert(), other), {"transport": 20, "sanctions": 5}, {"repeat": 7, "muted": 1})
    assert render_notice_console(write_day("k", "C0NEWSDESK", day, NOW)).splitlines() == [
        "#C0NEWSDESK",
        "| The day: 2 stories, 3 developments",
        "| Sanctions",
        "|   Ban on grain (1 development, Harbour Times), https://www.harbour.example/ferry?id=1&view=full",
        "| Transport",
        "|   Ferry toll rises to 31 (2 developments, Harbour Times), https://www.harbour.example/ferry?id=1&view=full",
        "| Articles by topic",
        "|   ████████████████████ 20 transport",
        "|   █████ 5 sanctions",
        "| Held back",
        "|   7 told nothing new",
        "|   1 muted",
    ]


def test_a_week_shows_what_readers_said_and_what_nobody_was_told() -> None:
    verdicts = {Verdict.USEFUL: 6, Verdict.REPEAT: 2}
    missed = UntoldStory("Bridge closed", "https://harbour.example/bridge", 4, "below_importance")
    week = WeekSummary(40, 1, 8, verdicts, (missed,) * 10)
    shown = render_notice_console(write_week("k", "C0NEWSDESK", week, NOW))
    for part in (
        "The week: 40 messages",
        "refused and not resent: 1",
        "6 of 8 messages with a verdict (75%)",
        "repeat: 2 messages",
        "Bridge closed (4 publishers; below the importance that routes ask for), https://harbour.example/bridge",
        "and 2 more",
    ):
        assert part in shown


def test_a_week_without_anything_says_so() -> None:
    shown = render_notice_console(write_week("k", "C0NEWSDESK", WeekSummary(0, 0, 0, {}, ()), NOW))
    assert "no verdicts" in shown
    assert "none" in shown


@pytest.mark.parametrize(
    ("now", "weekday", "due"),
    [
        ("2026-03-04T17:00", None, "2026-03-04T17:00"),  # 18:00 in Berlin
        ("2026-03-04T16:59", None, "2026-03-03T17:00"),
        ("2026-03-30T12:00", None, "2026-03-29T16:00"),  # summer time began on this day
        ("2026-03-04T17:00", 0, "2026-03-02T17:00"),
        ("2026-03-02T16:59", 0, "2026-02-23T17:00"),
    ],
)
def test_the_last_time_that_it_was_due(now: str, weekday: int | None, due: str) -> None:
    found = find_last_due(time(18), "Europe/Berlin", datetime.fromisoformat(now).replace(tzinfo=UTC), weekday)
    assert f"{found:%Y-%m-%dT%H:%M}" == due


def test_summaries_are_asked_for_in_the_routes() -> None:
    text = '[summaries]\nchannel = "#desk"\nweek_on = "friday"\nweek_at = "16:00"\n[[routes]]\nname = "everything"'
    assert parse_routes(text, "#news").summaries == Summaries("#desk", time(18), 4, time(16))
    with pytest.raises(RoutesError, match=r"routes\.toml:3: summaries\.week_on: "):
        parse_routes('[summaries]\nchannel = "#desk"\nweek_on = "someday"\n[[routes]]\nname = "a"', "#news")


# ---------------------------------------------------------------- from the database


@pytest.fixture
def slack(slack: SlackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SlackServer:
    routes = tmp_path / "routes.toml"
    routes.write_text('[summaries]\nchannel = "C0OPERATIONS"\n[[routes]]\nname = "everything"\n')
    monkeypatch.setenv("WIREWATCH_ROUTES_FILE", str(routes))
    return slack


def test_they_come_once_when_they_are_due(database: Database, slack: SlackServer) -> None:
    queue_alerts(database, make_story_alerts(1, 2))
    walk = Walk(RunId("run-2"), NOW + timedelta(hours=6), Settings(), database)
    assert queue_summaries(walk) == {"summaries": 2}
    assert queue_summaries(walk) == {}
    assert deliver_alerts(walk) == {"sent": 4}
    texts = [message["text"] for message in slack.messages if message["channel"] == "C0OPERATIONS"]
    assert texts == ["The day: 1 story, 2 developments", "The week: 0 messages"]
    tomorrow = Walk(RunId("run-3"), NOW + timedelta(hours=30), Settings(), database)
    assert queue_summaries(tomorrow) == {"summaries": 1}


def test_a_day_counts_developments_once_and_reasons_by_their_first_word(database: Database) -> None:
    first, second = make_story_alerts(1, 2)
    queue_alerts(database, [first, second, replace(first, key="elsewhere", channel="C0OPERATIONS")])
    with database.begin() as tx:
        for item, reason in ((first.item_id, "no_route: sea: word"), (second.item_id, "no_route: rail: topic")):
            save_outcome(tx, RUN, Outcome(item, Room.ALERT, "held", reason, passed=False), NOW)
        day = read_day(tx, NOW, NOW + DAY)
        assert (len(day.alerts), day.held_by_reason) == (2, {"no_route": 2})
        assert read_day(tx, NOW + DAY, NOW + 2 * DAY) == DaySummary((), {}, {})


def test_a_week_counts_messages_by_verdict_and_leaves_out_what_was_only_seen(
    database: Database, slack: SlackServer
) -> None:
    first, second, third = make_story_alerts(1, 3)
    queue_alerts(database, [first, second, third])
    deliver_alerts(Walk(RunId("run-2"), NOW, Settings(), database))
    with database.begin() as tx:
        save_feedback(tx, first.key, [Given(Verdict.USEFUL, "U1"), Given(Verdict.USEFUL, "U2")], NOW)
        save_feedback(tx, second.key, [Given(Verdict.REPEAT, "U1")], NOW)
        save_feedback(tx, third.key, [Given(Verdict.SEEN, "U1")], NOW)
        week = read_week(tx, NOW, NOW + WEEK)
    assert (week.sent, week.judged_messages) == (3, 2)
    assert week.messages_by_verdict == {Verdict.USEFUL: 1, Verdict.REPEAT: 1, Verdict.SEEN: 1}


def report_story(database: Database, number: int, reasons: Sequence[str]) -> str:
    """A story of one article for each reason that kept it back, each of another publisher; returns its id."""
    alerts = make_story_alerts(number, len(reasons))
    queue_alerts(database, alerts)
    with database.begin() as tx:
        tx.execute(delete(outbox).where(outbox.c.story_id == alerts[0].story_id))
        for alert, reason in zip(alerts, reasons, strict=True):
            is_it = items.c.id == alert.item_id
            tx.execute(update(items).where(is_it).values(publisher=f"Paper {alert.item_id}"))
            save_outcome(tx, RUN, Outcome(alert.item_id, Room.ALERT, "held", reason, passed=False), NOW)
    return alerts[0].story_id


def test_missed_is_what_many_report_and_nobody_was_told_of_without_having_asked_for_silence(
    database: Database,
) -> None:
    report_story(database, 1, ["no_topic", "repeat", "near_duplicate", "repeat"])
    report_story(database, 2, ["stale", "below_importance: everything: importance 0.30", "repeat"])
    report_story(database, 3, ["muted: topic transport", "muted: topic transport", "repeat"])
    report_story(database, 4, ["stale", "stale", "stale"])
    report_story(database, 5, ["no_route: sea: word", "repeat"])
    told, untold = make_story_alerts(6, 3), report_story(database, 7, ["no_route: sea: word", "repeat", "repeat"])
    queue_alerts(database, told)
    with database.begin() as tx:
        week = read_week(tx, NOW, NOW + WEEK)
    assert [(story.publishers, story.reason) for story in week.untold_stories] == [
        (3, "no_route"), (3, "below_importance"), (4, "no_topic"),
    ]  # fmt: skip
    merge_story(database, StoryId(untold), told[0].story_id)
    with database.begin() as tx:
        assert len(read_week(tx, NOW, NOW + WEEK).untold_stories) == 2, "it was told under another name"


# ---------------------------------------------------------------- its picture

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def delivery(slack: SlackServer) -> SlackDelivery:
    settings = AlertSettings("C0NEWSDESK", slack_token=slack.token, slack_base_url=slack.base_url)
    return SlackDelivery(settings, pause=lambda _: None)


def make_day() -> Notice:
    return write_day("k-day", "C0NEWSDESK", DaySummary((make_alert(),), {"transport": 20, "sanctions": 5}, {}), NOW)


def test_the_chart_is_a_picture_whatever_the_topics_are_called() -> None:
    for name in ("transport", "$x^{", "ü" * 300, ""):
        assert draw_bars("Articles by topic", ((name, 3), ("other", 0))).startswith(PNG)


def test_the_digest_of_a_day_shows_its_chart(slack: SlackServer, delivery: SlackDelivery) -> None:
    delivery.post(make_day(), None)
    (message,) = slack.messages
    picture = message["blocks"][-1]
    assert (picture["type"], picture["alt_text"]) == ("image", "transport: 20, sanctions: 5")
    assert slack.files[picture["slack_file"]["id"]]["body"].startswith(PNG)


def test_without_the_scope_the_digest_comes_without_its_picture(slack: SlackServer, delivery: SlackDelivery) -> None:
    slack.scopes_missing.add("files.getUploadURLExternal")
    delivery.post(make_day(), None)
    assert [block["type"] for block in slack.messages[0]["blocks"]] == ["header", "section", "section"]


def test_a_picture_that_cannot_be_shown_yet_is_left_out(slack: SlackServer, delivery: SlackDelivery) -> None:
    slack.processing = 9
    delivery.post(make_day(), None)
    assert [message["blocks"][-1]["type"] for message in slack.messages] == ["section"]
    assert slack.requests.count("chat.postMessage") == 4


def test_a_picture_that_is_being_processed_is_waited_for(slack: SlackServer, delivery: SlackDelivery) -> None:
    slack.processing = 2
    delivery.post(make_day(), None)
    assert [message["blocks"][-1]["type"] for message in slack.messages] == ["image"]


def test_a_digest_with_a_picture_whose_line_broke_is_found_by_its_key(
    slack: SlackServer, delivery: SlackDelivery
) -> None:
    slack.add(drop(stored=True))
    with pytest.raises(DeliveryUnknown):
        delivery.post(make_day(), None)
    assert delivery.find_posted(make_day(), (), datetime.now(UTC) - DAY) == Posted(slack.messages[0]["ts"])
