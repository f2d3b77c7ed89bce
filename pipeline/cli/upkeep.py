"""Upkeep: the tables, refused messages, the settings."""

from __future__ import annotations

import click


@click.command()
def migrate() -> None:
    """Create the tables of the database or bring them up to date."""
    from pipeline.config import load_settings
    from pipeline.store.database import Database

    settings = load_settings()
    if settings.database_url is None:
        click.echo("the embedded database is brought up to date by every command; nothing to do")
        return
    Database(settings.database_url.get_secret_value()).migrate()
    click.echo("the database is up to date")


@click.command("settings")
def show_settings() -> None:
    """Every setting with its value and meaning; secrets are not shown."""
    from pipeline.config import Settings, load_settings

    settings = load_settings()
    for name, field in Settings.model_fields.items():
        click.echo(f"WIREWATCH_{name.upper()}={getattr(settings, name)}\n    {field.description}")


@click.command()
def resend() -> None:
    """Try every refused message again, after its cause is mended.

    What may have arrived is looked for first, so nothing comes twice in Slack; where nobody can look (e-mail,
    webhooks) it is marked as a possible repeat. What was refused outright never arrived, and is simply sent.
    """
    from pipeline.config import load_settings, open_database
    from pipeline.store.outbox import resend_dead

    with open_database(load_settings()) as database, database.begin() as tx:
        click.echo(f"{resend_dead(tx)} messages will be sent by the next run")


@click.command()
def retry() -> None:
    """Send articles that met a fault of ours into that room again.

    After the fault is mended.
    """
    from pipeline.config import load_settings, open_database
    from pipeline.store.items import retry_faults

    with open_database(load_settings()) as database, database.begin() as tx:
        click.echo(f"{retry_faults(tx)} articles will be taken up by the next run")
