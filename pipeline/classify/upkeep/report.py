"""The figures of a model as one HTML page: tables, curves, errors; every text escaped, nothing loaded, no scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.classify.upkeep.figures import Answer, trace_precision
from pipeline.models import Figures, TopicFigures

CURVE_SIZE: Final = 120  # of a curve, in units of its drawing
CALIBRATION_SIZE: Final = 260
BINS: Final = 10
EXCERPT_CHARACTERS: Final = 280
ERRORS_SHOWN: Final = 6  # of each kind and topic, the surest first


@dataclass(frozen=True, slots=True)
class ReportHead:
    """What the report is about."""

    version: str
    measured_on: str
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision over recall of one topic, and the point at which the model works."""

    topic: str
    points: str  # of an SVG polyline
    x: float
    y: float
    average_precision: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The probabilities of one tenth: what was said on average, and how often it was true."""

    said: float
    true: float
    count: int
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """One text on which model and label differ about a topic."""

    title: str
    excerpt: str
    probability: float
    labels: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The mistakes of one topic: what it got and should not have, and what it missed."""

    topic: str
    false_alarms: tuple[Mistake, ...]
    misses: tuple[Mistake, ...]


def render_report(head: ReportHead, answers: Sequence[Answer], figures: Figures) -> str:
    """The whole page; `figures` are those of the answers."""
    return _ENVIRONMENT.get_template("report.html").render(
        head=head,
        figures=figures,
        curves=[_draw_curve(one, answers) for one in figures.topics if one.support],
        bins=make_bins(answers),
        mistakes=[_find_mistakes(one.topic, answers) for one in figures.topics],
        CURVE_SIZE=CURVE_SIZE,
        CALIBRATION_SIZE=CALIBRATION_SIZE,
    )


def _draw_curve(figures: TopicFigures, answers: Sequence[Answer]) -> Curve:
    truth = [figures.topic in one.example.topics for one in answers]
    traced = trace_precision(truth, [one.scores[figures.topic] for one in answers])
    # Interpolated as usual: the best precision at this recall or a higher one.
    best, points = 0.0, []
    for precision, recall in reversed(traced):
        best = max(best, precision)
        points.append((recall, best))
    start = [(0.0, best), *reversed(points)]
    steps = [start[0], *(step for (_, old), new in pairwise(start) for step in ((new[0], old), new))]
    drawn = " ".join(f"{CURVE_SIZE * recall:.1f},{CURVE_SIZE * (1 - precision):.1f}" for recall, precision in steps)
    x, y = CURVE_SIZE * figures.recall, CURVE_SIZE * (1 - figures.precision)
    return Curve(figures.topic, drawn, round(x, 1), round(y, 1), figures.average_precision)


def make_bins(answers: Iterable[Answer]) -> list[Bin]:
    """All topics together: probabilities in tenths, empty tenths left out."""
    tenths: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for answer in answers:
        for topic, probability in answer.scores.items():
            tenths[min(int(probability * BINS), BINS - 1)].append((probability, topic in answer.example.topics))
    return [_make_bin(tenth) for tenth in tenths if tenth]


def _make_bin(pairs: Sequence[tuple[float, bool]]) -> Bin:
    said, true = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    x, y = round(CALIBRATION_SIZE * said, 1), round(CALIBRATION_SIZE * (1 - true), 1)
    return Bin(said, true, len(pairs), x, y, radius=round(min(9.0, 2 + len(pairs) ** 0.25), 1))


def _find_mistakes(topic: str, answers: Sequence[Answer]) -> Mistakes:
    false_alarms = [one for one in answers if topic in one.said and topic not in one.example.topics]
    misses = [one for one in answers if topic not in one.said and topic in one.example.topics]
    false_alarms.sort(key=lambda one: -one.scores[topic])
    misses.sort(key=lambda one: one.scores[topic])
    return Mistakes(
        topic,
        tuple(_describe(one, topic) for one in false_alarms[:ERRORS_SHOWN]),
        tuple(_describe(one, topic) for one in misses[:ERRORS_SHOWN]),
    )


def _describe(answer: Answer, topic: str) -> Mistake:
    text = " ".join(answer.example.text.split())
    excerpt = text if len(text) <= EXCERPT_CHARACTERS else text[: EXCERPT_CHARACTERS - 1] + "…"
    return Mistake(
        title=" ".join(answer.example.title.split()),
        excerpt=excerpt,
        probability=answer.scores[topic],
        labels=answer.example.topics,
        terms=answer.said.get(topic, ()),
    )


_ENVIRONMENT = Environment(
    loader=PackageLoader("pipeline.classify.upkeep"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
