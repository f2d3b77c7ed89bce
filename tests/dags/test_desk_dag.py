"""The DAG between the walks as Airflow reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
