"""Too much at once: the weightiest go by themselves, the others in one digest, at once; nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alert.reminders import break_storm
from pipeline.alert.routes import Storm
from pipeline.config import Settings
from pipeline.models import Alert, Posted, RunId, Rush, StoryId, WaitingAlert
from pipeline.steps import Walk, deliver_alerts
from pipeline.steps.settling import break_storms, settle_held
from pipeline.store.database import Database
from pipeline.store.outbox import HeldBack, PostgresOutbox, count_states
from tests.alert.builders import NOW, make_story_alerts
from tests.alert.queueing import queue_alerts, queue_threads, weigh
from tests.slack_server import SlackServer

waiting_alerts = st.lists(st.sampled_from([0.0, 0.6, 0.9, 0.97]), max_size=12).map(
    lambda weights: tuple(WaitingAlert(str(n), StoryId("s"), weight) for n, weight in enumerate(weights))
)


@given(waiting_alerts, st.integers(0, 15), st.integers(1, 12))
def test_what_goes_by_itself_is_never_lighter_than_what_does_not(
    waiting: tuple[WaitingAlert, ...], told: int, limit: int
) -> None:
    digested = set(break_storm(Rush("C", waiting, told), Storm(messages=limit)))
    alone = [alert for alert in waiting if alert.key not in digested]
    others = [alert for alert in waiting if alert.key in digested]
    assert len(alone) == min(len(waiting), max(0, limit - told))
    for one in alone:
        for other in others:
            assert (one.importance, -int(one.key)) > (other.importance, -int(other.key))


@pytest.fixture
def walk(
    database: Database, slack: SlackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Walk]:
    routes = tmp_path / "routes.toml"
    routes.write_text('[storm]\nmessages = 2\nminutes = 10\n\n[[routes]]\nname = "everything"\n')
    monkeypatch.setenv("WIREWATCH_ROUTES_FILE", str(routes))
    return lambda minutes=0: Walk(RunId("run-2"), NOW + timedelta(minutes=minutes), Settings(), database)


def queue_weighed(database: Database, *weights: float, held: HeldBack | None = None, first: int = 0) -> list[Alert]:
    alerts = [make_story_alerts(first + number, 1)[0] for number in range(len(weights))]
    queue_alerts(database, alerts, held)
    for alert, weight in zip(alerts, weights, strict=True):
        weigh(database, alert, weight)
    return alerts


def test_the_weightiest_go_at_once_and_the_others_in_one_digest(
    database: Database, slack: SlackServer, walk: Callable[..., Walk]
) -> None:
    alerts = queue_weighed(database, 0.6, 0.99, 0.7, 0.99)
    assert deliver_alerts(walk()) == {"sent": 3}
    assert slack.keys()[:2] == [alerts[1].key, alerts[3].key]
    assert slack.messages[2]["text"] == "Digest: 2 stories, 2 developments"
    assert "more than 2 messages in 10 minutes" in str(slack.messages[2]["blocks"])
    with database.begin() as tx:
        assert count_states(tx) == {"sent": 3, "bundled": 2}


def test_what_a_channel_heard_lately_counts_until_its_window_is_over(
    database: Database, slack: SlackServer, walk: Callable[..., Walk]
) -> None:
    queue_weighed(database, 0.6, 0.6)
    assert deliver_alerts(walk(1)) == {"sent": 2}
    (light,) = queue_weighed(database, 0.9, first=5)
    assert deliver_alerts(walk(2)) == {"sent": 1}
    (free,) = queue_weighed(database, 0.6, first=9)
    assert deliver_alerts(walk(60)) == {"sent": 1}
    arrived = slack.keys()
    assert (light.key in arrived, free.key in arrived) == (False, True)


def test_what_quiet_hours_let_out_is_no_storm_of_its_own(
    database: Database, slack: SlackServer, walk: Callable[..., Walk]
) -> None:
    alerts = queue_weighed(database, 0.6, 0.7, 0.8, held=HeldBack(NOW, "quiet hours until 12:00 UTC"))
    assert deliver_alerts(walk()) == {"sent": 3}
    assert slack.keys()[:2] == [alerts[1].key, alerts[2].key]


def test_each_channel_has_a_window_of_its_own(
    database: Database, slack: SlackServer, walk: Callable[..., Walk]
) -> None:
    queue_alerts(database, [make_story_alerts(n, 1, "C0NEWSDESK")[0] for n in range(2)])
    queue_alerts(database, [make_story_alerts(n, 1, "C0OPERATIONS")[0] for n in range(2, 4)])
    assert deliver_alerts(walk()) == {"sent": 4}


def test_a_thread_does_not_count_what_only_the_digest_tells(
    database: Database, slack: SlackServer, walk: Callable[..., Walk]
) -> None:
    alerts = make_story_alerts(1, 4)
    queue_alerts(database, alerts)
    queue_threads(database, alerts)
    desk = walk()
    break_storms(desk, desk.settings.load_routes().storm)
    assert deliver_alerts(walk()) == {"sent": 3, "updated": 1}
    assert "*2 developments*" in str(slack.messages[0]["blocks"])


def test_one_message_alone_needs_no_update_after_a_storm(
    database: Database, slack: SlackServer, walk: Callable[..., Walk]
) -> None:
    queue_weighed(database, 0.9, first=7)
    alerts = make_story_alerts(1, 3)
    queue_alerts(database, alerts)
    queue_threads(database, alerts)
    assert deliver_alerts(walk()) == {"sent": 3}


def test_what_is_on_its_way_when_the_storm_is_found_is_not_told_twice(
    database: Database, slack: SlackServer, walk: Callable[..., Walk]
) -> None:
    alerts = queue_weighed(database, 0.6, 0.7, 0.8)
    sender = PostgresOutbox(database)
    with sender.sender_lock():
        assert sender.mark_sending(alerts[0], NOW)
        settle_held(walk())
        sender.mark_sent(alerts[0].key, Posted("1.0"), NOW)
        assert not sender.mark_sending(alerts[1], NOW)
    with database.begin() as tx:
        assert count_states(tx) == {"sent": 1, "pending": 2, "bundled": 1}


def test_a_routes_file_that_makes_no_sense_does_not_keep_what_is_queued(
    database: Database, slack: SlackServer, walk: Callable[..., Walk], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    queue_weighed(database, 0.6, 0.7, 0.8)
    (tmp_path / "routes.toml").write_text("nonsense")
    assert deliver_alerts(walk()) == {"sent": 3}
