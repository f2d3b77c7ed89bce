"""The trained topic model: scores a text, names its topics and says which words carried them.

Plain arrays and dictionaries: a prediction needs no scikit-learn and the file
holds nothing that could run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.explain import LOUDEST, ShownTerms
from pipeline.classify.features import ConceptFinder, count_article
from pipeline.classify.language import is_english
from pipeline.classify.topics import TopicSet
from pipeline.classify.vectors import Floats, Rows, Vectoriser
from pipeline.models import Classification, ItemId, TopicMatch

TERMS_SHOWN: Final = 6
FULL_SHARE_PASSAGES: Final = 20  # from so many on (about 630 words) they are heard in full


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


def score_readings(scores: Floats) -> Floats:
    """r x t -> t: one score per topic from that of the whole text, which comes first, and those of its passages.

    A long text has a topic as a whole, or when two of its passages speak for it. The longer the text, the more
    the whole is diluted and the more its passages count: their share grows with their number.
    """
    whole: Floats = scores[0]
    passages = scores[1:]
    if not len(passages):
        return whole
    best_two = np.sort(passages, axis=0)[-2:].mean(axis=0)
    share = min(1.0, len(passages) / FULL_SHARE_PASSAGES)
    return np.asarray(whole + share * np.maximum(best_two - whole, 0.0), np.float32)


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
        rows, values = self.vectoriser.scale_readings(article)
        coefficients = decision.coefficients[rows]
        probabilities = decision.probabilities(score_readings(values @ coefficients) + decision.intercepts)
        hits = [int(at) for at in np.argsort(-probabilities) if probabilities[at] >= decision.thresholds[at]]
        terms = self._explain(title, text, rows, values[0][:, None] * coefficients, hits) if hits else []
        matches = tuple(
            TopicMatch(self.topics.topic_ids[at], round(float(probabilities[at]), 4), shown)
            for at, shown in zip(hits, terms, strict=True)
        )
        return self._answer(item_id, probabilities, matches)

    def _explain(self, title: str, text: str, rows: Rows, shares: Floats, hits: list[int]) -> list[tuple[str, ...]]:
        """The terms for each topic of `hits`; `shares` are rows x topics."""
        shown = ShownTerms(title, text, self._finder)
        no_letters = np.flatnonzero(~self.vectoriser.is_block(rows, "l"))
        found = []
        for at in hits:
            spoke = np.maximum(shares[:, at], 0.0)
            loudest = no_letters[np.argsort(-spoke[no_letters], kind="stable")[:LOUDEST]]
            names = [self.vectoriser.names[row] for row in rows[loudest].tolist()]
            features = zip(names, spoke[loudest].tolist(), strict=True)
            found.append(shown.rank(features, partial(self._share_letters, rows, spoke), TERMS_SHOWN))
        return found

    def _share_letters(self, rows: Rows, spoke: Floats, word: str) -> float:
        """How much the letter groups of a word of the article spoke for a topic."""
        letters = self.vectoriser.find_letters(word)
        places = np.minimum(np.searchsorted(rows, letters), len(rows) - 1)
        return float(spoke[places[rows[places] == letters]].sum())

    def _answer(
        self,
        item_id: ItemId,
        probabilities: NDArray[np.float64],
        matches: tuple[TopicMatch, ...],
        unsupported_language: bool = False,
    ) -> Classification:
        scores = {topic: round(float(one), 4) for topic, one in zip(self.topics.topic_ids, probabilities, strict=True)}
        return Classification(item_id, self.version, matches, scores, unsupported_language)
