"""How rare the terms of an article are, by what was read so far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from pipeline.facts import ArticleView
from pipeline.group.background import load_background

UNREAD = 5.0  # articles taken as read before the first: a name heard once is still rare in an empty archive
BACKGROUND_WEIGHT = 0.01  # of a text of the background beside an article that was really read
LEAST_RARITY = 0.5  # of a term that every article holds
NAME_WEIGHT = 1.5  # a shared name says more than a shared word as rare


@dataclass(frozen=True, slots=True)
class Corpus:
    """How many articles have been grouped so far, and how many of them hold each of the terms asked for."""

    documents: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def weigh_rarities(self, terms: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency over what was read and the background; a name counts for more than a word."""
        terms, common = list(terms), load_background().counts
        read = np.array([self.counts.get(term, 0) for term in terms], dtype=float)
        known = read + BACKGROUND_WEIGHT * np.array([common.get(term, 0) for term in terms], dtype=float)
        rarities = np.maximum(self.top_rarity - np.log(known + 1.0), LEAST_RARITY)
        rarities *= [NAME_WEIGHT if term[0] == "@" else 1.0 for term in terms]
        return dict(zip(terms, rarities.tolist(), strict=True))

    @property
    def top_rarity(self) -> float:
        """The rarity of a word never seen."""
        return math.log(self.documents + BACKGROUND_WEIGHT * load_background().documents + UNREAD) + 0.5


@dataclass(frozen=True, slots=True)
class WeighedArticle:
    """An article's terms weighed once, to be compared with many stories; `vector` has length one."""

    vector: Mapping[str, float]
    words: tuple[tuple[str, float], ...]  # term, weight
    names: tuple[tuple[str, float, float], ...]  # term, weight, rarity
    numbers: tuple[tuple[str, float, float], ...]
    name_rarity: float  # of all names together
    number_rarity: float
    word_norm: float
    fact_norm: float


def weigh_article(view: ArticleView, corpus: Corpus) -> WeighedArticle:
    """TF-IDF of an article: 1 + log of the weighted count, times rarity (Salton and Buckley 1988)."""
    rarity = corpus.weigh_rarities(view.terms)
    raw = {term: damp_count(count) * rarity[term] for term, count in view.terms.items()}
    norm = math.sqrt(sum(w * w for w in raw.values())) or 1.0
    vector = {term: weight / norm for term, weight in raw.items()}
    return WeighedArticle(
        vector,
        tuple((term, weight) for term, weight in vector.items() if term[0] not in "@#"),
        tuple((term, weight, rarity[term]) for term, weight in vector.items() if term[0] == "@"),
        tuple((term, weight, rarity[term]) for term, weight in vector.items() if term[0] == "#"),
        sum(r for term, r in rarity.items() if term[0] == "@"),
        sum(r for term, r in rarity.items() if term[0] == "#"),
        *measure_norms(vector),
    )


def damp_count(count: float) -> float:
    """1 + log of a count; one of a term that only the end of an article holds, and so less often than once."""
    return 1 + math.log(count) if count > 1.0 else 1.0


def choose_index_terms(article: WeighedArticle, limit: int) -> tuple[str, ...]:
    """The terms that tell this article from others, the most telling first: what its story is looked up by."""
    return tuple(sorted(article.vector, key=lambda term: (-article.vector[term], term))[:limit])


def measure_norms(terms: Mapping[str, float]) -> tuple[float, float]:
    """The Euclidean lengths of the words and of the names and numbers of a vector."""
    words = facts = 0.0
    for term, weight in terms.items():
        if term[0] in "@#":
            facts += weight * weight
        else:
            words += weight * weight
    return round(math.sqrt(words), 6), round(math.sqrt(facts), 6)
