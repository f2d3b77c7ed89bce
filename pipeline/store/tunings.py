"""Thresholds of detection, version by version; the newest is in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, desc, insert, select

from pipeline.models import Tuning
from pipeline.store.codec import from_json, to_json
from pipeline.store.tables import tunings


@dataclass(frozen=True, slots=True)
class StoredTuning:
    """A version with the time at which it took over."""

    version: int
    made_at: datetime
    tuning: Tuning


def save_tuning(tx: Connection, tuning: Tuning, made_at: datetime) -> int:
    """Put thresholds into use; returns their version."""
    made = insert(tunings).values(made_at=made_at, record=to_json(tuning)).returning(tunings.c.version)
    version: int = tx.execute(made).scalar_one()
    return version


def list_tunings(tx: Connection, most: int = 20) -> list[StoredTuning]:
    """The versions, that in use first; empty: the thresholds of the code are in use."""
    rows = tx.execute(select(tunings).order_by(desc(tunings.c.version)).limit(most))
    return [StoredTuning(row.version, row.made_at, from_json(Tuning, row.record)) for row in rows]
