"""`wirewatch hosts`: servers that fail or asked to be left alone."""

from __future__ import annotations

import click

from pipeline.cli.screen import printable


@click.group()
def hosts() -> None:
    """Servers that fail or asked to be left alone (Retry-After), as all workers know them."""


@hosts.command("list")
def list_hosts() -> None:
    """Every such server: until when it is left alone, how often it failed in a row, and why."""
    from pipeline.config import load_settings, open_database
    from pipeline.store.hosts import list_unwell_hosts

    with open_database(load_settings()) as database, database.begin() as tx:
        unwell = list_unwell_hosts(tx)
    for host in unwell:
        until = f"left alone until {host.rest_until:%Y-%m-%d %H:%M} UTC" if host.rest_until else "asked as usual"
        failures = f"{host.failures_in_a_row} in a row"
        click.echo(f"{printable(host.authority)}\t{until}\t{failures}\t{printable(host.last_reason)}")
    if not unwell:
        click.echo("no server fails or asked to be left alone", err=True)


@hosts.command("wake")
@click.argument("names", nargs=-1, required=True)
def wake(names: tuple[str, ...]) -> None:
    """Let the next run ask these servers again, sooner than they wished: when you know that they are well."""
    from pipeline.config import load_settings, open_database
    from pipeline.store.hosts import wake_host

    with open_database(load_settings()) as database, database.begin() as tx:
        woken = [name for name in names if wake_host(tx, name)]
    if woken:
        click.echo(f"asked again by the next run: {', '.join(woken)}")
    if unknown := [name for name in names if name not in woken]:
        told = ", ".join(map(printable, unknown))
        raise click.ClickException(f"not asked lately: {told}; see `wirewatch hosts list` for the names")
