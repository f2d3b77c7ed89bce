"""Sources, what each look at them gave, and the entries they point at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from pipeline.models import Entry, HealthState, Room, RunId, Source, SourceCheck, SourceId, SourceKind, Validators
from pipeline.store.codec import clean_text, to_json
from pipeline.store.tables import items, source_checks, sources
from pipeline.store.writes import insert_all_once, insert_once

GOOD_OUTCOMES = ("ok", "unchanged", "empty")
NOT_ASKED = "postponed"  # time ran out, or its host wants rest: says nothing about the source


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source with its last outcome; None where it was never looked at."""

    source: Source
    last_checked_at: datetime | None
    last_success_at: datetime | None
    last_outcome: str | None
    last_reason: str | None
    failures_in_a_row: int
    state: HealthState = HealthState.NEW
    state_since: datetime | None = None
    state_reason: str = ""


def add_source(tx: Connection, source: Source, now: datetime) -> bool:
    """Store a source; False when its address is known already."""
    return insert_once(
        tx,
        sources,
        id=source.id,
        name=clean_text(source.name),
        publisher=clean_text(source.publisher),
        kind=source.kind.value,
        address=source.address,
        added_at=now,
    )


def remove_source(tx: Connection, id_or_address: str) -> int | None:
    """Stop watching a source; its articles stay, its entries that were never read go.

    Returns how many went, so that another source may point at them again; None when there is no such source.
    """
    hit = (sources.c.id == id_or_address) | (sources.c.address == id_or_address)
    source_id = tx.execute(delete(sources).where(hit).returning(sources.c.id)).scalar_one_or_none()
    if source_id is None:
        return None
    unread = (items.c.source_id == source_id) & (items.c.waiting_for == Room.FETCH.value)
    # A first version may wait again, after a fault of ours: the later ones outlive it.
    gone = select(items.c.id).where(unread)
    tx.execute(update(items).where(items.c.version_of.in_(gone)).values(version_of=None))
    return tx.execute(delete(items).where(unread)).rowcount


def list_sources(tx: Connection) -> list[SourceState]:
    """All sources by name, with their last outcome."""
    return [
        SourceState(
            source=_read_source(row),
            last_checked_at=row.last_checked_at,
            last_success_at=row.last_success_at,
            last_outcome=row.last_outcome,
            last_reason=row.last_reason,
            failures_in_a_row=row.failures_in_a_row,
            state=HealthState(row.state),
            state_since=row.state_since,
            state_reason=row.state_reason,
        )
        for row in tx.execute(select(sources).order_by(sources.c.name, sources.c.id))
    ]


def read_unchecked(tx: Connection, run_id: RunId, ids: Sequence[SourceId]) -> list[Source]:
    """The sources of these ids that this run has not looked at yet; ids that are gone are left out.

    Those that had to wait last time come first: on a host with more sources than one run has time for, all get
    their turn.
    """
    checked = select(source_checks.c.source_id).where(source_checks.c.run_id == run_id)
    had_to_wait = func.coalesce(sources.c.last_outcome == NOT_ASKED, False)
    rows = tx.execute(
        select(sources)
        .where(sources.c.id.in_(ids), sources.c.id.not_in(checked))
        .order_by(had_to_wait.desc(), sources.c.id)
    )
    return [_read_source(row) for row in rows]


def read_validators(tx: Connection, ids: Sequence[SourceId]) -> dict[SourceId, Validators]:
    """What to ask 'has it changed?' with, per source.

    A source that fails is asked for its content: only that, and no 304, shows that it is well again.
    """
    rows = tx.execute(select(sources).where(sources.c.id.in_(ids)))
    return {SourceId(row.id): _read_validators(row, is_failing=_is_failing(row)) for row in rows}


