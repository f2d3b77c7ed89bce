"""`wirewatch tune`: the thresholds of detection learn from its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli.models import open_desk
from pipeline.cli.screen import EXIT_TROUBLE

if TYPE_CHECKING:
    from pipeline.models import Tuning


@click.command()
@click.option("--rehearse", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--reset", is_flag=True, help="Go back to the thresholds of the code.")
@click.option("--history", is_flag=True, help="List the versions, that in use first.")
@click.pass_context
def tune(context: click.Context, rehearse: bool, reset: bool, history: bool) -> None:
    """Set the thresholds of detection by what readers said about alerts.

    Alerts found useful against those found repeats. The new thresholds take over when they judge stories better whose
    verdicts they did not see. Exit status 1: nothing was changed.
    """
    from pipeline.steps import read_detect_settings, reset_tuning, tune_detection
    from pipeline.store.tunings import list_tunings

    if rehearse + reset + history > 1:
        raise click.UsageError("--rehearse, --reset and --history exclude one another")
    with open_desk() as desk:
        if history:
            with desk.database.begin() as tx:
                kept = list_tunings(tx)
            lines = [f"version {one.version}, {one.made_at:%Y-%m-%d %H:%M} UTC: {_name(one.tuning)}" for one in kept]
            click.echo("\n".join(lines) or "the thresholds of the code are in use; no version has taken over yet")
            return
        if reset:
            click.echo(f"back to the thresholds of the code: {_name(reset_tuning(desk))}")
            return
        used = read_detect_settings(desk).tell_at
        tuning = tune_detection(desk, is_rehearsal=rehearse)
    click.echo(_describe(tuning, used))
    if not tuning.is_better:
        context.exit(EXIT_TROUBLE)


def _describe(tuning: Tuning, tell_at: float) -> str:
    judged = tuning.useful + tuning.repeats
    if not judged:
        return tuning.reason
    share = tuning.useful / judged
    left = judged - tuning.useful_left_out - tuning.repeats_left_out
    kept_share = (tuning.useful - tuning.useful_left_out) / left if left else 0.0
    return "\n".join(
        [
            f"{judged} alerts with a verdict, of {tuning.stories} stories: {tuning.useful} useful,"
            f" {tuning.repeats} repeats",
            f"threshold {tell_at:.3f} -> {tuning.tell_at:.3f} (the gate's log-odds times {tuning.slope:.2f},"
            f" {tuning.bias:+.2f})",
            f"of these alerts {judged} -> {left}: {tuning.repeats_left_out} repeats and {tuning.useful_left_out} useful"
            f" ones fewer; useful {share:.0%} -> {kept_share:.0%}",
            tuning.reason,
        ]
    )


def _name(tuning: Tuning) -> str:
    return (
        f"told from {tuning.tell_at:.3f}, waiting from {tuning.wait_at:.3f}; {tuning.useful} useful,"
        f" {tuning.repeats} repeats; {tuning.reason}"
    )
