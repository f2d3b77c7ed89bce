"""
### Train: the topic model and the threshold of telling learn from their readers

One run asks whether there is anything to learn, and mostly ends there:

`check > train`, and beside them `tune`

| task | does | hands on |
|---|---|---|
| `check` | two queries: is a training due? If not, the run ends here | the reason |
| `train` | trains on seeds and labels of readers; the new version takes over when it is not worse | the version |
| `tune` | what readers found useful or repeated moves the threshold of telling | the threshold, why |
| `report_failure` | runs only when a task failed: one message to the operations channel | |

**When a training is due.** On 25 new labels, on any new label a week after the last training, and when the topics,
their examples or the code that reads articles have changed. Nothing is due while nobody has labelled anything: the
built-in model trains itself.

**Who takes over.** Each version is measured on a part of the labelled texts that no version is trained on. It is
promoted when its macro F1 there is at most 0.01 below that of the version in use and its worst topic at most 0.04
below the other's worst. Otherwise it is kept as a candidate. `wirewatch models list` shows every version with its
figures and the reason, `wirewatch models rollback` puts the one before back. The next task that classifies takes the
version that is in use then.

**The threshold.** With fewer than 30 alerts that have a verdict nothing changes. `wirewatch tune --history` lists the
versions, `wirewatch tune --reset` goes back to the threshold of the code.

**Schedule.** Daily at 04:30 UTC, so that the morning's news meets the new version.

**Failure.** As in the DAG `news`: tried again, then one message to the operations channel, and the run is red. The
version in use stays in use.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import TriggerRule, dag, get_current_context, task
from habits import DEFAULT_ARGS, post_failure

if TYPE_CHECKING:
    from pipeline.steps import Walk


def open_desk() -> AbstractContextManager[Walk]:
    """The store and the settings, at the instant at which the run started."""
    from pipeline.steps import open_walk

    dag_run = get_current_context()["dag_run"]
    return open_walk(dag_run.run_id, datetime.fromisoformat(str(dag_run.start_date)))


@dag(
    dag_id="train",
    doc_md=__doc__,
    schedule="30 4 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args=DEFAULT_ARGS,
    tags=["wirewatch"],
)
def train_dag() -> None:
    # The report of a failure is left to its own rule: `tune` may fail when there is nothing to train.
    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def check() -> str:
        from pipeline import steps

        with open_desk() as desk:
            return steps.check_training(desk)

    @task
    def train() -> dict[str, str | int]:
        from pipeline import steps

        with open_desk() as desk:
            done = steps.train_topics(desk)
        return {
            "version": done.card.version,
            "promoted": int(done.is_promoted),
            "examples": done.card.examples,
            "labels": done.card.labels,
        }

    @task
    def tune() -> dict[str, str | float | int]:
        from pipeline import steps

        with open_desk() as desk:
            tuned = steps.tune_detection(desk)
        return {"tell_at": tuned.tell_at, "taken_over": int(tuned.is_better), "reason": tuned.reason}

    # Not on every run, as in `news`: most runs end at the check and should cost one task.
    @task(trigger_rule=TriggerRule.ONE_FAILED)
    def report_failure() -> None:
        post_failure()

    checked, trained = check(), train()
    checked >> trained
    [checked, trained, tune()] >> report_failure()


train_dag()
