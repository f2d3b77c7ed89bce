"""The trained topic model: scores a text, names its topics and says which words carried them.

Plain arrays and dictionaries: a prediction needs no scikit-learn and the file
holds nothing that could run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.explain import explain_terms
from pipeline.classify.features import ConceptFinder, count_article
from pipeline.classify.language import is_english
from pipeline.classify.topics import TopicSet
from pipeline.classify.vectors import Floats, Vector, Vectoriser
from pipeline.models import Classification, ItemId, TopicMatch

TERMS_SHOWN: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What training found for t topics over n features."""

    coefficients: Floats  # n x t
    intercepts: Floats  # t
    slopes: Floats  # t: probability = 1 / (1 + exp(-(slope * score + offset))), Platt 1999
    offsets: Floats  # t
    thresholds: Floats  # t: the least probability that counts as a yes

    def probabilities(self, scores: Floats) -> NDArray[np.float64]:
        """Calibrated probabilities of scores (the last axis is the topics)."""
        return np.asarray(1.0 / (1.0 + np.exp(-(self.slopes * scores + self.offsets))), np.float64)


def score_vectors(whole: Vector, passages: Sequence[Vector], coefficients: Floats, intercepts: Floats) -> Floats:
    """One score per topic; 0 is the border that the linear model drew.

    A long text has a topic as a whole, or when two of its parts speak for it.
    """
    scores = whole[1] @ coefficients[whole[0]]
    if passages:
        best_two = np.sort(np.stack([values @ coefficients[rows] for rows, values in passages]), axis=0)[-2:]
        scores = np.maximum(scores, best_two.mean(axis=0))
    return np.asarray(scores + intercepts, np.float32)


class TopicModel:
    """Sorts articles into topics."""

    def __init__(self, version: str, topics: TopicSet, vectoriser: Vectoriser, decision: Decision) -> None:
        self.version = version
        self.topics = topics
        self.vectoriser = vectoriser
        self.decision = decision
        self._finder = ConceptFinder(topics)

    def classify(self, item_id: ItemId, title: str, text: str, language: str = "") -> Classification:
        """The topics of one article, most probable first; none for an empty or non-English text."""
        if not is_english(f"{title}\n{text}", language):
            return self._answer(item_id, np.zeros(len(self.topics.topics)), (), unsupported_language=True)
        article = count_article(title, text, self._finder)
        if not article.title.words and not article.parts:
            return self._answer(item_id, np.zeros(len(self.topics.topics)), ())
        decision = self.decision
        whole, passages = self.vectoriser.scale_passages(article)
        probabilities = decision.probabilities(
            score_vectors(whole, passages, decision.coefficients, decision.intercepts)
        )
        hits = [at for at in np.argsort(-probabilities) if probabilities[at] >= decision.thresholds[at]]
        matches = tuple(
            TopicMatch(
                self.topics.topic_ids[at],
                round(float(probabilities[at]), 4),
                self._explain(title, text, whole, int(at)),
            )
            for at in hits
        )
        return self._answer(item_id, probabilities, matches)

    def _explain(self, title: str, text: str, whole: Vector, topic: int) -> tuple[str, ...]:
        rows, values = whole
        shares = values * self.decision.coefficients[rows, topic]
        spoke = shares > 0
        names = [self.vectoriser.names[row] for row in rows[spoke].tolist()]
        contributions = dict(zip(names, shares[spoke].tolist(), strict=True))
        return explain_terms(title, text, contributions, self._finder, TERMS_SHOWN)

    def _answer(
        self,
        item_id: ItemId,
        probabilities: NDArray[np.float64],
        matches: tuple[TopicMatch, ...],
        unsupported_language: bool = False,
    ) -> Classification:
        scores = {topic: round(float(one), 4) for topic, one in zip(self.topics.topic_ids, probabilities, strict=True)}
        return Classification(item_id, self.version, matches, scores, unsupported_language)
