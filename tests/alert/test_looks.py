"""Where reactions are looked for: young messages each time, older ones in turns, never more than a tour may ask."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import update

from pipeline.alert.looks import OLD_READS, YOUNG_READS, Look, plan_looks
from pipeline.config import Settings
from pipeline.models import Posted, RunId, Verdict
from pipeline.steps import Walk
from pipeline.steps.attending import collect_feedback
from pipeline.steps.walk import clock
from pipeline.store.database import Database
from pipeline.store.feedback import read_item_feedback
from pipeline.store.tables import outbox
from tests.alert.builders import NOW, make_story_alerts
from tests.alert.queueing import queue_alerts
from tests.slack_server import SlackServer

SLOT = timedelta(minutes=15)


def place(age: timedelta, thread_age: timedelta | None = None) -> tuple[str, Posted]:
    thread_ts = f"{(NOW - thread_age).timestamp():.6f}" if thread_age else None
    return "C0NEWSDESK", Posted(f"{(NOW - age).timestamp():.6f}", thread_ts)


def covers(look: Look, sent: tuple[str, Posted]) -> bool:
    if sent[1].thread_ts:
        return look.thread_ts == sent[1].thread_ts
    return look.thread_ts is None and look.since.timestamp() <= float(sent[1].ts) <= look.until.timestamp()


ages = st.floats(0, 80).map(lambda days: timedelta(days=days))


@example(timedelta(days=26.876240058720068), timedelta(days=15.1875), 16)
@given(ages, st.one_of(st.none(), ages), st.sampled_from([1, 2, 4, 16]))
def test_every_message_is_looked_at_within_its_turn_whatever_the_clock_of_the_tours(
    age: timedelta, thread_age: timedelta | None, slots: int
) -> None:
    sent = place(age, thread_age and thread_age + age + timedelta(seconds=1))
    # The slowest turn; a message that grows older than thirty days just before its turn came begins to wait anew.
    turns = 1 if age < timedelta(hours=23) else 29 + 97
    found = False
    for tour in range(turns):
        now: datetime = NOW + slots * SLOT * tour
        if now - NOW + age > timedelta(days=90):
            return
        young, old = plan_looks([sent], now)
        found = found or any(covers(look, sent) for look in [*young, *old])
    assert found


def test_older_messages_are_looked_at_more_rarely() -> None:
    def count(days: float) -> int:
        planned = (plan_looks([place(timedelta(days=days))], NOW + n * SLOT) for n in range(96))
        return sum(bool(young or old) for young, old in planned)

    assert [count(days) for days in (0.0, 8.0, 25.0, 60.0, 95.0)] == sorted(
        (count(days) for days in (0.0, 8.0, 25.0, 60.0, 95.0)), reverse=True
    )
    assert count(0.0) == 96
    assert 0 < count(8.0) < 20
    assert count(95.0) == 0


def test_a_day_of_a_channel_and_a_thread_are_read_once_however_much_is_in_them() -> None:
    sent = [place(timedelta(minutes=n), timedelta(hours=5)) for n in range(50)]
    sent += [place(timedelta(minutes=n)) for n in range(50)]
    young, old = plan_looks(sent, NOW)
    assert (len(young), old) == (2, [])


# ---------------------------------------------------------------- with a workspace


@pytest.fixture
def walk(database: Database, slack: SlackServer) -> Walk:
    return Walk(RunId("run-2"), clock(), Settings(), database)


def send_long_ago(walk: Walk, slack: SlackServer, count: int, days: float) -> None:
    """Alerts of one story as they stand in Slack and in the outbox some days later."""
    alerts = make_story_alerts(1, count)
    queue_alerts(walk.database, alerts)
    first = clock() - timedelta(days=days)
    for number, alert in enumerate(alerts):
        at = first + timedelta(seconds=number)
        ts, thread_ts = f"{at.timestamp():.6f}", f"{first.timestamp():.6f}" if number else None
        payload = {"event_type": "wirewatch_alert", "event_payload": {"key": alert.key, "story": alert.story_id}}
        slack.messages.append({"channel": "C0NEWSDESK", "ts": ts, "thread_ts": thread_ts, "metadata": payload})
        with walk.database.begin() as tx:
            row = update(outbox).where(outbox.c.key == alert.key)
            tx.execute(row.values(state="sent", slack_ts=ts, thread_ts=thread_ts, sent_at=at))
    slack.react(slack.messages[0]["ts"], "+1", "U1")
    slack.react(slack.messages[-1]["ts"], "repeat", "U1")


def test_a_reaction_that_comes_weeks_later_is_heard_within_a_day(
    walk: Walk, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_long_ago(walk, slack, 2, days=20)
    heard: set[Verdict] = set()
    start = clock()
    for tour in range(96):
        monkeypatch.setattr("pipeline.steps.attending.clock", lambda tour=tour: start + tour * SLOT)
        collect_feedback(walk)
        with walk.database.begin() as tx:
            items = [alert.item_id for alert in make_story_alerts(1, 2)]
            heard |= {given.verdict for item_id in items for given in read_item_feedback(tx, item_id)}
    assert heard == {Verdict.USEFUL, Verdict.REPEAT}
    assert len(slack.requests) < 20


def test_a_tour_asks_no_more_than_it_may(walk: Walk, slack: SlackServer) -> None:
    queue_alerts(walk.database, [alert for story in range(90) for alert in make_story_alerts(story, 2)])
    now = clock()
    with walk.database.begin() as tx:
        for number, key in enumerate(tx.execute(outbox.select().order_by(outbox.c.sequence)).all()):
            ts = f"{(now - timedelta(seconds=number)).timestamp():.6f}"
            row = update(outbox).where(outbox.c.key == key.key)
            tx.execute(row.values(state="sent", slack_ts=ts, thread_ts=ts if number % 2 else None, sent_at=now))
    collect_feedback(walk)
    assert YOUNG_READS <= len(slack.requests) <= YOUNG_READS + OLD_READS
