"""The line filters as commands: JSON lines from standard input to standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from pipeline.cli.screen import printable, read_instant

if TYPE_CHECKING:
    from pipeline.filters.lines import Hold


@click.command()
def clean() -> None:
    """Filter: pages in, articles out, as JSON lines."""
    from pipeline.bounded import BoundedCleaner
    from pipeline.filters.clean import answer_clean

    with BoundedCleaner() as cleaner:
        _filter(lambda line: answer_clean(line, cleaner), "clean")


@click.command()
def classify() -> None:
    """Filter: titles and texts in, topics out, as JSON lines."""
    from pipeline.config import load_settings
    from pipeline.filters.classify import make_classify_answer
    from pipeline.topic_model import load_topic_model

    settings = load_settings()
    model = load_topic_model(
        settings.data_dir / "models", settings.seeds_dir, on_train=lambda line: click.echo(line, err=True)
    )
    _filter(make_classify_answer(model), "classify")


@click.command()
@click.option("--tell-at", type=click.FloatRange(0, 1), help="Least probability of an alert.")
@click.option("--wait-at", type=click.FloatRange(0, 1), help="Least probability to wait for a second publisher.")
@click.option("--wait-hours", type=click.FloatRange(0, 168), help="How long it waits.")
@click.option("--compare", is_flag=True, help="Say on stderr what differs from the labels in the input.")
@click.option("--since", "since_text", default="", help="Compare articles published from this ISO time on.")
def replay(
    tell_at: float | None, wait_at: float | None, wait_hours: float | None, compare: bool, since_text: str
) -> None:
    """Filter: articles in, what is new in them out, as JSON lines.

    The lines are in time order, and so are the answers. A story may turn out to be two, or two of them one: an answer
    waits until its story has been silent for three weeks or the input ends, and names the story that the article
    belongs to by then. Label, new facts and reason are those given when the article came.

    Last week under another threshold, told what the weeks before had told:

    wirewatch export --since 2026-10-25 | wirewatch replay --tell-at 0.8 --compare --since 2026-11-15 > answers.jsonl
    """
    from pipeline.detect import DetectSettings
    from pipeline.filters.compare import Comparison
    from pipeline.filters.replay import Replay
    from pipeline.judge import JudgeSettings

    if since_text and not compare:
        raise click.UsageError("--since goes with --compare")
    given = {"tell_at": tell_at, "wait_at": wait_at, "wait_hours": wait_hours}
    asked = {name: value for name, value in given.items() if value is not None}
    stream = Replay(JudgeSettings(detect=DetectSettings(**asked)))
    if not compare:
        _filter(stream.answer, "replay", stream)
    comparison = Comparison(stream, read_instant(since_text) if since_text else None)
    status = _run(comparison.answer, "replay", stream)
    for line in comparison.describe():
        click.echo(printable(line), err=True)
    sys.exit(status)


@click.command()
@click.option("--since", "since_text", required=True, help="First publication, an ISO time such as 2026-10-25.")
@click.option("--until", "until_text", default="", help="Publication before this ISO time; none: all.")
def export(since_text: str, until_text: str) -> None:
    """Articles that were judged, as JSON lines for `wirewatch replay`.

    Keys: id, published_at, source, publisher, url, title, text, and the answer given at the time: label, story,
    because.
    """
    from pipeline.config import load_settings, open_database
    from pipeline.store.exports import read_judged_articles

    since, until = read_instant(since_text), read_instant(until_text) if until_text else None
    with open_database(load_settings()) as database, database.begin() as tx:
        for line in read_judged_articles(tx, since, until):
            click.echo(json.dumps(line, ensure_ascii=False))


def _filter(answer: Callable[[dict[str, Any]], dict[str, Any]], label: str, hold: Hold | None = None) -> NoReturn:
    sys.exit(_run(answer, label, hold))


def _run(answer: Callable[[dict[str, Any]], dict[str, Any]], label: str, hold: Hold | None = None) -> int:
    from pipeline.filters.lines import run_lines
    from pipeline.garbage import spare_what_is_there

    with spare_what_is_there():
        return run_lines(answer, sys.stdin.buffer, sys.stdout.buffer, label, hold)
