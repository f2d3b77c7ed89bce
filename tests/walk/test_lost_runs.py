"""A run whose process is gone is closed, and operations hear of it once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from pipeline import steps
from pipeline.models import RunId
from pipeline.steps.lost import LOST_AFTER, report_lost_runs
from pipeline.store import runs
from pipeline.store.database import Database
from pipeline.store.tables import outbox
from pipeline.store.tables import runs as run_table
from tests.walk.conftest import OpenWalk


def start_run(database: Database, run_id: str, ago: timedelta) -> None:
    at = datetime.now(UTC) - ago
    with database.begin() as tx:
        runs.start_run(tx, RunId(run_id), at, is_backfill=False, started_at=at)


def read_state(database: Database, run_id: str) -> str:
    with database.begin() as tx:
        return str(tx.execute(select(run_table.c.state).where(run_table.c.id == run_id)).scalar_one())


def read_keys(database: Database) -> list[str]:
    with database.begin() as tx:
        return list(tx.execute(select(outbox.c.key)).scalars())


@pytest.mark.parametrize("told_by", [report_lost_runs, steps.plan_run, steps.attend_desk])
def test_a_lost_run_is_closed_and_told_once(told_by: object, database: Database, walk_at: OpenWalk) -> None:
    start_run(database, "scheduled__lost", LOST_AFTER + timedelta(minutes=1))
    with walk_at(datetime.now(UTC)) as walk:
        for _ in range(2):
            told_by(walk)  # type: ignore[operator]
    assert read_state(database, "scheduled__lost") == "failed"
    assert read_keys(database) == ["lost-run/scheduled__lost"]


def test_a_run_that_may_still_work_is_left_alone(database: Database, walk_at: OpenWalk) -> None:
    start_run(database, "scheduled__long", LOST_AFTER - timedelta(minutes=1))
    with walk_at(datetime.now(UTC)) as walk:
        assert report_lost_runs(walk) == 0
    assert read_state(database, "scheduled__long") == "running"
    assert read_keys(database) == []
