"""The trained topic model: scores a text, names its topics and says which words carried them.

Plain arrays and dictionaries: a prediction needs no scikit-learn and the file
holds nothing that could run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.explain import LOUDEST, ShownTerms
from pipeline.classify.features import Pieces, count_pieces, read_article
from pipeline.classify.language import is_english
from pipeline.classify.lexicon import Rows
from pipeline.classify.topics import TopicSet
from pipeline.classify.vectors import Floats, Vectoriser
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
        # The logistic function by its tanh: nothing to overflow, and no SciPy to load.
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * (self.slopes * scores + self.offsets)), np.float64)


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
        self._finder = vectoriser.finder

    def classify(self, item_id: ItemId, title: str, text: str, language: str = "") -> Classification:
        """The topics of one article, most probable first; none for an empty or non-English text."""
        if not is_english(f"{title}\n{text}", language):
            return self._answer(item_id, np.zeros(len(self.topics.topics)), (), unsupported_language=True)
        if self._finder.lexicon.is_full:
            self._finder.lexicon.forget()
        article = read_article(title, text, self._finder)
        if len(article.tokens) == 1:  # the end of the title
            return self._answer(item_id, np.zeros(len(self.topics.topics)), ())
        decision = self.decision
        seen = self._finder.find(article.tokens)
        rows, values = self.vectoriser.scale_readings(count_pieces(article, seen, self._finder))
        coefficients = decision.coefficients.take(rows, axis=0)
        probabilities = decision.probabilities(score_readings(values @ coefficients) + decision.intercepts)
        hits = [int(at) for at in np.argsort(-probabilities) if probabilities[at] >= decision.thresholds[at]]
        if not hits:
            return self._answer(item_id, probabilities, ())
        shown = ShownTerms(article, seen, self._finder)
        terms = [self._explain(article, shown, rows, values[0] * coefficients[:, at]) for at in hits]
        matches = tuple(
            TopicMatch(self.topics.topic_ids[at], round(float(probabilities[at]), 4), found)
            for at, found in zip(hits, terms, strict=True)
        )
        return self._answer(item_id, probabilities, matches)

    def _explain(self, article: Pieces, shown: ShownTerms, rows: Rows, shares: Floats) -> tuple[str, ...]:
        """The terms for one topic; `shares` tells what each of the rows said for it."""
        spoke = np.maximum(shares, 0.0)
        first, last = self.vectoriser.letters  # single letter groups are shown to nobody
        start, end = np.searchsorted(rows, (first, last))
        rest = np.concatenate([spoke[:start], spoke[end:]])
        loudest = np.argsort(-rest, kind="stable")[:LOUDEST]
        names = [self.vectoriser.names[row] for row in np.concatenate([rows[:start], rows[end:]])[loudest].tolist()]

        def share_letters(places: list[int]) -> list[float]:
            found, nth = self.vectoriser.find_rows(article.tokens[places])
            is_letter = (first <= found) & (found < last)
            spoken = spoke[np.searchsorted(rows, found[is_letter])]
            shares: list[float] = np.bincount(nth[is_letter], spoken, len(places)).tolist()
            return shares

        return shown.rank(zip(names, rest[loudest].tolist(), strict=True), share_letters, TERMS_SHOWN)

    def _answer(
        self,
        item_id: ItemId,
        probabilities: NDArray[np.float64],
        matches: tuple[TopicMatch, ...],
        unsupported_language: bool = False,
    ) -> Classification:
        scores = {topic: round(float(one), 4) for topic, one in zip(self.topics.topic_ids, probabilities, strict=True)}
        return Classification(item_id, self.version, matches, scores, unsupported_language)
