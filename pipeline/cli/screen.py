"""What the commands show: exit statuses, progress bars, the funnel."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from tqdm import tqdm

    from pipeline.store.reports import Funnel

EXIT_TROUBLE = 1  # the work was done, but something in it went wrong
EXIT_UNUSABLE = 2  # nothing was done: a setting, an argument or the database

_TICK_SECONDS = 0.5


def read_instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text} is not an ISO time such as 2026-03-02T06:00:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def show_bar(step: str, total: int) -> Callable[[], None]:
    bar = _open_bar(step, total)

    def advance() -> None:
        bar.update()
        if bar.n >= total:
            bar.close()

    return advance


@contextmanager
def show_waiting(step: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar for few answers that take long: its clock goes on while none comes."""
    bar = _open_bar(step, total)
    is_over = threading.Event()

    def advance() -> None:
        bar.update()

    def tick() -> None:
        while not bar.disable and not is_over.wait(_TICK_SECONDS):
            bar.refresh()

    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        yield advance
    finally:
        is_over.set()
        ticker.join()
        bar.close()


def _open_bar(step: str, total: int) -> tqdm[NoReturn]:
    from tqdm import tqdm

    return tqdm(total=total, desc=f"{step:>9}", unit="", file=sys.stderr, disable=None if total else True)


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
