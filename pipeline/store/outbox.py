"""The outbox in PostgreSQL: what waits to be said, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, case, func, or_, select, text, update

from pipeline.models import (
    Alert,
    DeliveryState,
    MessageKind,
    Notice,
    OutboxRow,
    Posted,
    RunId,
    StoryId,
    StoryThread,
)
from pipeline.store.codec import clean_text, from_json, to_json
from pipeline.store.database import Database
from pipeline.store.tables import items, outbox, story_members
from pipeline.store.threads import IS_ALERT, is_told_of
from pipeline.store.turns import DUE, WAITING, place_alert, place_thread, select_turns
from pipeline.store.writes import insert_once

_SENDER_LOCK = 0x57_49_52_45  # "WIRE": one sender per database
_IS_ELSEWHERE = outbox.c.channel.startswith("to:")  # no channel of Slack: see pipeline.alert.settings
_RECORDS: dict[str, type[Alert | StoryThread | Notice]] = {
    MessageKind.ALERT.value: Alert,
    MessageKind.THREAD.value: StoryThread,
    MessageKind.NOTICE.value: Notice,
}


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Until when an alert is held, why, and in which digest it is then told; no key: by itself."""

    until: datetime
    reason: str
    bundle_key: str | None = None


def queue_alert(tx: Connection, run_id: RunId, alert: Alert, queued_at: datetime, held: HeldBack | None = None) -> bool:
    """Put an alert in the outbox, held back or not; False when its key is there already."""
    state = DeliveryState.HELD if held else DeliveryState.PENDING
    return insert_once(
        tx,
        outbox,
        key=alert.key,
        channel=alert.channel,
        story_id=alert.story_id,
        item_id=alert.item_id,
        run_id=run_id,
        record=to_json(alert),
        state=state.value,
        queued_at=queued_at,
        not_before=held.until if held else None,
        held_for=clean_text(held.reason) if held else "",
        bundle_key=held.bundle_key if held else None,
    )


def queue_notice(tx: Connection, notice: Notice, queued_at: datetime) -> bool:
    """Put a notice in the outbox; False when its key is there already."""
    return insert_once(
        tx,
        outbox,
        key=notice.key,
        channel=notice.channel,
        kind=MessageKind.NOTICE.value,
        record=to_json(notice),
        state=DeliveryState.PENDING.value,
        queued_at=queued_at,
    )


@dataclass(frozen=True, slots=True)
class DueBundle:
    """The alerts of one channel that are told together by now, oldest first."""

    key: str
    channel: str
    due_at: datetime
    held_for: str
    alerts: tuple[Alert, ...]


def release_held(tx: Connection, now: datetime) -> int:
    """Let what was held back until now, to be told by itself, be sent; returns how many."""
    is_due = _is_held(now) & outbox.c.bundle_key.is_(None)
    released = update(outbox).where(is_due).values(state=DeliveryState.PENDING.value, not_before=None)
    return tx.execute(released).rowcount


def read_due_bundles(tx: Connection, now: datetime) -> list[DueBundle]:
    """The digests that are due, with what they have to tell, each about the story that its article belongs to by now;
    the rows stay locked until the transaction ends.
    """
    rows = tx.execute(
        select(outbox, story_members.c.story_id.label("stands"))
        .join(story_members, story_members.c.item_id == outbox.c.item_id)
        .where(_is_held(now), outbox.c.bundle_key.is_not(None))
        .order_by(outbox.c.bundle_key, outbox.c.sequence)
        .with_for_update(of=outbox)
    ).all()
    bundles = []
    for key, group in groupby(rows, key=lambda row: row.bundle_key):
        members = list(group)
        alerts = tuple(replace(from_json(Alert, row.record), story_id=row.stands) for row in members)
        bundles.append(DueBundle(key, members[0].channel, members[0].not_before, members[0].held_for, alerts))
    return bundles


def mark_bundled(tx: Connection, key: str) -> int:
    """What this digest held is told by it; returns how many alerts."""
    is_told = (outbox.c.bundle_key == key) & (outbox.c.state == DeliveryState.HELD.value)
    return tx.execute(update(outbox).where(is_told).values(state=DeliveryState.BUNDLED.value)).rowcount


def _is_held(until: datetime) -> Any:
    return (outbox.c.state == DeliveryState.HELD.value) & (outbox.c.not_before <= until)


def read_unsent(tx: Connection) -> list[tuple[Alert, str]]:
    """The alerts of which nothing has left yet, each about the story that its article belongs to by now, and with the
    name of its source; locked until the transaction ends.
    """
    is_unsent = outbox.c.state.in_((DeliveryState.PENDING.value, DeliveryState.HELD.value))
    rows = tx.execute(
        select(outbox.c.record, items.c.source_name, story_members.c.story_id)
        .join(items, items.c.id == outbox.c.item_id)
        .join(story_members, story_members.c.item_id == outbox.c.item_id)
        .where(IS_ALERT, is_unsent)
        .order_by(outbox.c.sequence)
        .with_for_update(of=outbox)
    )
    return [(replace(from_json(Alert, row.record), story_id=row.story_id), row.source_name) for row in rows]


def mark_muted(tx: Connection, key: str, reason: str) -> None:
    """The desk does not want to hear of it any more: it is not told, and not later either."""
    muted = update(outbox).where(outbox.c.key == key)
    tx.execute(muted.values(state=DeliveryState.MUTED.value, held_for=clean_text(reason), not_before=None))


def read_told_routes(tx: Connection, story_id: StoryId) -> frozenset[str]:
    """The routes that have brought a development of this story to a channel."""
    routes = outbox.c.record["route"].astext
    rows = tx.execute(select(routes.label("route")).where(is_told_of(story_id)).distinct())
    return frozenset(row.route for row in rows if row.route)


