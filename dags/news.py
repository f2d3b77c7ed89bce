"""
### News: from the web to the desk, once

One run looks at every source, reads what is new and tells the desk every development once:

`plan > fetch > clean > classify > dedupe > group > detect > queue_alerts > deliver > finish`

| task | does | hands on |
|---|---|---|
| `plan` | registers the run, decides what time it is | batches of source ids |
| `fetch` | looks at the sources of one batch and reads their new pages (pool `wirewatch_fetch`) | counts |
| `clean` ... `detect` | each answers every item that its room has not answered yet | counts |
| `queue_alerts` | puts the alerts that are due into the outbox | counts |
| `deliver` | posts the outbox | counts |
| `finish` | closes the run with its funnel, from seen to alerted | counts |
| `report_failure` | runs only when a task failed: one message to the operations channel | |

**Schedule.** Daily at 06:00 UTC. `WIREWATCH_SCHEDULE` sets another (a cron line, or `none` for runs by hand only).

**Failure.** A source that fails is no failure of the run: it is recorded and shown on the Wirewatch page. A batch
whose task fails does not stop the rooms after it, but `report_failure` then leaves the run failed. Every task takes
up what is still open in the store, so clearing a failed task, or just the next run, finishes the work.

**Parameter.** `now` (ISO 8601, UTC when it names no offset) plays a run at another time. A backfill run reads, judges
and tells nobody, whatever it finds: it is for archives. Missed days need none, the next run takes up what is open.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param, TriggerRule, chain, dag, get_current_context, task
from habits import DEFAULT_ARGS, post_failure
from slack_connection import use_slack_connection

if TYPE_CHECKING:
    from pipeline.steps import Walk

DAILY_AT_SIX = "0 6 * * *"
SCHEDULE = os.environ.get("WIREWATCH_SCHEDULE", "").strip() or DAILY_AT_SIX

# The format makes the form of the UI a date picker; only the pattern is checked when a run is triggered.
PLAYED_AT: dict[str, Any] = {
    "type": ["null", "string"],
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d",
    "description": "ISO 8601 time to play the run at; empty: the time at which it starts",
}

Counts = dict[str, int]


def read_now() -> str:
    """The instant that the run takes for the present, ISO 8601: the parameter `now`, else when the run started."""
    context = get_current_context()
    # The start of the run, not of this try: a retry must not move the run in time.
    given = context["params"]["now"] or str(context["dag_run"].start_date)
    now = datetime.fromisoformat(given)
    return (now if now.tzinfo else now.replace(tzinfo=UTC)).isoformat()


def join_walk() -> AbstractContextManager[Walk]:
    """The walk of the run that this task belongs to, at the instant that `plan` decided."""
    from pipeline.steps import open_walk

    context = get_current_context()
    dag_run = context["dag_run"]
    now = datetime.fromisoformat(context["ti"].xcom_pull(task_ids="plan", key="now"))
    return open_walk(dag_run.run_id, now, is_backfill=dag_run.run_type == "backfill")


@dag(
    dag_id="news",
    doc_md=__doc__,
    schedule=None if SCHEDULE == "none" else SCHEDULE,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    default_args=DEFAULT_ARGS,
    params={"now": Param(None, **PLAYED_AT)},
    tags=["wirewatch"],
)
def news() -> None:
    @task
    def plan() -> list[list[str]]:
        from pipeline import steps

        get_current_context()["ti"].xcom_push("now", read_now())
        with join_walk() as walk:
            # Mapping over nothing would skip every task after it, and with them what is still open.
            return steps.plan_run(walk) or [[]]

    @task(pool="wirewatch_fetch", execution_timeout=timedelta(minutes=40))
    def fetch(batch: list[str]) -> Counts:
        from pipeline import steps

        with join_walk() as walk:
            return steps.fetch_sources(walk, batch)

    # Goes on with what the other batches brought, or with what earlier runs left open, but never without a plan.
    @task(trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def clean() -> Counts:
        from pipeline import steps

        with join_walk() as walk:
            return steps.clean_pages(walk)

    @task
    def classify() -> Counts:
        from pipeline import steps

        with join_walk() as walk:
            return steps.classify_articles(walk)

    @task
    def dedupe() -> Counts:
        from pipeline import steps

        with join_walk() as walk:
            return steps.dedupe_articles(walk)

    @task
    def group() -> Counts:
        from pipeline import steps

        with join_walk() as walk:
            return steps.group_articles(walk)

    @task
    def detect() -> Counts:
        from pipeline import steps

        with join_walk() as walk:
            return steps.detect_developments(walk)

    @task
    def queue_alerts() -> Counts:
        from pipeline import steps

        with join_walk() as walk:
            return steps.queue_alerts(walk)

    # Messages that Slack asked to hold back, or whose line broke, are tried again for about half an hour.
    @task(retries=10, retry_delay=timedelta(seconds=30))
    def deliver() -> Counts:
        from pipeline import steps

        use_slack_connection()
        with join_walk() as walk:
            return steps.deliver_alerts(walk)

    @task
    def finish() -> Counts:
        from pipeline import steps

        with join_walk() as walk:
            return steps.finish_run(walk)

    # Comes after everything, so that one message names all that failed.
    @task(trigger_rule=TriggerRule.ALL_DONE)
    def report_failure() -> None:
        post_failure()

    batches = plan()
    fetched = fetch.expand(batch=batches)
    cleaned = clean()
    batches >> cleaned
    chain(
        fetched, cleaned, classify(), dedupe(), group(), detect(), queue_alerts(), deliver(), finish(), report_failure()
    )


news()
