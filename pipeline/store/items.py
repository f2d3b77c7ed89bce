"""Items on their walk: who waits for which room, and what each room answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from pipeline.models import Entry, FeedHints, ItemId, Outcome, Room, RunId, SourceId
from pipeline.store.codec import clean_text, from_json
from pipeline.store.tables import articles, items, outcomes
from pipeline.store.writes import insert_once

_NEXT_ROOM = dict(zip(list(Room), [*list(Room)[1:], None], strict=True))


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """An entry whose page has not been read, and how often that was tried."""

    entry: Entry
    attempts: int


def read_waiting_entries(tx: Connection, source_ids: Sequence[SourceId], limit: int) -> list[WaitingEntry]:
    """Entries of these sources whose page is still to be fetched, the longest waiting first."""
    rows = tx.execute(
        select(items)
        .where(items.c.waiting_for == Room.FETCH.value, items.c.source_id.in_(source_ids))
        .order_by(items.c.first_seen_at, items.c.id)
        .limit(limit)
    )
    return [
        WaitingEntry(
            Entry(
                item_id=ItemId(row.id),
                source_id=SourceId(row.source_id),
                url=row.url,
                canonical_url=row.canonical_url,
                hints=from_json(FeedHints, row.hints),
                first_seen_at=row.first_seen_at,
            ),
            row.fetch_attempts,
        )
        for row in rows
    ]


def read_waiting(tx: Connection, room: Room) -> list[ItemId]:
    """What has this room not answered yet? In order of publication, then of first sight."""
    rows = tx.execute(
        select(items.c.id)
        .outerjoin(articles, articles.c.item_id == items.c.id)
        .where(items.c.waiting_for == room.value)
        .order_by(func.coalesce(articles.c.published_at, items.c.first_seen_at), items.c.id)
    )
    return [ItemId(row.id) for row in rows]


def save_outcome(tx: Connection, run_id: RunId, outcome: Outcome, decided_at: datetime) -> None:
    """Store how an item left a room and send it on, or end its walk. The first answer stands."""
    is_first_answer = insert_once(
        tx,
        outcomes,
        item_id=outcome.item_id,
        room=outcome.room.value,
        run_id=run_id,
        outcome=outcome.outcome,
        reason=clean_text(outcome.reason),
        passed=outcome.passed,
        decided_at=decided_at,
    )
    if is_first_answer:
        following = _NEXT_ROOM[outcome.room] if outcome.passed else None
        tx.execute(
            update(items)
            .where(items.c.id == outcome.item_id)
            .values(waiting_for=following.value if following else None)
        )


def save_failed_attempt(tx: Connection, item_id: ItemId, reason: str) -> None:
    """A page that did not arrive this time; it keeps waiting."""
    tx.execute(
        update(items)
        .where(items.c.id == item_id)
        .values(fetch_attempts=items.c.fetch_attempts + 1, last_fetch_reason=clean_text(reason))
    )