def save_checks(tx: Connection, run_id: RunId, looks: Sequence[tuple[Source, SourceCheck]]) -> Counter[SourceId]:
    """Store looks at sources and their new entries; returns how many entries of each source were new.

    Entries, validators and outcome are one transaction: validators never outrun entries.
    """
    # Always in the same order: two feeds that list the same articles must not lock them crosswise.
    found = sorted(((entry, source) for source, check in looks for entry in check.entries), key=_get_item_id)
    is_new = {row.id for row in insert_all_once(tx, items, [make_item_row(run_id, *each) for each in found])}
    new: Counter[SourceId] = Counter()
    for entry, source in found:
        if entry.item_id in is_new:
            is_new.remove(entry.item_id)  # of two that point at it, the first
            new[source.id] += 1
    for source, check in sorted(looks, key=_get_source_id):
        if _save_look(tx, run_id, check, new[source.id]):
            _save_state(tx, check)
    return new


def _get_item_id(found: tuple[Entry, Source]) -> str:
    return found[0].item_id


def _get_source_id(look: tuple[Source, SourceCheck]) -> str:
    return look[0].id


def _save_look(tx: Connection, run_id: RunId, check: SourceCheck, entries_new: int) -> bool:
    """False when this run has looked at the source before."""
    return insert_once(
        tx,
        source_checks,
        run_id=run_id,
        source_id=check.source_id,
        checked_at=check.checked_at,
        outcome=check.outcome,
        reason=clean_text(check.reason),
        entries_seen=len(check.entries),
        entries_new=entries_new,
        refused=dict(check.refused),
        took_seconds=check.took_seconds,
        has_content=_has_content(check),
    )


def make_item_row(run_id: RunId, entry: Entry, source: Source) -> dict[str, Any]:
    """The row of `items` for an entry that is to be fetched."""
    return {
        "id": entry.item_id,
        "source_id": source.id,
        "source_name": clean_text(source.name),
        "publisher": clean_text(source.publisher),
        "url": clean_text(entry.url),
        "canonical_url": clean_text(entry.canonical_url),
        "hints": to_json(entry.hints),
        "hints_key": entry.hints_key,
        "first_seen_at": entry.first_seen_at,
        "first_run_id": run_id,
        "waiting_for": Room.FETCH.value,
    }


def _save_state(tx: Connection, check: SourceCheck) -> None:
    is_good = check.outcome in GOOD_OUTCOMES
    tx.execute(
        update(sources)
        .where(sources.c.id == check.source_id)
        .values(
            last_checked_at=check.checked_at,
            last_outcome=check.outcome,
            last_reason=clean_text(check.reason),
            last_success_at=check.checked_at if is_good else sources.c.last_success_at,
            failures_in_a_row=_count_failures(check),
            # A failed look brings no validators; the old ones still describe what is stored.
            **(_list_validators(check.validators) if is_good else {}),
        )
    )


def _has_content(check: SourceCheck) -> bool:
    """Whether the content itself was read, also where it proved to be the same."""
    return check.outcome in ("ok", "empty") or check.validators.content_read_at == check.checked_at


def _count_failures(check: SourceCheck) -> int | ColumnElement[int]:
    if check.outcome in GOOD_OUTCOMES:
        return 0 if _has_content(check) else sources.c.failures_in_a_row
    return sources.c.failures_in_a_row + int(check.outcome != NOT_ASKED)


def _list_validators(validators: Validators) -> dict[str, str | datetime | None]:
    return {
        "etag": _storable(validators.etag),
        "last_modified": _storable(validators.last_modified),
        "content_hash": validators.content_hash,
        "content_read_at": validators.content_read_at,
        "distrusted_until": validators.distrusted_until,
    }


def _is_failing(row: Row[Any]) -> bool:
    state = HealthState(row.state)
    return bool(row.failures_in_a_row > 0 or (state.is_trouble and state is not HealthState.SILENT))


def _read_validators(row: Row[Any], is_failing: bool) -> Validators:
    etag, last_modified = (None, None) if is_failing else (row.etag, row.last_modified)
    return Validators(etag, last_modified, row.content_hash, row.content_read_at, row.distrusted_until)


def _read_source(row: Row[Any]) -> Source:
    return Source(SourceId(row.id), row.name, row.publisher, SourceKind(row.kind), row.address)


def _storable(header: str | None) -> str | None:
    return clean_text(header) if header is not None else None
