"""The topic model: train it, see how good it is, choose its version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.screen import show_bar

if TYPE_CHECKING:
    from pipeline.models import Figures
    from pipeline.steps import Walk
    from pipeline.steps.training import Training
    from pipeline.store.topic_models import StoredModel


@contextmanager
def open_desk() -> Iterator[Walk]:
    """The store and the settings, at this instant."""
    from pipeline.steps import open_walk

    now = datetime.now(UTC)
    with open_walk(f"manual__{now.isoformat()}", now, progress=show_bar) as walk:
        yield walk


@click.command()
def train() -> None:
    """Train the topic model on the seeds and on what readers labelled.

    The new version is measured on texts that no version was trained on, and takes over when it is not worse than the
    one in use. The same texts are never trained on twice.
    """
    from pipeline.steps import open_topic_model, train_topics

    with open_desk() as desk:
        done = train_topics(desk)
        click.echo(_describe_training(done))
        click.echo(f"in use: {open_topic_model(desk, on_train=click.echo).version}")


def _describe_training(done: Training) -> str:
    card = done.card
    lines = [
        f"{card.examples} examples, {card.labels} of them labels of readers; {card.held_out} texts held out",
        f"{done.new_labels} new labels since the last training, {done.labels} in all",
        describe_figures(card.figures),
    ]
    if done.unknown_labels:
        lines.insert(2, f"{done.unknown_labels} labels name only topics that topics.toml has no more: left out")
    if not done.is_new:
        lines.append(f"version {card.version} was trained on exactly these texts already: nothing is changed")
    elif done.is_promoted:
        lines.append(f"version {card.version} is promoted, against {done.compared_with}: {card.reason}")
    else:
        lines.append(f"version {card.version} is kept, not promoted: {card.reason}")
    return "\n".join(lines)


def describe_figures(figures: Figures) -> str:
    """The figures as a table."""
    head = f"{'topic':20} precision recall    F1    AP texts threshold"
    rows = [
        f"{one.topic:20} {one.precision:9.2f} {one.recall:6.2f} {one.f1:5.2f} {one.average_precision:5.2f}"
        f" {one.support:5d} {one.threshold:9.2f}"
        for one in figures.topics
    ]
    return "\n".join([head, *rows, f"{'macro':20} {'':9} {'':6} {figures.macro_f1:5.2f}"])


@click.command()
@click.option(
    "--on",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Labelled texts to measure on, JSON lines with title, text and topics; default: the held-out part.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("topics.html"),
    show_default=True,
    help="Where the report goes.",
)
def evaluate(file: Path | None, out: Path) -> None:
    """Measure the topic model in use and write a report.

    One HTML file with curves, calibration and errors.
    """
    from pipeline.steps.evaluating import write_report

    with open_desk() as desk:
        figures = write_report(desk, out, file)
    click.echo(describe_figures(figures))
    click.echo(f"report: {out}")


@click.group()
def models() -> None:
    """Versions of the topic model, and the way back."""


@models.command("list")
def list_all_models() -> None:
    """Every version, newest first, with what it was trained on and its figures when it was trained."""
    from pipeline.steps.versions import OF_THE_SEEDS, is_usable
    from pipeline.store.topic_models import ModelState, list_models

    with open_desk() as desk, desk.database.begin() as tx:
        known = list_models(tx)
    click.echo(f"{'version':12}  {'state':9}  {'trained':16}  examples  labels  macro F1  worst topic")
    for one in known:
        remark = "" if is_usable(one) else "  made by other code: not used"
        click.echo(f"{_describe_model(one)}{remark}\n{'':14}{one.card.reason}")
    if not any(one.state is ModelState.ACTIVE and is_usable(one) for one in known):
        click.echo(f"{OF_THE_SEEDS:12}  active     trained on the examples of the seeds alone")


def _describe_model(one: StoredModel) -> str:
    judged = [topic for topic in one.card.figures.topics if topic.support]
    worst = min(judged, key=lambda topic: topic.f1, default=None)
    return (
        f"{one.card.version:12}  {one.state:9}  {one.card.created_at:%Y-%m-%d %H:%M}  {one.card.examples:8d}"
        f"  {one.card.labels:6d}  {one.card.figures.macro_f1:8.3f}  {f'{worst.topic} {worst.f1:.2f}' if worst else '-'}"
    )


@models.command("promote")
@click.argument("version")
def promote(version: str) -> None:
    """Put a version in use by hand, whatever its figures."""
    from pipeline.steps.versions import promote_version

    with open_desk() as desk:
        promote_version(desk, version)
    click.echo(f"in use: {version}")


@models.command("rollback")
def rollback() -> None:
    """Put back the version that the present one replaced."""
    from pipeline.steps.versions import roll_back_version

    with open_desk() as desk:
        removed, restored = roll_back_version(desk)
    click.echo(f"taken out: {removed}\nin use: {restored}")
