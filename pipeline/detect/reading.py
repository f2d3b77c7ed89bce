"""An article against what a story has told, sentence by sentence and as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.detect.gate import measure_article, score_sentences, squash, weigh
from pipeline.detect.novelty import NewFacts, ToldIndex, measure_sentence
from pipeline.detect.told import Told
from pipeline.facts import ArticleView


@dataclass(frozen=True, slots=True)
class Reading:
    """What an article says that a story has not had."""

    index: ToldIndex
    found: Sequence[NewFacts]
    features: Sequence[dict[str, float]]
    scores: Sequence[float]  # how likely each sentence is new
    worth: float  # how likely the article is worth telling


def read_against(view: ArticleView, told: Told) -> Reading:
    """Read an article as one that follows others of the story."""
    index = ToldIndex(told, view)
    found = [index.find_new(s) for s in view.sentences]
    features = [
        measure_sentence(s, new, index, n) for n, (s, new) in enumerate(zip(view.sentences, found, strict=True))
    ]
    scores = score_sentences(features)
    worth = round(squash(weigh(measure_article(view, scores, found, index), "article")), 3)
    return Reading(index, found, features, scores, worth)
