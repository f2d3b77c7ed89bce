"""What the commands show: exit statuses, progress bars, the funnel."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.store.reports import Funnel

EXIT_TROUBLE = 1  # the work was done, but something in it went wrong
EXIT_UNUSABLE = 2  # nothing was done: a setting, an argument or the database


def read_instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text} is not an ISO time such as 2026-03-02T06:00:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def show_bar(step: str, total: int) -> Callable[[], None]:
    from tqdm import tqdm

    bar = tqdm(total=total, desc=f"{step:>9}", unit="", file=sys.stderr, disable=None if total else True)

    def advance() -> None:
        bar.update()
        if bar.n >= total:
            bar.close()

    return advance


def print_funnel(funnel: Funnel) -> None:
    widest = max(1, *(count for _, count in funnel.stages))
    for stage, count in funnel.stages:
        click.echo(f"{stage:>12} {count:6d} {'█' * round(30 * count / widest)}")
    for room, outcome, count in funnel.outcomes:
        if outcome in ("failed", "rejected", "fault", "held"):
            click.echo(f"{room}: {count} {outcome}; `wirewatch why URL` tells the reason of each", err=True)


def printable(text: str) -> str:
    """Text of a site for a terminal: control characters could move the cursor or set the title."""
    return "".join(c if c.isprintable() else " " for c in text)
