"""The health of sources: looks that are not counted in yet, what became of each source, what nobody was told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, text, true, update

from pipeline.models import Health, HealthState, Look, SourceChange, SourceId, Volume
from pipeline.store.codec import clean_text, from_json, to_json
from pipeline.store.tables import runs, source_changes, source_checks, sources
from pipeline.store.writes import insert_once

MAX_LOOKS = 5000  # of one source at once; what is left is taken up by the next run
_JUDGE_LOCK = 0x48_45_41_4C  # "HEAL": one judge per database


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A source with the looks that its health does not count in yet, oldest first."""

    source_id: SourceId
    health: Health
    looks: tuple[Look, ...]


def hold_judgement(tx: Connection) -> None:
    """Wait until no other walk judges sources or writes their digest; held to the end of the transaction."""
    tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _JUDGE_LOCK})


def list_ids(tx: Connection) -> list[SourceId]:
    """The ids of all sources."""
    return [SourceId(source_id) for source_id in tx.execute(select(sources.c.id).order_by(sources.c.id)).scalars()]


def read_unjudged(tx: Connection, ids: Sequence[SourceId]) -> list[Unjudged]:
    """The sources of these ids that were looked at since they were judged. What a backfill looked at says nothing."""
    judged_at = func.coalesce(sources.c.judged_at, text("'-infinity'::timestamptz"))
    # One short range of the index for each source: as a plain join it would read all looks that are kept.
    newer = (
        select(source_checks)
        .join(runs, runs.c.id == source_checks.c.run_id)
        .where(source_checks.c.source_id == sources.c.id, source_checks.c.checked_at > judged_at, ~runs.c.is_backfill)
        .order_by(source_checks.c.checked_at, source_checks.c.id)
        .limit(MAX_LOOKS)
        .lateral("newer")
    )
    rows = tx.execute(select(newer).select_from(sources).join(newer, true()).where(sources.c.id.in_(ids)))
    looks: dict[SourceId, list[Look]] = {}
    for row in rows:
        looks.setdefault(row.source_id, []).append(_read_look(row))
    # Locked, so that none of them is removed before what is found is saved.
    remembered = select(sources.c.id, sources.c.health).where(sources.c.id.in_(looks)).with_for_update()
    return [Unjudged(row.id, _read_health(row.health), tuple(looks[row.id])) for row in tx.execute(remembered)]


def list_health(tx: Connection) -> dict[SourceId, Health]:
    """What is remembered of every source."""
    return {SourceId(row.id): _read_health(row.health) for row in tx.execute(select(sources.c.id, sources.c.health))}


def save_health(tx: Connection, judged: Mapping[SourceId, Health], changes: Sequence[SourceChange]) -> None:
    """Keep what became of the sources, and what operations should hear of; nothing of it twice."""
    if judged:
        tx.execute(
            update(sources).where(sources.c.id == bindparam("source_id")),
            [_make_row(source_id, health) for source_id, health in judged.items()],
        )
    for change in changes:
        insert_once(
            tx,
            source_changes,
            source_id=change.source_id,
            changed_at=change.changed_at,
            was=change.was.value,
            became=change.became.value,
            since=change.since,
            reason=clean_text(change.reason),
        )


def read_untold(tx: Connection) -> list[SourceChange]:
    """The changes that no digest has told, in the order in which they were decided."""
    untold = select(source_changes).where(source_changes.c.told_in.is_(None)).order_by(source_changes.c.id)
    return [_read_change(row) for row in tx.execute(untold)]


def mark_told(tx: Connection, key: str) -> int:
    """All changes up to now are told in this digest; returns how many they were."""
    untold = update(source_changes).where(source_changes.c.told_in.is_(None))
    return tx.execute(untold.values(told_in=key)).rowcount


def read_names(tx: Connection, ids: Sequence[SourceId]) -> dict[SourceId, str]:
    """The names of these sources."""
    rows = tx.execute(select(sources.c.id, sources.c.name).where(sources.c.id.in_(ids)))
    return {SourceId(row.id): row.name for row in rows}


def forget_looks(tx: Connection, before: datetime) -> int:
    """Delete the looks from before an instant; returns how many went."""
    return tx.execute(delete(source_checks).where(source_checks.c.checked_at < before)).rowcount


def forget_changes(tx: Connection, before: datetime) -> int:
    """Delete the changes from before an instant; returns how many went."""
    return tx.execute(delete(source_changes).where(source_changes.c.changed_at < before)).rowcount


def _make_row(source_id: SourceId, health: Health) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "state": health.state.value,
        "state_since": health.since,
        "state_reason": clean_text(health.reason),
        "judged_at": health.looked_at,
        "health": to_json(health),
    }


def _read_health(kept: Any) -> Health:
    return from_json(Health, kept) if kept else Health()


def _read_look(row: Row[Any]) -> Look:
    return Look(row.checked_at, row.outcome, row.reason, row.entries_new, row.took_seconds, row.has_content)


def _read_change(row: Row[Any]) -> SourceChange:
    return SourceChange(
        source_id=SourceId(row.source_id),
        changed_at=row.changed_at,
        was=_read_state(row.was),
        became=_read_state(row.became),
        since=row.since,
        reason=row.reason,
    )


def _read_state(value: str) -> HealthState | Volume:
    return Volume(value) if value in set(Volume) else HealthState(value)
