"""`wirewatch routes`: which alerts go where, and why."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.cli.screen import EXIT_UNUSABLE, printable, read_instant

if TYPE_CHECKING:
    from pipeline.alert.routes import Route
    from pipeline.config import Settings


@click.group()
def routes() -> None:
    """Which development goes to which channel, and when.

    They stand in seeds/routes.toml: docs/routing.md explains it.
    """


@routes.command("check")
def check() -> None:
    """Read the routes, and list them or everything that is wrong with them, each with its line."""
    from pipeline.alert.routes import RoutesError
    from pipeline.config import load_settings

    settings = load_settings()
    try:
        found = settings.load_routes()
    except RoutesError as error:
        for problem in error.problems:
            click.echo(f"{error.file_name}:{problem.line}: {printable(problem.text)}", err=True)
        sys.exit(EXIT_UNUSABLE)
    for route in found.routes:
        click.echo(_describe(route))
    _check_destinations(settings)
    storm = found.storm
    click.echo(f"above {storm.messages} messages to a channel in {storm.minutes} minutes: one digest")


def _check_destinations(settings: Settings) -> None:
    """Raises SettingError for the first address that is set and cannot be read; nothing is sent."""
    from pipeline.steps import open_destination

    for name in settings.alert.destinations:
        open_destination(settings.alert, f"to:{name}")
        click.echo(f"to:{name}: its address can be read")


@routes.command("test")
@click.argument("article_or_story", metavar="URL|STORY")
@click.option("--now", "now_text", metavar="TIME", help="Take this ISO time for the present (quiet hours, digests).")
def test(article_or_story: str, now_text: str | None) -> None:
    """Where an article (by URL or id) or the last article of a story would go, and what each route says to it.

    Nothing is sent or stored.
    """
    from pipeline.alert.routing import ask_routes, find_standing_reason
    from pipeline.config import load_settings, open_database
    from pipeline.fetch.urls import canonicalise_url
    from pipeline.steps.alerting import read_candidate
    from pipeline.store.reports import find_judged_item
    from pipeline.store.wishes import read_wishes

    now = read_instant(now_text) if now_text else datetime.now(UTC)
    settings = load_settings()
    found = settings.load_routes()
    addresses = [article_or_story, *filter(None, [canonicalise_url(article_or_story)])]
    with open_database(settings) as database, database.begin() as tx:
        item_id = find_judged_item(tx, addresses)
        if item_id is None:
            raise click.ClickException(f"no judged article or story is {article_or_story}: see `wirewatch why URL`")
        candidate = read_candidate(tx, item_id, read_wishes(tx, now))
    development = candidate.development
    click.echo(f"{printable(candidate.article.title)}\n  {printable(candidate.article.url)}")
    click.echo(f"  story {development.story_id}, {development.label}, importance {development.importance:.2f}")
    reason = find_standing_reason(candidate, settings.alert, now, is_backfill=False)
    if reason:
        click.echo(f"  held, whatever the routes say: {printable(reason)}")
    for answer in ask_routes(candidate, found.routes, settings.alert):
        where = f"yes, {_say_when(answer.route, now)}" if answer.is_match else "no"
        click.echo(f"  {printable(answer.route.name)}: {where} ({printable(answer.reason)})")


def _say_when(route: Route, now: datetime) -> str:
    from pipeline.alert.timing import time_message

    hold = time_message(route, now)
    return f"to {', '.join(route.channels)} {hold.reason if hold else 'at once'}"


def _describe(route: Route) -> str:
    conditions = {"topics": route.topics, "words": route.words, "places": route.places, "sources": route.sources}
    asked = "; ".join(f"{name} {', '.join(values)}" for name, values in conditions.items() if values)
    quiet = route.quiet_hours
    silent = f", quiet {quiet.start:%H:%M}-{quiet.end:%H:%M} {route.time_zone}" if quiet else ""
    at = f" at {route.digest_at:%H:%M} {route.time_zone}" if route.rhythm == "daily" else ""
    reminds = f", reminds {route.escalate_to} after {route.escalate_after_minutes} min" if route.escalate_to else ""
    return printable(
        f"{route.name}: {asked or 'every topic'}; importance from {route.minimum_importance:.2f}"
        f" -> {', '.join(route.channels)}, {route.rhythm}{at}{silent}{reminds}"
    )
