"""The DAG that trains, as Airflow reads it."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def bag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(DAGS))


@pytest.fixture(scope="module")
def train(bag: Any) -> Any:
    return bag.dags["train"]


def test_what_the_dags_share_is_no_dag(bag: Any) -> None:
    assert bag.import_errors == {}
    assert not [dag for dag in bag.dags.values() if dag.fileloc.endswith("habits.py")]


def test_a_check_stands_before_the_training(train: Any) -> None:
    assert {task.task_id for task in train.tasks} == {"check", "train", "tune", "report_failure"}
    assert train.get_task("check").task_type == "_ShortCircuitDecoratedOperator"
    assert train.get_task("train").upstream_task_ids == {"check"}
    assert train.get_task("tune").upstream_task_ids == set(), "readers' verdicts are no labels of topics"


def test_the_documentation_is_the_docstring_and_names_every_task(train: Any) -> None:
    for task in train.tasks:
        assert f"`{task.task_id}`" in train.doc_md


def test_the_documentation_names_the_figures_of_the_code(train: Any) -> None:
    from pipeline.classify.upkeep.promotion import MACRO_TOLERANCE, WORST_TOLERANCE
    from pipeline.detect.tuning import LEAST_VERDICTS
    from pipeline.steps.training import NEW_LABELS_TO_TRAIN, TRAIN_AGAIN_AFTER

    said = " ".join(train.doc_md.split())
    assert f"On {NEW_LABELS_TO_TRAIN} new labels" in said
    assert f"With fewer than {LEAST_VERDICTS} alerts" in said
    assert timedelta(days=7) == TRAIN_AGAIN_AFTER
    assert re.search(rf"at most {MACRO_TOLERANCE} below .* at most {WORST_TOLERANCE} below", said)


def test_a_failure_is_reported_and_nothing_else_is(train: Any) -> None:
    last = train.get_task("report_failure")
    assert not train.get_task("check").ignore_downstream_trigger_rules, "it would skip the report too"
    assert last.trigger_rule == "one_failed"
    assert last.upstream_task_ids == {"check", "train", "tune"}
    assert [leaf.task_id for leaf in train.leaves] == ["report_failure"]


def test_runs_never_overlap_and_never_last_for_ever(train: Any) -> None:
    assert (train.max_active_runs, train.catchup, train.dagrun_timeout) == (1, False, timedelta(hours=1))
    assert all(task.retries == 2 and task.execution_timeout for task in train.tasks)


def test_what_needs_an_operator_is_not_tried_again(train: Any) -> None:
    from pipeline.errors import ModelError

    policy = train.get_task("train").retry_policy
    assert policy.evaluate(ModelError("no"), 1, 2).action.value == "fail"


def test_parsing_imports_nothing_heavy() -> None:
    code = (
        "import sys, airflow.sdk; before = set(sys.modules);"
        f"sys.path.insert(0, {str(DAGS)!r}); import train;"
        "print(sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    added = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    for heavy in ("sklearn", "numpy", "trafilatura", "psycopg", "alembic"):
        assert f"'{heavy}'" not in added
