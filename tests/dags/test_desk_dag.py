"""The DAG between the walks as Airflow reads it."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Settings
from pipeline.models import RunId
from pipeline.steps import Walk
from pipeline.steps.lost import LOST_AFTER
from pipeline.store import runs
from pipeline.store.database import Database

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def desk() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(DAGS))
    assert bag.import_errors == {}
    return bag.dags["desk"]


def test_its_documentation_names_every_task(desk: Any) -> None:
    for each in desk.tasks:
        assert f"`{each.task_id}`" in desk.doc_md


def test_delivery_comes_last_and_whatever_came_before(desk: Any) -> None:
    assert desk.topological_sort()[-1].task_id == "deliver"
    assert desk.get_task("deliver").trigger_rule == "all_done"


def test_runs_do_not_overlap_and_are_not_made_up(desk: Any) -> None:
    assert (desk.schedule, desk.catchup, desk.max_active_runs) == ("*/15 * * * *", False, 1)


def test_delivery_tells_of_a_run_that_was_lost(
    desk: Any, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    started_at = now - LOST_AFTER - timedelta(minutes=1)
    with database.begin() as tx:
        runs.start_run(tx, RunId("scheduled__lost"), started_at, is_backfill=False, started_at=started_at)
    deliver = desk.get_task("deliver").python_callable
    walk = Walk(RunId("desk"), now, Settings(), database)
    monkeypatch.setitem(deliver.__globals__, "join_desk", lambda: nullcontext(walk))
    assert deliver() == {"sent": 1}
    assert "The run scheduled__lost was lost" in capsys.readouterr().out
