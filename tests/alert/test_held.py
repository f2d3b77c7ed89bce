"""What is held back comes out at its time, once: by itself, or in one digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pipeline.alert.digest import make_bundle_key
from pipeline.config import Settings
from pipeline.errors import DeliveryPostponed
from pipeline.models import Alert, RunId
from pipeline.steps import Walk, deliver_alerts
from pipeline.steps.alerting import settle_held
from pipeline.store.database import Database
from pipeline.store.outbox import HeldBack, count_states
from tests.alert.builders import NOW, make_story_alerts
from tests.alert.queueing import queue_alerts, queue_threads
from tests.slack_server import SlackServer, drop

MORNING = NOW + timedelta(hours=19)
NIGHT = HeldBack(MORNING, "quiet hours until 05 Mar 07:00 UTC")
DIGEST = HeldBack(MORNING, "daily digest of 05 Mar 07:00 UTC", make_bundle_key("C0NEWSDESK", MORNING))


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    with SlackServer() as server:
        monkeypatch.setenv("WIREWATCH_SLACK_TOKEN", server.token)
        monkeypatch.setenv("WIREWATCH_SLACK_CHANNEL", "C0NEWSDESK")
        monkeypatch.setenv("WIREWATCH_SLACK_BASE_URL", server.base_url)
        monkeypatch.setenv("WIREWATCH_SECONDS_BETWEEN_POSTS", "0")
        yield server


def walk_at(database: Database, hours: float) -> Walk:
    return Walk(RunId("run-2"), NOW + timedelta(hours=hours), Settings(), database)


def states(database: Database) -> dict[str, int]:
    with database.begin() as tx:
        return count_states(tx)


def test_quiet_hours_hold_and_then_deliver(database: Database, slack: SlackServer) -> None:
    queue_alerts(database, make_story_alerts(1, 2), NIGHT)
    assert deliver_alerts(walk_at(database, 18)) == {}
    assert states(database) == {"held": 2}
    assert deliver_alerts(walk_at(database, 19)) == {"sent": 2}
    assert slack.messages[1]["thread_ts"] == slack.messages[0]["ts"]


def test_a_later_development_waits_for_the_first_that_is_held(database: Database, slack: SlackServer) -> None:
    first, second = make_story_alerts(1, 2)
    queue_alerts(database, [first], NIGHT)
    queue_alerts(database, [second])
    assert deliver_alerts(walk_at(database, 1)) == {}
    assert deliver_alerts(walk_at(database, 20)) == {"sent": 2}
    assert slack.keys() == [first.key, second.key]


def test_a_digest_tells_everything_once_in_one_message(database: Database, slack: SlackServer) -> None:
    queue_alerts(database, [*make_story_alerts(1, 2), *make_story_alerts(2, 1)], DIGEST)
    assert settle_held(walk_at(database, 18)) == {}
    assert deliver_alerts(walk_at(database, 19)) == {"sent": 1}
    assert deliver_alerts(walk_at(database, 40)) == {}
    (message,) = slack.messages
    assert message["text"] == "Digest: 2 stories, 3 developments"
    assert "Told together because of: daily digest of 05 Mar 07:00 UTC" in str(message["blocks"])
    assert str(message["blocks"]).count("Ferry toll rises to 31 (toll 12 -&gt; 31)") == 3
    assert states(database) == {"bundled": 3, "sent": 1}


def test_a_digest_whose_line_broke_is_not_told_twice(database: Database, slack: SlackServer) -> None:
    queue_alerts(database, make_story_alerts(1, 2), DIGEST)
    slack.add(drop(stored=True))
    with pytest.raises(DeliveryPostponed):
        deliver_alerts(walk_at(database, 19))
    assert settle_held(walk_at(database, 19)) == {}
    assert len(slack.keys()) == 1


def test_each_channel_has_a_digest_of_its_own(database: Database, slack: SlackServer) -> None:
    for story, channel in enumerate(("C0NEWSDESK", "C0OPERATIONS")):
        held = HeldBack(MORNING, "daily digest", make_bundle_key(channel, MORNING))
        queue_alerts(database, make_story_alerts(story, 1, channel), held)
    assert deliver_alerts(walk_at(database, 19)) == {"sent": 2}
    assert {message["channel"] for message in slack.messages} == {"C0NEWSDESK", "C0OPERATIONS"}


def test_what_only_a_digest_tells_opens_no_thread_and_holds_nobody_up(database: Database, slack: SlackServer) -> None:
    alerts: list[Alert] = make_story_alerts(1, 3)
    queue_alerts(database, alerts[:1], DIGEST)
    queue_alerts(database, alerts[1:])
    queue_threads(database, alerts)
    assert deliver_alerts(walk_at(database, 1)) == {"sent": 2, "updated": 1}
    assert "*2 developments*" in str(slack.messages[0]["blocks"])
