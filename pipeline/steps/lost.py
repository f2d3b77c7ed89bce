"""Runs whose process is gone, ended by the scheduler's time limit or with the machine: they could not say so."""

from __future__ import annotations

from datetime import timedelta

from pipeline.models import Notice, NoticeSection
from pipeline.steps.walk import Walk, clock
from pipeline.store import outbox, runs

LOST_AFTER = timedelta(hours=4)  # the scheduler ends a run after three
REASON = f"it did not end within {LOST_AFTER.total_seconds() / 3600:.0f} hours; its process is gone"


def report_lost_runs(walk: Walk) -> int:
    """Close them as failed and tell the operations channel once of each; returns how many there were."""
    clock_now = clock()  # by the clock, whatever instant the walk plays
    with walk.database.begin() as tx:
        lost = runs.close_lost_runs(tx, clock_now - LOST_AFTER, clock_now, REASON)
        for run_id in lost:
            notice = Notice(
                key=f"lost-run/{run_id}",
                channel=walk.settings.alert.operations_channel,
                title=f"The run {run_id} was lost",
                sections=(NoticeSection("", (REASON, "What it left open is taken up by the next run.")),),
                published_at=clock_now,
            )
            outbox.queue_notice(tx, notice, clock_now)
    return len(lost)
