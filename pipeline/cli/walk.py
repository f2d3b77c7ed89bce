"""`wirewatch run` and `wirewatch why`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.screen import EXIT_TROUBLE, print_funnel, printable, read_instant, show_bar

if TYPE_CHECKING:
    from pipeline.store.sources import SourceState

FAILING_SHOWN = 10


@click.command()
@click.option("--now", "now_text", metavar="TIME", help="Take this ISO time for the present (to replay a day).")
@click.option("--backfill", is_flag=True, help="Store and group, but alert nobody.")
def run(now_text: str | None, backfill: bool) -> None:
    """Walk once over all sources and send what is new.

    The walk: fetch, clean, classify, dedupe, group, detect, alert; then all that `attend` does.

    Alerts go to Slack when WIREWATCH_SLACK_TOKEN is set, else to the console.
    """
    from pipeline import steps
    from pipeline.store.items import FAULT
    from pipeline.store.outbox import count_states
    from pipeline.store.sources import list_sources

    now = read_instant(now_text) if now_text else datetime.now(UTC)
    started_at = datetime.now(UTC)
    with steps.open_walk(f"manual__{started_at.isoformat()}", now, backfill, show_bar) as walk:
        with walk.database.begin() as tx:
            if not list_sources(tx):
                raise click.ClickException("no sources yet: add one with `wirewatch sources add URL`")
        funnel = steps.run_walk(walk)
        with walk.database.begin() as tx:
            failing = [state for state in list_sources(tx) if state.failures_in_a_row]
            messages = count_states(tx)
    print_funnel(funnel)
    _print_failing(failing)
    dead, held = messages.get("dead", 0), messages.get("held", 0)
    waiting = sum(messages.get(state, 0) for state in ("pending", "sending", "unknown"))
    if dead:
        click.echo(f"{dead} messages were refused: mend the cause, then `wirewatch resend`", err=True)
    if held:
        click.echo(
            f"{held} messages are held back until their time: `wirewatch why URL` tells the reason of each", err=True
        )
    if waiting:
        click.echo(f"{waiting} messages wait: the next run sends them", err=True)
    faults = sum(count for _, outcome, count in funnel.outcomes if outcome == FAULT)
    if faults:
        click.echo(f"{faults} articles met a fault of ours: see the log above, then `wirewatch retry`", err=True)
    sys.exit(EXIT_TROUBLE if failing or dead or waiting or faults else 0)


@click.command()
def attend() -> None:
    """Send reminders, digests and held messages that are due.

    And whatever still waits to be sent. Repeat it every few minutes, as the DAG `desk` does; it costs little and
    sends nothing twice.
    """
    from pipeline import steps

    now = datetime.now(UTC)
    with steps.open_walk(f"attend__{now.isoformat()}", now) as walk:
        counts = steps.attend_desk(walk)
    click.echo(", ".join(f"{number} {what}" for what, number in counts.items()) or "nothing was due")


def _print_failing(failing: Sequence[SourceState]) -> None:
    for state in failing[:FAILING_SHOWN]:
        told = f"{state.source.name}: {state.last_outcome}: {state.last_reason}"
        click.echo(f"source {printable(told)}", err=True)
    if len(failing) > FAILING_SHOWN:
        click.echo(f"and {len(failing) - FAILING_SHOWN} more: `wirewatch sources list --state trouble`", err=True)


@click.command()
@click.argument("address")
def why(address: str) -> None:
    """The whole life of one article: every room, outcome, reason.

    ADDRESS is its URL, its id, or the path of its file. Of an article that was edited all versions are listed; the id
    of one tells its life.
    """
    from pipeline.cli.life import describe_life
    from pipeline.config import load_settings, open_database
    from pipeline.fetch.urls import canonicalise_url
    from pipeline.store.reports import read_item_life

    files = [Path(address).resolve().as_uri()] if Path(address).is_file() else []
    addresses = [address, *filter(None, [canonicalise_url(address)]), *files]
    with open_database(load_settings()) as database, database.begin() as tx:
        life = read_item_life(tx, addresses)
    if life is None:
        raise click.ClickException(f"{address} was never seen: no source has pointed at it")
    click.echo(describe_life(life))
