"""`wirewatch mute`, `unmute`, `follow`, `unfollow`, `ack`: what the desk asks for besides the routes."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from pipeline.cli.screen import printable, read_instant

if TYPE_CHECKING:
    from pipeline.store.database import Transaction

_SPAN = re.compile(r"(\d{1,4})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SUBJECTS = click.Choice(["story", "topic", "source"])

until_option = click.option(
    "--until", "until_text", metavar="TIME", help="ISO time, or a span such as 8h, 3d, 2w; without: until taken back."
)


@click.command()
@click.argument("subject", type=_SUBJECTS)
@click.argument("name")
@until_option
def mute(subject: str, name: str, until_text: str | None) -> None:
    """Hear nothing more of a story, topic, source or publisher.

    A story is named by its id or the URL of an article. What comes meanwhile is stored and held back with this
    reason; it is not told later.
    """
    from pipeline.models import Mute, MuteSubject
    from pipeline.store.wishes import save_mute

    now = datetime.now(UTC)
    until = _read_until(until_text, now)
    with _open() as tx:
        muted = _find_name(tx, subject, name)
        save_mute(tx, Mute(MuteSubject(subject), muted, until), now, getpass.getuser())
    click.echo(f"muted: {subject} {printable(muted)}{_say_until(until)}")


@click.command()
@click.argument("subject", type=_SUBJECTS)
@click.argument("name")
def unmute(subject: str, name: str) -> None:
    """Hear of a story, topic or source again."""
    from pipeline.models import MuteSubject
    from pipeline.store.wishes import end_mute

    with _open() as tx:
        muted = _find_name(tx, subject, name)
        if not end_mute(tx, MuteSubject(subject), muted):
            raise click.ClickException(f"{subject} {muted} is not muted: see `wirewatch wishes`")
    click.echo(f"heard again: {subject} {printable(muted)}")


@click.command()
@click.argument("story")
@until_option
def follow(story: str, until_text: str | None) -> None:
    """Be told of every development of a story.

    Whatever its importance. STORY is its id, or the URL of one of its articles."""
    from pipeline.models import StoryId
    from pipeline.store.wishes import save_follow

    now = datetime.now(UTC)
    until = _read_until(until_text, now)
    with _open() as tx:
        story_id = _find_name(tx, "story", story)
        save_follow(tx, StoryId(story_id), until, now, getpass.getuser())
    click.echo(f"followed: story {story_id}{_say_until(until)}")


@click.command()
@click.argument("story")
def unfollow(story: str) -> None:
    """Leave a story to its routes again."""
    from pipeline.models import StoryId
    from pipeline.store.wishes import end_follow

    with _open() as tx:
        story_id = _find_name(tx, "story", story)
        if not end_follow(tx, StoryId(story_id)):
            raise click.ClickException(f"story {story_id} is not followed: see `wirewatch wishes`")
    click.echo(f"left to its routes: story {story_id}")


@click.command()
@click.argument("story")
def ack(story: str) -> None:
    """Acknowledge the alerts of a story: nobody is reminded.

    STORY is its id, or the URL of one of its articles; meant are all alerts that were sent so far."""
    from pipeline.models import StoryId
    from pipeline.store.wishes import acknowledge_story

    with _open() as tx:
        story_id = _find_name(tx, "story", story)
        seen = acknowledge_story(tx, StoryId(story_id), datetime.now(UTC), getpass.getuser())
    click.echo(f"acknowledged: {seen} alert(s) of story {story_id}")


@click.command("wishes")
def list_wishes() -> None:
    """What is muted and followed now."""
    from pipeline.store.wishes import read_wishes

    with _open() as tx:
        wishes = read_wishes(tx, datetime.now(UTC))
    if not (wishes.mutes or wishes.follows):
        click.echo("nothing is muted or followed")
    for each in wishes.mutes:
        click.echo(f"muted\t{each.subject}\t{printable(each.name)}{_say_until(each.until)}")
    for story_id in sorted(wishes.follows):
        click.echo(f"followed\tstory\t{story_id}")


@contextmanager
def _open() -> Iterator[Transaction]:
    from pipeline.config import load_settings, open_database

    with open_database(load_settings()) as database, database.begin() as tx:
        yield tx


def _find_name(tx: Transaction, subject: str, given: str) -> str:
    """The id of a story that is given by itself or by an article; a topic that exists; any source."""
    from pipeline.config import load_settings
    from pipeline.fetch.urls import canonicalise_url
    from pipeline.store.reports import find_judged_item
    from pipeline.store.stories import read_story_id

    if subject == "topic":
        known = load_settings().read_topics()
        if known is not None and given not in known:
            raise click.ClickException(f"{given} is no topic; there are {', '.join(sorted(known))}")
    if subject != "story":
        return given
    item_id = find_judged_item(tx, [given, *filter(None, [canonicalise_url(given)])])
    if item_id is None:
        raise click.ClickException(f"no judged article or story is {given}: see `wirewatch why URL`")
    return read_story_id(tx, item_id)


def _read_until(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    span = _SPAN.fullmatch(text)
    until = now + int(span[1]) * _UNITS[span[2]] if span else read_instant(text)
    if until <= now:
        raise click.BadParameter(f"{text} has passed already")
    return until


def _say_until(until: datetime | None) -> str:
    return f" until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if until else ""
