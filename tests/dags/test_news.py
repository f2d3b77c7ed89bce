"""The DAG as Airflow reads it."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).parents[2] / "dags"
WALK = ["plan", "fetch", "clean", "classify", "dedupe", "group", "detect", "queue_alerts", "deliver", "finish"]
TASKS = [*WALK, "report_failure"]


def load_bag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(DAGS))


@pytest.fixture(scope="module")
def bag() -> Any:
    return load_bag()


@pytest.fixture(scope="module")
def news(bag: Any) -> Any:
    return bag.dags["news"]


def test_every_file_imports(bag: Any) -> None:
    assert bag.import_errors == {}


def test_parsing_imports_nothing_heavy() -> None:
    # Each task parses the file again. Airflow itself brings SQLAlchemy, so only the modules that the file adds count.
    code = (
        "import sys, airflow.sdk; before = set(sys.modules);"
        f"sys.path.insert(0, {str(DAGS)!r}); import news;"
        "print(sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    added = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    for heavy in ("sklearn", "numpy", "trafilatura", "lxml", "aiohttp", "slack_sdk", "psycopg", "alembic"):
        assert f"'{heavy}'" not in added


def test_the_documentation_is_the_docstring_and_names_every_task(news: Any) -> None:
    for task_id in ("plan", "fetch", "queue_alerts", "deliver", "finish", "report_failure"):
        assert f"`{task_id}`" in news.doc_md


def test_the_tasks_follow_the_walk(news: Any) -> None:
    assert [task.task_id for task in news.topological_sort()] == TASKS
    for earlier, later in pairwise(TASKS):
        assert earlier in news.get_task(later).upstream_task_ids


def test_runs_never_overlap_and_never_last_for_ever(news: Any) -> None:
    assert news.max_active_runs == 1
    assert news.catchup is False
    assert news.dagrun_timeout == timedelta(hours=3)


@pytest.mark.parametrize("task_id", TASKS)
def test_every_task_has_retries_with_backoff_and_a_time_out(news: Any, task_id: str) -> None:
    task = news.get_task(task_id)
    assert task.retries == (10 if task_id == "deliver" else 2)
    assert task.retry_exponential_backoff > 1
    assert task.execution_timeout <= timedelta(minutes=40)


def test_only_fetching_takes_slots_of_the_fetch_pool(news: Any) -> None:
    assert {task.task_id for task in news.tasks if task.pool == "wirewatch_fetch"} == {"fetch"}


def test_what_needs_an_operator_is_not_tried_again(news: Any) -> None:
    from pipeline.errors import SettingError, StoreOutdated, StoreUnavailable

    policy = news.get_task("plan").retry_policy
    assert policy.evaluate(SettingError("no"), 1, 2).action.value == "fail"
    assert policy.evaluate(StoreOutdated("no"), 1, 2).action.value == "fail"
    assert policy.evaluate(StoreUnavailable("later"), 1, 2).action.value == "default"


@pytest.mark.parametrize("now", [None, "2026-05-04T12:00:00Z", "2026-05-04T12:00:00+02:00", "2026-05-04 12:00"])
def test_a_run_can_be_played_at_a_time(news: Any, now: str | None) -> None:
    assert news.params.get_param("now").resolve(now) == now


@pytest.mark.parametrize("now", ["yesterday", "2026-05-04", 5])
def test_what_is_no_time_is_refused_when_the_run_is_triggered(news: Any, now: object) -> None:
    with pytest.raises(Exception, match="Failed validating"):
        news.params.get_param("now").resolve(now)


def test_the_last_task_decides_and_always_comes(news: Any) -> None:
    assert [leaf.task_id for leaf in news.leaves] == ["report_failure"]
    assert news.get_task("report_failure").trigger_rule == "all_done"


@pytest.mark.parametrize(("setting", "schedule"), [("", "0 6 * * *"), ("15 */2 * * *", "15 */2 * * *"), ("none", None)])
def test_the_schedule_is_one_setting(monkeypatch: pytest.MonkeyPatch, setting: str, schedule: str | None) -> None:
    monkeypatch.setenv("WIREWATCH_SCHEDULE", setting)
    assert load_bag().dags["news"].schedule == schedule


def test_a_wrong_schedule_is_an_import_error_that_airflow_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_SCHEDULE", "every day")
    assert "AirflowTimetableInvalid" in str(load_bag().import_errors)
