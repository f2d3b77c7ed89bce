"""Items on their walk: who waits for which room, and what each room answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, delete, func, literal, select, text, update

from pipeline.models import Entry, FeedHints, ItemId, Outcome, Room, RunId, SourceId, Validators
from pipeline.store.codec import clean_text, from_json
from pipeline.store.tables import articles, items, outcomes, pages, runs
from pipeline.store.versions import is_version_of
from pipeline.store.writes import write_rows

FAULT = "fault"  # the outcome of an item on which a room of ours broke
_ROOM_LOCKS = 0x57_49_52_45  # "WIRE": the space of our advisory locks, one per room
_NEXT_ROOM = dict(zip(list(Room), [*list(Room)[1:], None], strict=True))


# One statement each, because every item passes them in every room. A row that another walker has sent on while this
# one waited for the room is looked at again when it is locked (PostgreSQL manual, section 13.2.1).
_CLAIM = text(
    """
    WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(:space, :number))
    SELECT items.id FROM held, items WHERE items.id = :item_id AND items.waiting_for = :room FOR UPDATE OF items
    """
)
_SAVE_OUTCOME = text(
    """
    WITH answered AS (
        INSERT INTO outcomes (item_id, room, run_id, outcome, reason, passed, decided_at)
        VALUES (:item_id, :room, :run_id, :outcome, :reason, :passed, :decided_at)
        ON CONFLICT DO NOTHING RETURNING item_id
    )
    UPDATE items SET waiting_for = :following FROM answered WHERE items.id = answered.item_id
    """
)
_SAVE_OUTCOMES = text(
    """
    WITH given AS (
        SELECT * FROM json_to_recordset(CAST(:rows AS json))
            AS (item_id text, room text, outcome text, reason text, passed boolean, following text)
    ), answered AS (
        INSERT INTO outcomes (item_id, room, run_id, outcome, reason, passed, decided_at)
        SELECT item_id, room, :run_id, outcome, reason, passed, :decided_at FROM given
        ON CONFLICT DO NOTHING
    )
    UPDATE items SET waiting_for = given.following FROM given WHERE items.id = given.item_id
    """
)

_LONGEST_WAITING = (items.c.version > 1, items.c.first_seen_at, items.c.id)  # what is new before what was edited


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """An entry whose page has not been read, and how often that was tried."""

    entry: Entry
    attempts: int  # runs in which it was tried, before this one
    version_of: ItemId | None = None  # the article that it is a later version of


def read_waiting_entries(
    tx: Connection, run_id: RunId, source_ids: Sequence[SourceId], limit_per_source: int, now: datetime
) -> list[WaitingEntry]:
    """Entries of these sources whose page is still to be fetched; of each source the longest waiting.

    A later version waits for its time, and until the one before it has left all rooms.
    """
    waiting = (
        select(items, func.row_number().over(partition_by=items.c.source_id, order_by=_LONGEST_WAITING).label("place"))
        .where(items.c.waiting_for == Room.FETCH.value, items.c.source_id.in_(source_ids))
        .where(items.c.read_after.is_(None) | (items.c.read_after <= now))
        .where(items.c.version_of.is_(None) | ~_is_before_walking())
        .subquery()
    )
    last_page = _select_last_page(waiting.c.version_of, waiting.c.version)
    rows = tx.execute(
        select(waiting, last_page.label("validators"))
        .where(waiting.c.place <= limit_per_source)
        .order_by(waiting.c.place, waiting.c.id)
    )
    return [_read_waiting_entry(row, run_id) for row in rows]


def _is_before_walking() -> ColumnElement[bool]:
    """SQL condition: an earlier version of the item is in a room behind the front door."""
    before = items.alias("before")
    return (
        select(before.c.id)
        .where(is_version_of(before, items.c.version_of))
        .where(before.c.version < items.c.version)
        .where(before.c.waiting_for.is_not(None), before.c.waiting_for != Room.FETCH.value)
        .exists()
    )


def _select_last_page(first_id: ColumnElement[str], version: ColumnElement[int]) -> ColumnElement[object]:
    """SQL value: the validators of the newest page that an article was read from before this version."""
    known = items.alias("known")
    newest: Select[object] = (
        select(pages.c.record["validators"])
        .join(known, known.c.id == pages.c.item_id)
        .where(is_version_of(known, first_id), known.c.version < version)
        .order_by(known.c.version.desc())
        .limit(1)
    )
    return newest.scalar_subquery()


def _read_waiting_entry(row: Row[Any], run_id: RunId) -> WaitingEntry:
    entry = Entry(
        item_id=ItemId(row.id),
        source_id=SourceId(row.source_id),
        url=row.url,
        canonical_url=row.canonical_url,
        hints=from_json(FeedHints, row.hints),
        first_seen_at=row.first_seen_at,
        validators=from_json(Validators, row.validators) if row.validators else Validators(),
    )
    return WaitingEntry(entry, row.fetch_attempts - (row.last_fetch_run_id == run_id), row.version_of)


def read_waiting(tx: Connection, room: Room) -> list[ItemId]:
    """What has this room not answered yet? In order of publication, later versions by when they were noticed.

    Behind dedupe those come first that an earlier run compared: group and detect follow the order of dedupe, whatever
    has arrived late since an earlier run was cut.
    """
    told_at = func.coalesce(articles.c.published_at, items.c.first_seen_at)
    compared = (outcomes.c.item_id == items.c.id) & (outcomes.c.room == Room.DEDUPE.value)
    rows = tx.execute(
        select(items.c.id)
        .outerjoin(articles, articles.c.item_id == items.c.id)
        .outerjoin(outcomes, compared)
        .outerjoin(runs, runs.c.id == outcomes.c.run_id)
        .where(items.c.waiting_for == room.value)
        .order_by(runs.c.started_at, case((items.c.version > 1, items.c.first_seen_at), else_=told_at))
        .order_by(items.c.version, items.c.id)
    )
    return [ItemId(row.id) for row in rows]


def save_outcome(tx: Connection, run_id: RunId, outcome: Outcome, decided_at: datetime) -> None:
    """Store how an item left a room and send it on, or end its walk. The first answer stands."""
    following = _NEXT_ROOM[outcome.room] if outcome.passed else None
    tx.execute(
        _SAVE_OUTCOME,
        {
            "item_id": outcome.item_id,
            "room": outcome.room.value,
            "run_id": run_id,
            "outcome": outcome.outcome,
            "reason": clean_text(outcome.reason),
            "passed": outcome.passed,
            "decided_at": decided_at,
            "following": following.value if following else None,
        },
    )


def claim_item(tx: Connection, item_id: ItemId, room: Room) -> bool:
    """Hold an item until the end of the transaction; False when another walker has taken it through the room already.

    One item at a time in a room, whoever walks: what a room decides depends on what it decided before.
    """
    wanted = {"space": _ROOM_LOCKS, "number": list(Room).index(room), "item_id": item_id, "room": room.value}
    return tx.execute(_CLAIM, wanted).first() is not None


def claim_items(tx: Connection, ids: Sequence[ItemId], room: Room) -> set[ItemId]:
    """The same for many items at once: those that still wait for the room."""
    tx.execute(select(func.pg_advisory_xact_lock(_ROOM_LOCKS, list(Room).index(room))))
    waiting = select(items.c.id).where(items.c.id.in_(ids), items.c.waiting_for == room.value).with_for_update()
    return {ItemId(item_id) for item_id in tx.execute(waiting).scalars()}


def save_outcomes(tx: Connection, run_id: RunId, decided: Sequence[Outcome], decided_at: datetime) -> None:
    """Store how items that were claimed left their room and send them on, or end their walk."""
    rows = [
        {
            "item_id": each.item_id,
            "room": each.room,
            "outcome": each.outcome,
            "reason": clean_text(each.reason),
            "passed": each.passed,
            "following": _NEXT_ROOM[each.room] if each.passed else None,
        }
        for each in decided
    ]
    tx.execute(_SAVE_OUTCOMES, {"run_id": run_id, "decided_at": decided_at, "rows": write_rows(rows)})


def save_failed_attempt(tx: Connection, run_id: RunId, item_id: ItemId, reason: str, is_attempt: bool) -> None:
    """A page that did not arrive this time; it keeps waiting. However often a run tries, it is one attempt."""
    is_new = literal(is_attempt) & items.c.last_fetch_run_id.is_distinct_from(run_id)
    tx.execute(
        update(items)
        .where(items.c.id == item_id)
        .values(
            fetch_attempts=items.c.fetch_attempts + case((is_new, 1), else_=0),
            last_fetch_run_id=run_id if is_attempt else items.c.last_fetch_run_id,
            last_fetch_reason=clean_text(reason),
        )
    )


def retry_faults(tx: Connection) -> int:
    """Let every item that ended in a fault of ours enter that room again; returns how many."""
    ended = tx.execute(
        delete(outcomes).where(outcomes.c.outcome == FAULT).returning(outcomes.c.item_id, outcomes.c.room)
    )
    faults = ended.all()
    for fault in faults:
        tx.execute(update(items).where(items.c.id == fault.item_id).values(waiting_for=fault.room))
    return len(faults)
