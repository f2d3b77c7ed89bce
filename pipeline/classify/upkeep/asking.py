"""Which articles to ask a reader about: those near a border, of every topic in turn, and no two alike.

Uncertainty sampling (Lewis and Gale 1994), spread over topics and kept apart by cosine, so that twenty
answers teach twenty things.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.classify.features import count_article
from pipeline.classify.model import TopicModel
from pipeline.classify.vectors import Vector
from pipeline.models import Classification, ItemId

ALIKE: Final = 0.5  # TF-IDF cosine from which two texts would teach the same
LOOKED_AT: Final = 200  # of each topic, the texts nearest to its border


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that could be asked about; articles of one `group` (a story) stand for each other."""

    item_id: ItemId
    title: str
    text: str
    group: str
    classification: Classification


@dataclass(frozen=True, slots=True)
class Question:
    """An article to ask about, and the topic whose border it is near."""

    candidate: Candidate
    topic: str
    threshold: float


def choose_questions(candidates: Sequence[Candidate], model: TopicModel, count: int) -> list[Question]:
    """The most informative articles, at most `count`; those of a foreign language are left out."""
    thresholds = dict(zip(model.topics.topic_ids, model.decision.thresholds.tolist(), strict=True))
    asked = [one for one in candidates if not one.classification.unsupported_language]
    queues = {topic: _rank(asked, topic, threshold) for topic, threshold in thresholds.items()}
    chosen: list[Question] = []
    picker = _Picker(model)
    while any(queues.values()):
        for topic, queue in queues.items():
            if len(chosen) == count:
                return chosen
            found = picker.take_first(queue)
            if found:
                chosen.append(Question(found, topic, thresholds[topic]))
    return chosen


def _rank(candidates: Sequence[Candidate], topic: str, threshold: float) -> list[Candidate]:
    """The nearest to the border last, in log-odds: 0.02 counts more near 0 than near 0.5."""
    known = (one for one in candidates if topic in one.classification.scores)
    ranked = sorted(
        known, key=lambda one: (abs(_logit(one.classification.scores[topic]) - _logit(threshold)), one.item_id)
    )
    return ranked[:LOOKED_AT][::-1]


def _logit(probability: float) -> float:
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


class _Picker:
    """Remembers what was picked, to refuse what is like it."""

    def __init__(self, model: TopicModel) -> None:
        self._model = model
        self._groups: set[str] = set()
        self._vectors: list[Vector] = []

    def take_first(self, queue: list[Candidate]) -> Candidate | None:
        """Take the last of the queue that can be picked off it, and all behind that."""
        while queue:
            candidate = queue.pop()
            if self._take(candidate):
                return candidate
        return None

    def _take(self, candidate: Candidate) -> bool:
        if candidate.group in self._groups:
            return False
        vectoriser = self._model.vectoriser
        vector = vectoriser.scale_whole(count_article(candidate.title, candidate.text, vectoriser.finder))
        if any(_cosine(vector, other) >= ALIKE for other in self._vectors):
            return False
        self._groups.add(candidate.group)
        self._vectors.append(vector)
        return True


def _cosine(one: Vector, other: Vector) -> float:
    _, here, there = np.intersect1d(one[0], other[0], assume_unique=True, return_indices=True)
    lengths = float(np.linalg.norm(one[1]) * np.linalg.norm(other[1]))
    return float(one[1][here] @ other[1][there]) / lengths if lengths else 0.0
