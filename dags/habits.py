"""What all our DAGs have in common: how often a task is tried, and who hears of it when that was in vain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context
from slack_connection import use_slack_connection

# These wait for an operator: trying again only delays the message to them.
NEEDS_AN_OPERATOR: list[type[BaseException] | str] = [
    "pipeline.errors.SettingError",
    "pipeline.alert.routes.RoutesError",
    "pipeline.errors.StoreOutdated",
    "pipeline.errors.ModelError",
]

# A task that is retried takes up what the store still holds open.
DEFAULT_ARGS: dict[str, Any] = {
    "owner": "wirewatch",
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
    "retry_policy": ExceptionRetryPolicy([RetryRule(NEEDS_AN_OPERATOR, RetryAction.FAIL)]),
    "execution_timeout": timedelta(minutes=20),
}


def post_failure() -> None:
    """Tell the operations channel which tasks of this run failed, and fail; skip when none did.

    For the last task of a DAG, which decides the colour of the run. Nothing is tried again after the message.
    """
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    from pipeline import steps

    context = get_current_context()
    ti, run_id = context["ti"], context["run_id"]
    states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[run_id])[run_id]
    failed = ", ".join(sorted(name for name, state in states.items() if state == "failed"))
    if not failed:
        raise AirflowSkipException("nothing failed")
    text = f"Run {run_id} of the DAG {ti.dag_id} failed in: {failed}. {ti.log_url.partition('/tasks/')[0]}"
    use_slack_connection()
    # Only runs of `news` are kept in the store, under their own id.
    steps.report_failure(run_id if ti.dag_id == "news" else f"{ti.dag_id}__{run_id}", text)
    raise AirflowFailException(text)
