"""Alerts put into a real outbox, with the rows they point at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from pipeline.alert.thread import Voices, describe_thread
from pipeline.models import Alert, RunId
from pipeline.store.database import Database
from pipeline.store.outbox import HeldBack, queue_alert, queue_thread, read_story_alerts
from pipeline.store.stories import save_development
from pipeline.store.tables import items, runs, stories
from tests.alert.builders import NOW, make_development

RUN = RunId("run-1")


def queue_alerts(database: Database, alerts: Sequence[Alert], held: HeldBack | None = None) -> None:
    """Queue them in this order, as if one run had planned them."""
    with database.begin() as tx:
        run = insert(runs).values(id=RUN, now=NOW, is_backfill=False, started_at=NOW, state="running")
        tx.execute(run.on_conflict_do_nothing())
        for alert in alerts:
            story = insert(stories).values(id=alert.story_id, title=alert.story_title, opened_at=NOW, last_at=NOW)
            tx.execute(story.on_conflict_do_nothing())
            item = insert(items).values(
                id=alert.item_id,
                source_id="harbour",
                source_name="Harbour Times",
                publisher="Harbour Times",
                url=alert.url,
                canonical_url=f"https://harbour.example/{alert.item_id}",
                hints={},
                first_seen_at=NOW,
                first_run_id=RUN,
            )
            tx.execute(item.on_conflict_do_nothing())
            queue_alert(tx, RUN, alert, NOW, held)


def weigh(database: Database, alert: Alert, importance: float) -> None:
    """Let the development that an alert tells have this importance."""
    with database.begin() as tx:
        save_development(
            tx, make_development(item_id=alert.item_id, story_id=alert.story_id, importance=importance), NOW
        )


def queue_threads(database: Database, alerts: Sequence[Alert]) -> None:
    """Let the first messages of these stories show how they stand now."""
    with database.begin() as tx:
        for story_id in dict.fromkeys(alert.story_id for alert in alerts):
            for told in read_story_alerts(tx, story_id).values():
                thread = describe_thread(told, Voices((told[0].publisher, *told[0].other_publishers), 0))
                if thread is not None:
                    queue_thread(tx, thread, NOW)
