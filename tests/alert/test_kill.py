"""The sender is killed 200 times at random moments while the workspace fails in every way.

Meanwhile messages become so many that they come in digests, and stories are merged and split. Every alert arrives
once, by itself or in one digest, and every thread ends up showing the last state of its story, or where it goes on.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing.context import ForkServerContext

import pytest
from sqlalchemy import select

from pipeline.alert.digest import make_bundle_key
from pipeline.models import Alert, DeliveryState, MessageKind, StoryId
from pipeline.steps.settling import refresh_threads
from pipeline.store.database import Database
from pipeline.store.outbox import HeldBack, count_states, resend_dead
from pipeline.store.tables import outbox
from tests.alert.builders import NOW, make_story_alerts
from tests.alert.queueing import find_stale, merge_story, move_articles, queue_alerts
from tests.alert.sender import send_all
from tests.slack_server import Fault, SlackServer, drop, rate_limit, refuse, server_error

KILLS = 200
ALERTS_PER_STORY = 2
FAULTS = (
    drop(stored=True),
    drop(stored=False),
    server_error(stored=True),
    server_error(stored=False, status=503),
    refuse("fatal_error"),
    refuse("not_in_channel"),
    rate_limit(1),
)
PRELOADED = ["__main__", "psycopg", "sqlalchemy.dialects.postgresql.psycopg", "tests.alert.sender"]


@dataclass
class Trouble:
    """Decides, at each message that reaches the server, what goes wrong and whether the sender is shot."""

    dice: random.Random = field(default_factory=lambda: random.Random(20260304))
    shot: threading.Event = field(default_factory=threading.Event)

    def choose_fault(self) -> Fault | None:
        if self.dice.random() < 0.3:
            self.shot.set()
        return self.dice.choice(FAULTS) if self.dice.random() < 0.4 else None


@pytest.fixture
def processes() -> ForkServerContext:
    """Processes that start in milliseconds, because the imports are done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def kill_one_sender(processes: ForkServerContext, url: str, base_url: str, trouble: Trouble) -> bool:
    """Start a sender, kill it a moment after the shot; False when it had nothing left to do."""
    trouble.shot.clear()
    sender = processes.Process(target=send_all, args=(url, base_url))
    sender.start()
    while sender.is_alive() and not trouble.shot.wait(0.01):
        pass
    # The shot falls while the server holds the request: these few milliseconds spread the death over
    # waiting for the answer, marking the row, and the beginning of the next message.
    time.sleep(random.uniform(0, 0.012))
    sender.kill()
    sender.join()
    return sender.exitcode != 0


def send_the_rest(processes: ForkServerContext, database: Database, url: str, base_url: str) -> None:
    resent = 1
    while resent:
        sender = processes.Process(target=send_all, args=(url, base_url))
        sender.start()
        sender.join()
        assert sender.exitcode == 0
        with database.begin() as tx:
            resent = resend_dead(tx)


def queue_digest(database: Database, number: int) -> None:
    """Two alerts that are due to be told together."""
    key = make_bundle_key("C0NEWSDESK", NOW + timedelta(hours=number))
    queue_alerts(database, make_story_alerts(10**6 + number, 2), HeldBack(NOW, "hourly digest", key))


def change_stories(database: Database, before: list[Alert], now: list[Alert]) -> list[Alert]:
    """The story of the round before is merged into this one, then an article of both is split off, and goes on."""
    merge_story(database, before[0].story_id, now[0].story_id)
    split = StoryId(f"s-{now[-1].item_id}")
    move_articles(database, now[-1:], split)
    (later,) = make_story_alerts(2 * 10**6 + int(now[0].key.split("-")[1]), 1)
    later = replace(later, story_id=split)
    queue_alerts(database, [later])
    refresh_all(database, [*before, *now, later])
    return [later]


def refresh_all(database: Database, alerts: Iterable[Alert]) -> None:
    with database.begin() as tx:
        for story_id in dict.fromkeys(alert.story_id for alert in alerts):
            refresh_threads(tx, story_id, NOW)


def list_expected(database: Database) -> list[str]:
    """The keys of what is to arrive: every alert by itself or in one digest, and every digest."""
    with database.begin() as tx:
        wanted = select(outbox.c.key, outbox.c.kind, outbox.c.state, outbox.c.bundle_key)
        rows = tx.execute(wanted.where(outbox.c.kind != MessageKind.THREAD.value)).all()
    alerts = [row for row in rows if row.kind == MessageKind.ALERT]
    digests = [row.key for row in rows if row.kind == MessageKind.NOTICE]
    assert {row.state for row in rows} == {"sent", "bundled"}
    assert {row.bundle_key for row in alerts if row.state == "bundled"} == set(digests)
    return [row.key for row in alerts if row.state == "sent"] + digests


def test_every_alert_arrives_exactly_once(processes: ForkServerContext, database: Database, database_url: str) -> None:
    trouble = Trouble()
    queued: list[Alert] = []
    rounds: list[list[Alert]] = []
    kills = kills_in_mid_send = 0
    with SlackServer() as slack:
        slack.choose_fault = trouble.choose_fault
        while kills < KILLS:
            rounds.append(alerts := make_story_alerts(len(queued), ALERTS_PER_STORY))
            queue_alerts(database, alerts)
            refresh_all(database, alerts)
            queued += alerts
            if len(rounds) % 2 == 0:
                queued += change_stories(database, *rounds[-2:])
            if len(rounds) % 4 == 0:
                queue_digest(database, len(rounds))
            kills += kill_one_sender(processes, database_url, slack.base_url, trouble)
            with database.begin() as tx:
                resend_dead(tx)
                kills_in_mid_send += count_states(tx).get(DeliveryState.SENDING.value, 0)
        send_the_rest(processes, database, database_url, slack.base_url)
        refresh_all(database, queued)  # as the next article would: some stories moved while nothing could be sent
        send_the_rest(processes, database, database_url, slack.base_url)

    expected = list_expected(database)
    digests = len(expected) - sum(alert.key in set(expected) for alert in queued)
    print(f"{len(queued)} alerts, {digests} digests, {kills} kills, {kills_in_mid_send} of them in the middle of one")
    assert Counter(slack.keys()) == Counter(expected)
    assert len(set(expected) & {alert.key for alert in queued}) > KILLS // 2
    assert find_stale(database, slack, queued) == []
