"""The line filters as commands: JSON lines from standard input to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click


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

    The lines are in time order.
    """
    from pipeline.filters.replay import make_replay_answer

    _filter(make_replay_answer(), "replay")


def _filter(answer: Callable[[dict[str, Any]], dict[str, Any]], label: str) -> None:
    from pipeline.filters.lines import run_lines

    sys.exit(run_lines(answer, sys.stdin.buffer, sys.stdout.buffer, label))
