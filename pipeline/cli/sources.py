"""`wirewatch sources`: what is watched."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.screen import EXIT_TROUBLE, printable, show_waiting

if TYPE_CHECKING:
    from pipeline.models import Source

ADDED, KNOWN = "added", "known already"
# Spelled out, because the records behind them take longer to import than the command line; a test holds both equal.
STATES = (
    *("new", "healthy", "unchanged", "slow", "failing", "blocked", "gone", "malformed", "silent"),
    *("trouble", "flood", "drought"),
)


@click.group()
def sources() -> None:
    """What is watched: feeds, news sitemaps, home pages and folders."""


@sources.command("add")
@click.argument("addresses", nargs=-1, required=True)
@click.option("--name", help="Name of the source; found out when not given.")
@click.option("--publisher", help="Who speaks: sources of one publisher count as one voice.")
def add_sources(addresses: tuple[str, ...], name: str | None, publisher: str | None) -> None:
    """Add sources by the URL of a feed, news sitemap, home or section page, or by the path of a folder."""
    from dataclasses import replace

    def rename(source: Source) -> Source:
        return replace(source, name=name or source.name, publisher=publisher or name or source.publisher)

    stored, refused = _add_detected(addresses, rename)
    for answer, source in stored:
        click.echo(f"{answer}: {printable(source.name)} ({source.kind}) {source.address}")
    sys.exit(EXIT_TROUBLE if refused else 0)


@sources.command("list")
@click.option(
    "--state",
    "wanted",
    multiple=True,
    type=click.Choice(STATES),
    help="Only sources of this state; may be repeated. `trouble` is every state that somebody should look at.",
)
def list_all_sources(wanted: tuple[str, ...]) -> None:
    """All sources with their health: one line each, tab-separated.

    Columns: id, name, kind, address, state, since when and why, how much usually comes, last success, last look.
    The number of sources in each state goes to stderr. Exit status 0, whatever the states are.
    """
    from pipeline.cli.states import count_states, describe_source, matches
    from pipeline.config import load_settings, open_database
    from pipeline.store.health import list_health
    from pipeline.store.sources import list_sources

    with open_database(load_settings()) as database, database.begin() as tx:
        states, remembered = list_sources(tx), list_health(tx)
    for state in states:
        health = remembered[state.source.id]
        if not wanted or matches(health, wanted):
            click.echo(describe_source(state, health))
    told = count_states(states) or "no sources yet: add one with `wirewatch sources add URL`"
    click.echo(told, err=True)


@sources.command("remove")
@click.argument("id_or_address")
def remove(id_or_address: str) -> None:
    """Stop watching a source; its articles stay."""
    from pipeline.config import load_settings, open_database
    from pipeline.store.sources import remove_source

    with open_database(load_settings()) as database, database.begin() as tx:
        unread = remove_source(tx, id_or_address)
    if unread is None:
        raise click.ClickException(f"no source has the id or address {id_or_address}: see `wirewatch sources list`")
    click.echo(f"removed: {id_or_address}" + (f", with {unread} entries that were never read" if unread else ""))


@sources.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_opml(file: Path) -> None:
    """Add every feed of an OPML file (the format in which feed readers export their list)."""
    from pipeline.fetch import read_opml

    stored, refused = _add_detected([subscription.address for subscription in read_opml(file.read_bytes())])
    answers = [answer for answer, _ in stored]
    click.echo(f"{answers.count(ADDED)} {ADDED}, {answers.count(KNOWN)} {KNOWN}, {refused} refused")
    sys.exit(EXIT_TROUBLE if refused else 0)


def _add_detected(
    addresses: Sequence[str], rename: Callable[[Source], Source] = lambda source: source
) -> tuple[list[tuple[str, Source]], int]:
    """Find out what each address is and store it: (ADDED or KNOWN, source) each, and how many were refused."""
    from pipeline.config import load_settings, open_database
    from pipeline.errors import SourceError
    from pipeline.fetch import detect_sources
    from pipeline.store.hosts import HostBook
    from pipeline.store.sources import add_source

    settings = load_settings()
    stored, refused = [], 0
    with open_database(settings) as database:
        with show_waiting("sources", len(addresses)) as advance:
            found = detect_sources(addresses, settings.fetch, on_done=advance, book=HostBook(database))
        with database.begin() as tx:
            for source in found:
                if isinstance(source, SourceError):
                    refused += 1
                    click.echo(f"refused: {source}", err=True)
                    continue
                source = rename(source)
                stored.append((ADDED if add_source(tx, source, datetime.now(UTC)) else KNOWN, source))
    return stored, refused


@sources.command("check")
@click.argument("ids_or_addresses", nargs=-1)
def check(ids_or_addresses: tuple[str, ...]) -> None:
    """Look at all sources (or at these) now, and say what each gives; nothing is stored."""
    from pipeline.config import load_settings, open_database
    from pipeline.fetch import check_sources
    from pipeline.store.hosts import HostBook
    from pipeline.store.sources import GOOD_OUTCOMES, list_sources

    settings = load_settings()
    with open_database(settings) as database:
        with database.begin() as tx:
            known = [state.source for state in list_sources(tx)]
        if not known:
            raise click.ClickException("no sources yet: add one with `wirewatch sources add URL`")
        asked = set(ids_or_addresses)
        wanted = {source.id: source for source in known if not asked or asked & {source.id, source.address}}
        if unknown := asked - {name for source in known for name in (source.id, source.address)}:
            raise click.ClickException(f"no source has the id or address {min(unknown)}: see `wirewatch sources list`")
        with show_waiting("sources", len(wanted)) as advance:
            checks = check_sources(
                list(wanted.values()),
                {},
                settings.fetch,
                now=datetime.now(UTC),
                on_done=lambda _: advance(),
                book=HostBook(database),
            )
    for found in checks:
        refused = sum(found.refused.values())
        noun = "entry" if len(found.entries) == 1 else "entries"
        told = f"{len(found.entries)} {noun}" + (f", {refused} left out" if refused else "")
        click.echo(f"{printable(wanted[found.source_id].name)}\t{found.outcome}\t{told}\t{found.reason}")
    sys.exit(0 if all(found.outcome in GOOD_OUTCOMES for found in checks) else EXIT_TROUBLE)
