"""
### Desk: what is due between the runs of the news

`collect_feedback > remind > summarise > deliver`

| task | does | hands on |
|---|---|---|
| `collect_feedback` | keeps the reactions to alerts, to older ones in turns, and does what they ask for | counts |
| `remind` | tells a second channel of alerts that nobody has acknowledged in the time that their route gives | counts |
| `summarise` | queues the digest of the day and the report of the week when they are due | counts |
| `deliver` | closes lost runs, lets out what quiet hours held, writes due digests, sends what waits | counts |

**Schedule.** Every 15 minutes. `WIREWATCH_DESK_SCHEDULE` sets another (a cron line, or `none`): digests and the end of
quiet hours come at most that much later than the routes say.

**Failure.** Nothing is lost and nothing is sent twice: the next run takes up what is still due.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import dag, get_current_context, task
from slack_connection import use_slack_connection

if TYPE_CHECKING:
    from pipeline.steps import Walk

EVERY_QUARTER = "*/15 * * * *"
SCHEDULE = os.environ.get("WIREWATCH_DESK_SCHEDULE", "").strip() or EVERY_QUARTER

Counts = dict[str, int]


def join_desk() -> AbstractContextManager[Walk]:
    """The desk at the time at which this run started."""
    from pipeline.steps import open_walk

    use_slack_connection()
    dag_run = get_current_context()["dag_run"]
    return open_walk(f"desk__{dag_run.run_id}", dag_run.start_date or datetime.now(UTC))


@dag(
    dag_id="desk",
    doc_md=__doc__,
    schedule=None if SCHEDULE == "none" else SCHEDULE,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    # The next run is the better retry: it comes in minutes and finds what this one left.
    default_args={"owner": "wirewatch", "retries": 0, "execution_timeout": timedelta(minutes=20)},
    tags=["wirewatch"],
)
def desk() -> None:
    @task
    def collect_feedback() -> Counts:
        from pipeline import steps

        with join_desk() as walk:
            return steps.collect_feedback(walk)

    @task(trigger_rule="all_done")
    def remind() -> Counts:
        from pipeline import steps

        with join_desk() as walk:
            return steps.remind_unseen(walk)

    @task(trigger_rule="all_done")
    def summarise() -> Counts:
        from pipeline import steps

        with join_desk() as walk:
            return steps.queue_summaries(walk)

    # What fails before must not keep the others from what is due.
    @task(trigger_rule="all_done")
    def deliver() -> Counts:
        from pipeline import steps

        with join_desk() as walk:
            steps.report_lost_runs(walk)
            return steps.deliver_alerts(walk)

    collect_feedback() >> remind() >> summarise() >> deliver()


desk()
