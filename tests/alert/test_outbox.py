"""The delivery loop, with the real PostgreSQL outbox and a real Slack-like server: once, in order, never lost."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from pipeline.alert.console import ConsoleDelivery
from pipeline.alert.outbox import Delivery, deliver
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack import SlackDelivery
from pipeline.models import Alert, Notice, NoticeSection, StoryThread
from pipeline.store.codec import from_json
from pipeline.store.database import Database
from pipeline.store.outbox import PostgresOutbox, count_states, queue_notice, resend_dead
from pipeline.store.tables import outbox
from tests.alert.builders import NOW, make_story_alerts
from tests.alert.queueing import queue_alerts, queue_threads
from tests.slack_server import TOKEN, Fault, SlackServer, drop, rate_limit, refuse, server_error


@dataclass
class Bench:
    """One outbox, one workspace, and a clock that moves only when told."""

    database: Database
    slack: SlackServer
    now: datetime = NOW
    pauses: list[float] = field(default_factory=list)

    def queue(self, *alerts: Alert) -> None:
        queue_alerts(self.database, alerts)

    def queue_story(self, *alerts: Alert) -> None:
        """With the update of its first message, as the walk does it."""
        queue_alerts(self.database, alerts)
        queue_threads(self.database, alerts)

    def first_text(self) -> str:
        return str(self.slack.messages[0]["blocks"])

    def deliver(self, delivery: Delivery | None = None) -> dict[str, int]:
        settings = AlertSettings("C0NEWSDESK", "C0OPERATIONS", slack_token=TOKEN, slack_base_url=self.slack.base_url)
        sender = PostgresOutbox(self.database)
        # since the clock stands in the past, every look reaches back far enough
        return deliver(sender, delivery or SlackDelivery(settings), lambda: self.now, self.pauses.append, 1.0, 60.0)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def states(self) -> dict[str, int]:
        with self.database.begin() as tx:
            return count_states(tx)


@pytest.fixture
def bench(database: Database) -> Iterator[Bench]:
    with SlackServer() as slack:
        yield Bench(database, slack)


def test_what_waits_is_sent_once_and_paced(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 1), *make_story_alerts(2, 1), *make_story_alerts(3, 1))
    assert bench.deliver() == {"sent": 3}
    assert bench.deliver() == {}
    assert bench.slack.keys() == ["k-1-0", "k-2-0", "k-3-0"]
    assert bench.pauses == [1.0, 1.0]


def test_a_story_has_one_thread(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 3), *make_story_alerts(2, 1))
    bench.deliver()
    first = bench.slack.messages[0]["ts"]
    assert [message.get("thread_ts") for message in bench.slack.messages] == [None, first, first, None]


def test_what_arrived_before_the_line_broke_is_found_not_sent_again(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 1))
    bench.slack.add(drop(stored=True))
    assert bench.deliver() == {"unknown": 1, "retry_after_seconds": 60}
    assert bench.deliver() == {"retry_after_seconds": 60}
    bench.wait(60)
    assert bench.deliver() == {"found": 1}
    assert bench.slack.keys() == ["k-1-0"]


def test_what_did_not_arrive_is_sent_after_a_look(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 1))
    bench.slack.add(server_error(stored=False))
    bench.deliver()
    bench.wait(60)
    assert bench.deliver() == {"sent": 1}
    assert bench.slack.requests == ["chat.postMessage", "conversations.history", "chat.postMessage"]


def test_a_story_waits_for_its_first_message_while_others_go_on(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 2), *make_story_alerts(2, 1))
    bench.slack.add(drop(stored=True))
    assert bench.deliver() == {"unknown": 1, "sent": 1, "retry_after_seconds": 60}
    bench.wait(60)
    assert bench.deliver() == {"found": 1, "sent": 1}
    assert bench.slack.keys() == ["k-1-0", "k-2-0", "k-1-1"]
    assert bench.slack.messages[2]["thread_ts"] == bench.slack.messages[0]["ts"]


def test_a_rate_limit_stops_the_run_until_retry_after(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 1), *make_story_alerts(2, 1))
    bench.slack.add(rate_limit(30))
    assert bench.deliver() == {"postponed": 1, "retry_after_seconds": 30}
    assert bench.slack.requests == ["chat.postMessage"]
    bench.wait(30)
    assert bench.deliver() == {"sent": 2}


def test_a_refusal_is_dead_and_told_to_operations_once(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 1), *make_story_alerts(2, 1))
    bench.slack.add(refuse("is_archived"), refuse("is_archived"))
    assert bench.deliver() == {"dead": 2}
    (notice,) = bench.slack.messages
    assert notice["channel"] == "C0OPERATIONS"
    assert "2 x is_archived" in str(notice["blocks"])
    assert bench.deliver() == {}


def test_dead_rows_are_resent_after_repair(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 1))
    bench.slack.add(refuse("not_in_channel"))
    bench.deliver()
    with bench.database.begin() as tx:
        assert resend_dead(tx) == 1
    assert bench.deliver() == {"sent": 1}
    assert bench.slack.keys() == ["k-1-0"]


def test_a_reply_is_found_although_a_refused_first_message_came_in_between(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 3))
    bench.slack.add(refuse("not_in_channel"))
    bench.slack.choose_fault = lambda: drop(stored=True) if len(bench.slack.messages) == 1 else None
    assert bench.deliver() == {"dead": 1, "sent": 1, "unknown": 1, "retry_after_seconds": 60}
    with bench.database.begin() as tx:
        resend_dead(tx)
    bench.wait(60)
    assert bench.deliver() == {"sent": 1, "found": 1}
    assert bench.slack.keys() == ["k-1-1", "k-1-2", "k-1-0"]


def test_operations_that_cannot_be_told_are_counted(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 1))
    bench.slack.token = "xoxb-another"
    assert bench.deliver() == {"dead": 1, "unreported": 1}


def test_without_the_scope_to_look_nothing_is_sent_blindly(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 1))
    bench.slack.scopes_missing.add("conversations.history")
    bench.slack.add(drop(stored=True))
    bench.deliver()
    bench.wait(60)
    assert bench.deliver() == {"dead": 1}
    assert bench.slack.keys() == ["k-1-0"]


def test_a_row_of_a_killed_sender_is_looked_for_first(bench: Bench) -> None:
    (alert,) = make_story_alerts(1, 1)
    bench.queue(alert)
    sender = PostgresOutbox(bench.database)
    with sender.sender_lock():
        sender.mark_sending(alert, NOW)
    assert bench.deliver() == {"recovered": 1, "retry_after_seconds": 60}
    bench.wait(60)
    assert bench.deliver() == {"sent": 1}
    assert bench.slack.requests == ["conversations.history", "chat.postMessage"]


def test_only_one_sender_at_a_time(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 1))
    with PostgresOutbox(bench.database).sender_lock() as is_ours:
        assert is_ours
        assert bench.deliver() == {"busy": 1}
    assert bench.deliver() == {"sent": 1}


def test_a_console_gets_the_same_alerts_and_opens_no_thread(bench: Bench) -> None:
    bench.queue(*make_story_alerts(1, 2))
    stream = io.StringIO()
    assert bench.deliver(ConsoleDelivery(stream)) == {"sent": 2}
    assert stream.getvalue().count("UPDATE: Ferry toll rises to 31") == 2
    assert bench.states() == {"sent": 2}


# ---------------------------------------------------------------- the first message of a thread


def test_the_first_message_is_brought_up_to_date_once_after_all_replies(bench: Bench) -> None:
    alerts = make_story_alerts(1, 3)
    for count in (1, 2, 3):
        bench.queue_story(*alerts[:count])
    assert bench.deliver() == {"sent": 3, "updated": 1}
    assert bench.slack.requests == ["chat.postMessage"] * 3 + ["chat.update"]
    assert "*3 developments*" in bench.first_text()
    assert bench.slack.keys() == ["k-1-0", "k-1-1", "k-1-2"]
    bench.queue_story(*alerts)
    assert bench.deliver() == {}


def test_a_later_development_updates_it_again(bench: Bench) -> None:
    alerts = make_story_alerts(1, 3)
    bench.queue_story(*alerts[:2])
    bench.deliver()
    bench.queue_story(*alerts)
    assert bench.deliver() == {"sent": 1, "updated": 1}
    assert "*3 developments*" in bench.first_text()


@pytest.mark.parametrize("fault", [drop(stored=True), drop(stored=False), server_error(stored=True)])
def test_an_update_whose_line_broke_is_simply_repeated(bench: Bench, fault: Fault) -> None:
    bench.queue_story(*make_story_alerts(1, 2))
    bench.slack.choose_fault = lambda: fault if bench.slack.requests.count("chat.update") == 1 else None
    assert bench.deliver() == {"sent": 2, "unknown": 1, "retry_after_seconds": 60}
    bench.wait(60)
    assert bench.deliver() == {"updated": 1}
    assert "*2 developments*" in bench.first_text()
    assert bench.slack.requests[-2:] == ["chat.update", "chat.update"]


def test_a_state_that_was_queued_during_the_update_is_not_lost(bench: Bench) -> None:
    alerts = make_story_alerts(1, 3)
    bench.queue_story(*alerts[:2])
    bench.deliver()
    bench.queue_story(*alerts)
    bench.deliver()
    (thread,) = read_threads(bench)
    sender = PostgresOutbox(bench.database)
    with sender.sender_lock():
        sender.mark_updated(thread.key, revision=0, at=NOW)  # a sender that had read the state before
    assert bench.deliver() == {"updated": 1}
    assert "*3 developments*" in bench.first_text()


def test_a_first_message_that_somebody_deleted_is_no_trouble(bench: Bench) -> None:
    alerts = make_story_alerts(1, 2)
    bench.queue(alerts[0])
    bench.deliver()
    bench.slack.messages.clear()
    bench.queue_story(*alerts)
    assert bench.deliver() == {"sent": 1, "gone": 1}
    assert bench.states() == {"sent": 2}


def test_a_thread_is_not_updated_before_it_is_open(bench: Bench) -> None:
    bench.queue_story(*make_story_alerts(1, 2))
    bench.slack.add(refuse("not_in_channel"), refuse("not_in_channel"))
    assert bench.deliver() == {"dead": 2}
    with bench.database.begin() as tx:
        resend_dead(tx)
    assert bench.deliver() == {"sent": 2, "updated": 1}


def test_an_update_shows_the_alert_that_its_message_was_sent_with(bench: Bench) -> None:
    bench.queue_story(*make_story_alerts(1, 3))
    bench.slack.add(refuse("not_in_channel"))
    assert bench.deliver() == {"dead": 1, "sent": 2, "updated": 1}
    with bench.database.begin() as tx:
        resend_dead(tx)
    assert bench.deliver() == {"sent": 1}
    assert bench.slack.keys() == ["k-1-1", "k-1-2", "k-1-0"]


def test_a_reply_of_importance_is_shown_in_the_channel_too(bench: Bench) -> None:
    first, second, third = make_story_alerts(1, 3)
    bench.queue(first, replace(second, is_broadcast=True), third)
    bench.deliver()
    assert [bool(message.get("reply_broadcast")) for message in bench.slack.messages] == [False, True, False]


def test_a_notice_arrives_once_and_is_found_after_a_broken_line(bench: Bench) -> None:
    notice = Notice("n-1", "C0NEWSDESK", "Digest", (NoticeSection("Transport", ("Ferry sinks",)),), NOW)
    with bench.database.begin() as tx:
        assert [queue_notice(tx, notice, NOW), queue_notice(tx, notice, NOW)] == [True, False]
    bench.slack.add(drop(stored=True))
    assert bench.deliver() == {"unknown": 1, "retry_after_seconds": 60}
    bench.wait(60)
    assert bench.deliver() == {"found": 1}
    assert bench.slack.keys() == ["n-1"]


def read_threads(bench: Bench) -> list[StoryThread]:
    with bench.database.begin() as tx:
        rows = tx.execute(select(outbox.c.record).where(outbox.c.kind == "thread"))
        return [from_json(StoryThread, row.record) for row in rows]