class PostgresOutbox:
    """The rows to be delivered, marked on the one connection that holds the sender's lock.

    Losing the connection loses the lock and the marking with it, so two senders never overlap.
    """

    def __init__(self, database: Database, destination: str | None = None) -> None:
        """`destination`: only rows of that channel to:NAME; None: all others, which go to Slack or the console."""
        self._database = database
        self._is_ours = outbox.c.channel == destination if destination else ~_IS_ELSEWHERE
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
            .where(outbox.c.state == DeliveryState.SENDING.value, self._is_ours)
            .values(
                state=DeliveryState.UNKNOWN.value,
                not_before=look_at,
                in_doubt=True,
                last_error="the sender was interrupted",
            )
        ).rowcount

    def next_due(self, now: datetime) -> OutboxRow | None:
        """The oldest due row whose turn it is; threads are brought up to date after everything else."""
        row = self._tx.execute(
            select_turns(outbox)
            .where(self._is_ours, or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now))
            .order_by(outbox.c.kind == MessageKind.THREAD.value, outbox.c.sequence)
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        message = from_json(_RECORDS[row.kind], row.record)
        found = OutboxRow(message, DeliveryState(row.state), first_tried_at=row.first_tried_at, revision=row.revision)
        if isinstance(message, Alert):
            return place_alert(self._tx, row, message, found)
        return place_thread(self._tx, row, message, found) if isinstance(message, StoryThread) else found

    def next_due_at(self) -> datetime | None:
        """When the next waiting row becomes due; None: nothing waits."""
        due_at = func.coalesce(outbox.c.not_before, outbox.c.queued_at)
        found: datetime | None = self._tx.execute(select_turns(func.min(due_at)).where(self._is_ours)).scalar_one()
        return found

    def mark_sending(self, message: Alert | StoryThread | Notice, at: datetime, thread_ts: str | None = None) -> bool:
        """The row is about to be sent, as a reply or not; an alert is told under the story that it names now.

        False when it does not wait any more: the desk muted it, or a digest has it.
        """
        values: dict[str, Any] = {
            "first_tried_at": func.coalesce(outbox.c.first_tried_at, at),
            "attempts": outbox.c.attempts + 1,
            "thread_ts": thread_ts,
        }
        if isinstance(message, Alert):
            values |= {"story_id": message.story_id, "record": to_json(message)}
        waits = update(outbox).where(outbox.c.key == message.key, outbox.c.state.in_(DUE))
        return self._tx.execute(waits.values(state=DeliveryState.SENDING.value, **values)).rowcount > 0

    def mark_sent(self, key: str, posted: Posted, at: datetime) -> None:
        """It arrived."""
        where = {"slack_ts": posted.ts, "thread_ts": posted.thread_ts}
        self._mark(key, DeliveryState.SENT, sent_at=at, last_error="", **where)

    def mark_updated(self, key: str, revision: int, at: datetime) -> None:
        """This revision of a thread is shown; when a newer one was queued meanwhile, that waits."""
        is_newest = outbox.c.revision == revision
        state = case((is_newest, DeliveryState.SENT.value), else_=DeliveryState.PENDING.value)
        done = update(outbox).where(outbox.c.key == key)
        self._tx.execute(done.values(state=state, sent_at=at, not_before=None, last_error=""))

    def mark_pending(self, key: str, not_before: datetime, reason: str) -> None:
        """It was certainly not sent; try again from `not_before`."""
        self._mark(key, DeliveryState.PENDING, not_before=not_before, last_error=clean_text(reason))

    def mark_unknown(self, key: str, not_before: datetime, reason: str) -> None:
        """It may have been sent; look from `not_before`."""
        self._mark(key, DeliveryState.UNKNOWN, not_before=not_before, in_doubt=True, last_error=clean_text(reason))

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


def resend_dead(tx: Connection) -> int:
    """After the cause is mended: let every dead row be sent; returns how many.

    One that may have arrived is looked for first, where that can be done; the others certainly never arrived.
    """
    state = case((outbox.c.in_doubt, DeliveryState.UNKNOWN.value), else_=DeliveryState.PENDING.value)
    is_dead = outbox.c.state == DeliveryState.DEAD.value
    return tx.execute(update(outbox).where(is_dead).values(state=state, not_before=None)).rowcount


def list_destinations(tx: Connection) -> list[str]:
    """The channels to:NAME that something waits for, in order of their names."""
    waiting = select(outbox.c.channel).where(_IS_ELSEWHERE, outbox.c.state.in_(WAITING)).distinct()
    return list(tx.execute(waiting.order_by(outbox.c.channel)).scalars())


def has_story(tx: Connection, story_id: StoryId) -> bool:
    """Whether an alert about an article of this story was ever queued."""
    return tx.execute(select(outbox.c.key).where(is_told_of(story_id)).limit(1)).first() is not None


def read_run_alerts(tx: Connection, run_id: RunId) -> list[Alert]:
    """The alerts that one run queued, in order."""
    of_run = (outbox.c.run_id == run_id) & IS_ALERT
    rows = tx.execute(select(outbox.c.record).where(of_run).order_by(outbox.c.sequence))
    return [from_json(Alert, row.record) for row in rows]


def count_states(tx: Connection) -> dict[str, int]:
    """Number of messages in each state; threads brought up to date are no messages of their own."""
    rows = tx.execute(
        select(outbox.c.state, func.count().label("number"))
        .where(outbox.c.kind != MessageKind.THREAD.value)
        .group_by(outbox.c.state)
    )
    return {row.state: row.number for row in rows}
