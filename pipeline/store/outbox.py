"""The outbox in PostgreSQL: what waits to be said, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, text, update

from pipeline.models import Alert, DeliveryState, Notice, OutboxRow, RunId, StoryId
from pipeline.store.codec import clean_text, from_json, to_json
from pipeline.store.database import Database
from pipeline.store.tables import outbox
from pipeline.store.writes import insert_once

_SENDER_LOCK = 0x57_49_52_45  # "WIRE": one sender per database
_WAITING = (DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.UNKNOWN.value)
_DUE = (DeliveryState.PENDING.value, DeliveryState.UNKNOWN.value)


def queue_alert(tx: Connection, run_id: RunId, alert: Alert, queued_at: datetime) -> bool:
    """Put an alert in the outbox; False when its key is there already."""
    return insert_once(
        tx,
        outbox,
        key=alert.key,
        channel=alert.channel,
        story_id=alert.story_id,
        item_id=alert.item_id,
        run_id=run_id,
        record=to_json(alert),
        state=DeliveryState.PENDING.value,
        queued_at=queued_at,
    )


def queue_notice(tx: Connection, notice: Notice, queued_at: datetime) -> bool:
    """Put a message to operations in the outbox; False when its key is there already."""
    return insert_once(
        tx,
        outbox,
        key=notice.key,
        channel=notice.channel,
        record=to_json(notice),
        state=DeliveryState.PENDING.value,
        queued_at=queued_at,
    )


class PostgresOutbox:
    """The rows to be delivered, marked on the one connection that holds the sender's lock.

    Losing the connection loses the lock and the marking with it, so two senders never overlap.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: Connection | None = None

    @contextmanager
    def sender_lock(self) -> Iterator[bool]:
        """Hold the one sender's lock; False, at once, when another process has it."""
        with self._database.connect() as connection:
            if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _SENDER_LOCK}).scalar_one():
                yield False
                return
            self._held = connection
            try:
                yield True
            finally:
                self._held = None
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _SENDER_LOCK})

    def recover_sending(self, look_at: datetime) -> int:
        """Turn every row that a dead sender left in SENDING into UNKNOWN; returns how many."""
        return self._tx.execute(
            update(outbox)
            .where(outbox.c.state == DeliveryState.SENDING.value)
            .values(state=DeliveryState.UNKNOWN.value, not_before=look_at, last_error="the sender was interrupted")
        ).rowcount

    def next_due(self, now: datetime) -> OutboxRow | None:
        """The oldest due row whose story has no older row waiting in the same channel."""
        row = self._tx.execute(
            select(outbox)
            .where(outbox.c.state.in_(_DUE), or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now))
            .where(~_older_one_waits())
            .order_by(outbox.c.sequence)
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        return OutboxRow(
            alert=from_json(Alert, row.record) if row.story_id else from_json(Notice, row.record),
            state=DeliveryState(row.state),
            thread_ts=self._read_thread(row),
            first_tried_at=row.first_tried_at,
        )

    def next_due_at(self) -> datetime | None:
        """When the next waiting row becomes due; None: nothing waits."""
        due_at = func.coalesce(outbox.c.not_before, outbox.c.queued_at)
        found: datetime | None = self._tx.execute(
            select(func.min(due_at)).where(outbox.c.state.in_(_DUE)).where(~_older_one_waits())
        ).scalar_one()
        return found

    def mark_sending(self, key: str, at: datetime) -> None:
        """The row is about to be sent."""
        first_tried_at = func.coalesce(outbox.c.first_tried_at, at)
        self._mark(key, DeliveryState.SENDING, first_tried_at=first_tried_at, attempts=outbox.c.attempts + 1)

    def mark_sent(self, key: str, ts: str, at: datetime) -> None:
        """It arrived."""
        self._mark(key, DeliveryState.SENT, slack_ts=ts, sent_at=at, last_error="")

    def mark_pending(self, key: str, not_before: datetime, reason: str) -> None:
        """It was certainly not sent; try again from `not_before`."""
        self._mark(key, DeliveryState.PENDING, not_before=not_before, last_error=clean_text(reason))

    def mark_unknown(self, key: str, not_before: datetime, reason: str) -> None:
        """It may have been sent; look from `not_before`."""
        self._mark(key, DeliveryState.UNKNOWN, not_before=not_before, last_error=clean_text(reason))

    def mark_dead(self, key: str, reason: str) -> None:
        """It was refused for good; an operator must act."""
        self._mark(key, DeliveryState.DEAD, last_error=clean_text(reason))

    @property
    def _tx(self) -> Connection:
        if self._held is None:
            raise RuntimeError("the outbox is used outside of sender_lock()")
        return self._held

    def _mark(self, key: str, state: DeliveryState, **columns: Any) -> None:
        self._tx.execute(update(outbox).where(outbox.c.key == key).values(state=state.value, **columns))

    def _read_thread(self, row: Any) -> str | None:
        if row.story_id is None:  # notices are no thread
            return None
        return self._tx.execute(
            select(outbox.c.slack_ts)
            .where(
                outbox.c.story_id == row.story_id,
                outbox.c.channel == row.channel,
                outbox.c.state == DeliveryState.SENT.value,
                outbox.c.slack_ts != "",
            )
            # A first message that was refused and resent later is a reply: the earliest ts is the thread's.
            .order_by(outbox.c.slack_ts)
            .limit(1)
        ).scalar_one_or_none()


def _older_one_waits() -> Any:
    """SQL condition: an older row of the same story and channel is not delivered yet."""
    older = outbox.alias("older")
    return (
        select(older.c.key)
        .where(
            older.c.story_id == outbox.c.story_id,
            older.c.channel == outbox.c.channel,
            older.c.sequence < outbox.c.sequence,
            older.c.state.in_(_WAITING),
        )
        .exists()
    )


def resend_dead(tx: Connection) -> int:
    """After the cause is mended: let every dead row be looked for in its channel, then sent; returns how many."""
    return tx.execute(
        update(outbox)
        .where(outbox.c.state == DeliveryState.DEAD.value)
        .values(state=DeliveryState.UNKNOWN.value, not_before=None)
    ).rowcount


def has_story(tx: Connection, story_id: StoryId) -> bool:
    """Whether a message about this story was ever queued."""
    return tx.execute(select(outbox.c.key).where(outbox.c.story_id == story_id).limit(1)).first() is not None


def read_run_alerts(tx: Connection, run_id: RunId) -> list[Alert]:
    """The alerts that one run queued, in order."""
    rows = tx.execute(select(outbox.c.record).where(outbox.c.run_id == run_id).order_by(outbox.c.sequence))
    return [from_json(Alert, row.record) for row in rows]


def count_states(tx: Connection) -> dict[str, int]:
    """Number of messages in each state."""
    rows = tx.execute(select(outbox.c.state, func.count().label("number")).group_by(outbox.c.state))
    return {row.state: row.number for row in rows}
