"""Runs: one row per walk, written once however often a task is repeated."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from pipeline.models import RunId
from pipeline.store.tables import runs
from pipeline.store.writes import insert_once


def start_run(tx: Connection, run_id: RunId, now: datetime, is_backfill: bool, started_at: datetime) -> None:
    """Register a run; a repeated start changes nothing."""
    insert_once(tx, runs, id=run_id, now=now, is_backfill=is_backfill, started_at=started_at, state="running")


def finish_run(tx: Connection, run_id: RunId, finished_at: datetime, failure: str = "") -> None:
    """Close a run; `failure` says in one line what went wrong."""
    state = "failed" if failure else "finished"
    tx.execute(update(runs).where(runs.c.id == run_id).values(state=state, reason=failure, finished_at=finished_at))


def close_lost_runs(tx: Connection, started_before: datetime, finished_at: datetime, reason: str) -> list[RunId]:
    """Mark as failed what was started before and never ended: its process is gone; returns them, oldest first."""
    lost = (
        update(runs)
        .where(runs.c.state == "running", runs.c.started_at < started_before)
        .values(state="failed", reason=reason, finished_at=finished_at)
        .returning(runs.c.id, runs.c.started_at)
    )
    return [RunId(row.id) for row in sorted(tx.execute(lost), key=lambda row: row.started_at)]
