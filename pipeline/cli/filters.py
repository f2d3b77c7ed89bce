"""The line filters as commands: JSON lines from standard input to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

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
def replay() -> None:
    """Filter: articles in, what is new in them out, as JSON lines.

    The lines are in time order, and so are the answers. A story may turn out to be two, or two of them one: an answer
    waits until its story has been silent for three weeks or the input ends, and names the story that the article
    belongs to by then. Label, new facts and reason are those given when the article came.
    """
    from pipeline.filters.replay import Replay

    stream = Replay()
    _filter(stream.answer, "replay", stream)


def _filter(answer: Callable[[dict[str, Any]], dict[str, Any]], label: str, hold: Hold | None = None) -> None:
    from pipeline.filters.lines import run_lines

    sys.exit(run_lines(answer, sys.stdin.buffer, sys.stdout.buffer, label, hold))
