"""A sender process for the test that kills it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from pipeline.alert.outbox import deliver
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack import SlackDelivery
from pipeline.config import Settings
from pipeline.models import RunId
from pipeline.steps import Walk
from pipeline.steps.settling import settle_held
from pipeline.store.database import Database
from pipeline.store.outbox import PostgresOutbox
from tests.slack_server import TOKEN


def send_all(database_url: str, base_url: str) -> None:
    """Deliver until nothing waits. Waiting moves this process's clock instead of passing time."""
    database = Database(database_url)
    outbox = PostgresOutbox(database)
    delivery = SlackDelivery(AlertSettings("C0NEWSDESK", slack_token=TOKEN, slack_base_url=base_url))
    ahead = timedelta()
    while True:
        settle_held(Walk(RunId("run-1"), datetime.now(UTC), Settings(), database))
        counts = deliver(outbox, delivery, lambda: datetime.now(UTC) + ahead, lambda _: None, settle_seconds=0)  # noqa: B023
        if "busy" in counts:  # the database has not noticed yet that the last sender is gone
            time.sleep(0.002)
        elif "retry_after_seconds" in counts:
            ahead += timedelta(seconds=counts["retry_after_seconds"])
        else:
            return
