"""How rare the terms of an article are, by what was read so far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice, repeat
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from pipeline.facts import ArticleView
from pipeline.group.background import load_background

Floats = NDArray[np.float64]

NAME, NUMBER = ord("@"), ord("#")  # first character of a term
UNREAD = 5.0  # articles taken as read before the first: a name heard once is still rare in an empty archive
BACKGROUND_WEIGHT = 0.01  # of a text of the background beside an article that was really read
LEAST_RARITY = 0.5  # of a term that every article holds
NAME_WEIGHT = 1.5  # a shared name says more than a shared word as rare


@dataclass(frozen=True, slots=True)
class Corpus:
    """How many articles have been grouped so far, and how many of them hold each of the terms asked for."""

    documents: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def weigh_rarities(self, terms: Sequence[str]) -> Floats:
        """Inverse document frequency over what was read and the background; a name counts for more than a word."""
        read = np.fromiter(map(self.counts.get, terms, repeat(0)), float, len(terms))
        common = np.fromiter(map(load_background().counts.get, terms, repeat(0)), float, len(terms))
        rarities = np.maximum(self.top_rarity - np.log(read + BACKGROUND_WEIGHT * common + 1.0), LEAST_RARITY)
        return np.where(find_kinds(terms) == NAME, rarities * NAME_WEIGHT, rarities)

    @property
    def top_rarity(self) -> float:
        """The rarity of a word never seen."""
        return math.log(self.documents + BACKGROUND_WEIGHT * load_background().documents + UNREAD) + 0.5


@dataclass(frozen=True, slots=True)
class WeighedArticle:
    """An article's terms weighed once, to be compared with many stories."""

    vector: Mapping[str, float]  # term -> weight, the heaviest first; of length one
    rarity: Mapping[str, float]
    words: tuple[str, ...]  # in the order of `vector`, as are the others
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    name_rarity: float  # of all names together
    number_rarity: float
    word_norm: float
    fact_norm: float


def weigh_article(view: ArticleView, corpus: Corpus) -> WeighedArticle:
    """TF-IDF of an article: 1 + log of the weighted count, times rarity (Salton and Buckley 1988)."""
    terms = sorted(view.terms)
    rarities = corpus.weigh_rarities(terms)
    weights = damp_counts(map(view.terms.__getitem__, terms), len(terms)) * rarities
    weights /= math.sqrt(float(weights @ weights)) or 1.0
    order = np.argsort(-weights, kind="stable")
    terms, weights, rarities = [*map(terms.__getitem__, order.tolist())], weights[order], rarities[order]
    kinds = find_kinds(terms)
    is_name, is_number = kinds == NAME, kinds == NUMBER
    is_word = ~(is_name | is_number)
    return WeighedArticle(
        dict(zip(terms, weights.tolist(), strict=True)),
        dict(zip(terms, rarities.tolist(), strict=True)),
        tuple(compress(terms, is_word.tolist())),
        tuple(compress(terms, is_name.tolist())),
        tuple(compress(terms, is_number.tolist())),
        float(rarities[is_name].sum()),
        float(rarities[is_number].sum()),
        *_measure_norms(weights, is_word),
    )


def find_kinds(terms: Sequence[str]) -> NDArray[np.int32]:
    """Of each term NAME, NUMBER, or anything else for a word."""
    return np.fromiter(map(ord, map(itemgetter(0), terms)), np.int32, len(terms))


def damp_counts(counts: Iterable[float], size: int) -> Floats:
    """1 + log of each count; one of a term that only the end of an article holds, and so less often than once."""
    damped: Floats = 1.0 + np.log(np.maximum(np.fromiter(counts, float, size), 1.0))
    return damped


def choose_index_terms(article: WeighedArticle, limit: int) -> tuple[str, ...]:
    """The terms that tell this article from others, the most telling first: what its story is looked up by."""
    return tuple(islice(article.vector, limit))


def measure_norms(terms: Mapping[str, float]) -> tuple[float, float]:
    """The Euclidean lengths of the words and of the names and numbers of a vector."""
    kinds = find_kinds(list(terms))
    weights = np.fromiter(terms.values(), float, len(terms))
    return _measure_norms(weights, (kinds != NAME) & (kinds != NUMBER))


def _measure_norms(weights: Floats, is_word: NDArray[np.bool_]) -> tuple[float, float]:
    words, facts = weights[is_word], weights[~is_word]
    return round(math.sqrt(float(words @ words)), 6), round(math.sqrt(float(facts @ facts)), 6)
