"""The sender is killed 200 times at random moments while the workspace fails in every way.

Every alert and digest arrives once, and every thread ends up showing the last state of its story.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.context import ForkServerContext

import pytest

from pipeline.alert.digest import make_bundle_key
from pipeline.models import Alert, DeliveryState
from pipeline.store.database import Database
from pipeline.store.outbox import HeldBack, count_states, resend_dead
from tests.alert.builders import NOW, make_story_alerts
from tests.alert.queueing import queue_alerts, queue_threads
from tests.alert.sender import send_all
from tests.slack_server import Fault, SlackServer, drop, rate_limit, refuse, server_error

KILLS = 200
ALERTS_PER_STORY = 3
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


def queue_digest(database: Database, number: int) -> str:
    """Two alerts that are due to be told together; returns the key of their digest."""
    key = make_bundle_key("C0NEWSDESK", NOW + timedelta(hours=number))
    queue_alerts(database, make_story_alerts(10**6 + number, 2), HeldBack(NOW, "hourly digest", key))
    return key


def count_up_to_date(slack: SlackServer) -> int:
    return sum(f"*{ALERTS_PER_STORY} developments*" in str(message["blocks"]) for message in slack.messages)


def test_every_alert_arrives_exactly_once(processes: ForkServerContext, database: Database, database_url: str) -> None:
    trouble = Trouble()
    queued: list[Alert] = []
    digests: list[str] = []
    kills = kills_in_mid_send = 0
    with SlackServer() as slack:
        slack.choose_fault = trouble.choose_fault
        while kills < KILLS:
            queued += (alerts := make_story_alerts(len(queued), ALERTS_PER_STORY))
            queue_alerts(database, alerts)
            queue_threads(database, alerts)
            digests.append(queue_digest(database, len(digests)))
            kills += kill_one_sender(processes, database_url, slack.base_url, trouble)
            with database.begin() as tx:
                resend_dead(tx)
                kills_in_mid_send += count_states(tx).get(DeliveryState.SENDING.value, 0)
        send_the_rest(processes, database, database_url, slack.base_url)

    print(
        f"{len(queued)} alerts, {len(digests)} digests, {kills} kills, {kills_in_mid_send} of them in the middle of one"
    )
    assert Counter(slack.keys()) == Counter([alert.key for alert in queued] + digests)
    assert count_up_to_date(slack) == len(digests)  # as many as there are stories
    with database.begin() as tx:
        assert count_states(tx) == {"sent": len(queued) + len(digests), "bundled": 2 * len(digests)}
