"""What is held back comes out at its time, once: by itself, or in one digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.alert.digest import make_bundle_key
from pipeline.config import Settings
from pipeline.errors import DeliveryPostponed
from pipeline.models import Alert, Mute, MuteSubject, RunId, StoryId
from pipeline.steps import Walk, deliver_alerts
from pipeline.steps.attending import remind_unseen
from pipeline.steps.settling import settle_held
from pipeline.store.database import Database
from pipeline.store.outbox import HeldBack, count_states
from pipeline.store.wishes import acknowledge_story, end_mute, read_wishes, save_follow, save_mute
from tests.alert.builders import NOW, make_story_alerts
from tests.alert.queueing import queue_alerts, queue_threads
from tests.slack_server import SlackServer, drop

MORNING = NOW + timedelta(hours=19)
NIGHT = HeldBack(MORNING, "quiet hours until 05 Mar 07:00 UTC")
DIGEST = HeldBack(MORNING, "daily digest of 05 Mar 07:00 UTC", make_bundle_key("C0NEWSDESK", MORNING))


@pytest.fixture
def slack(slack: SlackServer, monkeypatch: pytest.MonkeyPatch) -> SlackServer:
    monkeypatch.setenv("WIREWATCH_SLACK_CHANNEL", "C0NEWSDESK")
    return slack


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


# ---------------------------------------------------------------- nobody reacts


@pytest.fixture
def reminding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = tmp_path / "routes.toml"
    routes.write_text('[[routes]]\nname = "desk"\nescalate_after_minutes = 30\nescalate_to = "C0OPERATIONS"\n')
    monkeypatch.setenv("WIREWATCH_ROUTES_FILE", str(routes))


def send_now(database: Database) -> list[Alert]:
    """Two alerts of one story, sent by the route at this moment."""
    alerts = [replace(alert, route="desk") for alert in make_story_alerts(1, 2)]
    queue_alerts(database, alerts)
    deliver_alerts(walk_at(database, 0))
    return alerts


def later(database: Database, minutes: float) -> Walk:
    return Walk(RunId("run-2"), datetime.now(UTC) + timedelta(minutes=minutes), Settings(), database)


@pytest.mark.usefixtures("reminding")
def test_what_nobody_acknowledges_is_reminded_of_once(database: Database, slack: SlackServer) -> None:
    send_now(database)
    assert remind_unseen(later(database, 29)) == {}
    assert remind_unseen(later(database, 31)) == {"reminded": 1}
    assert remind_unseen(later(database, 45)) == {}
    deliver_alerts(later(database, 45))
    assert slack.messages[-1]["channel"] == "C0OPERATIONS"
    assert slack.messages[-1]["text"].startswith("Nobody has reacted in 30 minutes")


@pytest.mark.usefixtures("reminding")
def test_what_is_acknowledged_or_older_than_a_day_reminds_nobody(database: Database, slack: SlackServer) -> None:
    (first, _) = send_now(database)
    assert remind_unseen(later(database, 60 * 25)) == {}
    with database.begin() as tx:
        assert acknowledge_story(tx, first.story_id, NOW, "reader") == 2
        assert acknowledge_story(tx, first.story_id, NOW, "reader") == 0
    assert remind_unseen(later(database, 31)) == {}


def test_wishes_end_at_their_time(database: Database) -> None:
    with database.begin() as tx:
        save_mute(tx, Mute(MuteSubject.TOPIC, "transport", NOW + timedelta(hours=1)), NOW, "reader")
        save_mute(tx, Mute(MuteSubject.SOURCE, "Harbour Times"), NOW, "reader")
        save_follow(tx, StoryId("s-1"), NOW + timedelta(hours=1), NOW, "reader")
        assert [mute.name for mute in read_wishes(tx, NOW).mutes] == ["Harbour Times", "transport"]
        assert read_wishes(tx, NOW).follows == {"s-1"}
        after = read_wishes(tx, NOW + timedelta(hours=1))
        assert ([mute.name for mute in after.mutes], after.follows) == (["Harbour Times"], frozenset())
        assert end_mute(tx, MuteSubject.SOURCE, "Harbour Times")
        assert not end_mute(tx, MuteSubject.SOURCE, "Harbour Times")


@pytest.mark.parametrize(
    "mute",
    [
        lambda alert: Mute(MuteSubject.STORY, alert.story_id),
        lambda alert: Mute(MuteSubject.TOPIC, "transport"),
        lambda alert: Mute(MuteSubject.SOURCE, "harbour times"),
    ],
)
@pytest.mark.parametrize("held", [None, NIGHT, DIGEST])
def test_a_mute_holds_for_what_waits_already(
    database: Database, slack: SlackServer, held: HeldBack | None, mute: Callable[[Alert], Mute]
) -> None:
    (alert,) = make_story_alerts(1, 1)
    queue_alerts(database, [alert], held)
    with database.begin() as tx:
        save_mute(tx, mute(alert), NOW, "desk")
    assert deliver_alerts(walk_at(database, 20)) == {}
    assert states(database) == {"muted": 1}
    assert slack.messages == []


def test_a_mute_of_one_story_leaves_the_others(database: Database, slack: SlackServer) -> None:
    first, second = make_story_alerts(1, 1) + make_story_alerts(2, 1)
    queue_alerts(database, [first, second])
    with database.begin() as tx:
        save_mute(tx, Mute(MuteSubject.STORY, first.story_id), NOW, "desk")
    assert deliver_alerts(walk_at(database, 1)) == {"sent": 1}
    assert slack.keys() == [second.key]
