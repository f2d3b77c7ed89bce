"""How good a model is on labelled texts: precision, recall, F1 at its own thresholds, and average precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.classify.examples import Example
from pipeline.classify.model import TopicModel
from pipeline.models import Figures, ItemId, TopicFigures


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said of one labelled text."""

    example: Example
    scores: Mapping[str, float]  # every topic -> probability
    said: Mapping[str, tuple[str, ...]]  # the topics it gave -> the terms that carried each


def answer_examples(
    model: TopicModel, examples: Sequence[Example], on_step: Callable[[], None] = lambda: None
) -> list[Answer]:
    """Ask the model about every text; `on_step` is called after each."""
    answers = []
    for example in examples:
        found = model.classify(ItemId(""), example.title, example.text)
        answers.append(Answer(example, found.scores, {match.topic: match.terms for match in found.topics}))
        on_step()
    return answers


def measure_answers(answers: Sequence[Answer], model: TopicModel) -> Figures:
    """The figures of each topic of the model, in its order."""
    thresholds = zip(model.topics.topic_ids, model.decision.thresholds.tolist(), strict=True)
    return Figures(len(answers), tuple(_measure_topic(topic, at, answers) for topic, at in thresholds))


def _measure_topic(topic: str, threshold: float, answers: Sequence[Answer]) -> TopicFigures:
    truth = [topic in one.example.topics for one in answers]
    said = [topic in one.said for one in answers]
    right = sum(yes and true for yes, true in zip(said, truth, strict=True))
    return TopicFigures(
        topic=topic,
        precision=_ratio(right, sum(said)),
        recall=_ratio(right, sum(truth)),
        f1=_ratio(2 * right, sum(said) + sum(truth)),
        average_precision=round(average_precision(truth, [one.scores[topic] for one in answers]), 4),
        support=sum(truth),
        threshold=round(threshold, 4),
    )


def average_precision(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """Mean of the precisions at each true text, best score first (Manning, Raghavan and Schuetze 2008, section 8.4)."""
    precisions = [precision for precision, _ in trace_precision(truth, scores)]
    return sum(precisions) / len(precisions) if precisions else 0.0


def trace_precision(truth: Sequence[bool], scores: Sequence[float]) -> list[tuple[float, float]]:
    """(precision, recall) at each true text, from the best score down."""
    total = sum(truth)
    points: list[tuple[float, float]] = []
    for rank, (_, true) in enumerate(sorted(zip(scores, truth, strict=True), key=lambda pair: -pair[0]), start=1):
        if true:
            hits = len(points) + 1
            points.append((hits / rank, hits / total))
    return points


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
