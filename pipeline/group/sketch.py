"""An article as it is compared with others of its neighbourhood: small, and weighed anew each time."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from pipeline.facts import ArticleView
from pipeline.group.corpus import Corpus, WeighedArticle, damp_count
from pipeline.models import ItemId

UNIT = 40  # counts are kept as whole numbers of this part: small ones, of which Python keeps only one each
LARGEST = 255
MAX_WORDS, MAX_FACTS, MAX_LEAD = 90, 50, 80
LEAD_SENTENCES = 5
NUMBER_WEIGHT = 1.85  # of numbers and days beside names: two accidents share a place, not the count of their dead
WORDS_SHARE, FACTS_SHARE = 0.2, 0.58  # of a story's vector
LIKENESSES = ("words", "names", "numbers", "lead")  # names apart from numbers and days


@dataclass(frozen=True, slots=True)
class Part:
    """The heaviest terms when the article came, and how often it says them: 1 + log of the count, in UNITs."""

    terms: tuple[str, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """The heaviest terms of an article."""

    item_id: ItemId
    title: str
    published_at: datetime
    words: Part
    facts: Part  # names, numbers, days
    lead: Part  # the words of headline and lead, once more
    index_terms: tuple[str, ...]  # by which its story is found


def sketch_article(view: ArticleView, article: WeighedArticle, index_terms: tuple[str, ...], corpus: Corpus) -> Sketch:
    """The sketch of an article: what is heavy by how rare its terms were when it came."""
    facts = {term: weight for term, weight, _ in article.names}
    facts |= {term: weight * NUMBER_WEIGHT for term, weight, _ in article.numbers}
    lead = _count_lead(view)
    rarity = corpus.weigh_rarities(lead)
    return Sketch(
        ItemId(view.item_id),
        view.title.text,
        view.published_at,
        _keep_heaviest(dict(article.words), view.terms, MAX_WORDS),
        _keep_heaviest(facts, view.terms, MAX_FACTS),
        _keep_heaviest({term: damp_count(count) * rarity[term] for term, count in lead.items()}, lead, MAX_LEAD),
        index_terms,
    )


def list_terms(sketches: Iterable[Sketch]) -> set[str]:
    """The terms whose rarity is asked for when these are compared."""
    return {term for each in sketches for part in (each.words, each.facts, each.lead) for term in part.terms}


def weigh_sketch(sketch: Sketch, rarity: Mapping[str, float]) -> dict[str, float]:
    """The words and facts of an article as a vector, both parts as long as the root of their share."""
    vector: dict[str, float] = {}
    for part, share in ((sketch.words, WORDS_SHARE), (sketch.facts, FACTS_SHARE)):
        weights = [count * rarity[term] for term, count in zip(part.terms, part.counts, strict=True)]
        unit = math.sqrt(share / (sum(weight * weight for weight in weights) or 1.0))
        vector |= {term: weight * unit for term, weight in zip(part.terms, weights, strict=True)}
    return vector


def compare_sketches(sketches: Sequence[Sketch], rarity: Mapping[str, float], local: float) -> NDArray[np.float64]:
    """How alike each two are: LIKENESSES x sketches x sketches, 0..1, with 0 on the diagonals.

    The more of them hold a term, the less it counts: what all look-alikes share tells none from another. `local` is
    the number of further articles without the term that are thought of beside them.
    """
    names = [_pick(sketch.facts, _is_name) for sketch in sketches]
    numbers = [_pick(sketch.facts, _is_number) for sketch in sketches]
    words, lead = [sketch.words for sketch in sketches], [sketch.lead for sketch in sketches]
    return np.stack([_compare_parts(parts, rarity, local) for parts in (words, names, numbers, lead)])


def _is_name(term: str) -> bool:
    return term[0] == "@"


def _is_number(term: str) -> bool:
    """True for a number that is no day: look-alikes of one week share their days."""
    return term[0] == "#" and " " in term


def _pick(facts: Part, is_wanted: Callable[[str], bool]) -> Part:
    chosen = [number for number, term in enumerate(facts.terms) if is_wanted(term)]
    return Part(tuple(facts.terms[n] for n in chosen), tuple(facts.counts[n] for n in chosen))


def _compare_parts(parts: Sequence[Part], rarity: Mapping[str, float], local: float) -> NDArray[np.float64]:
    """The cosine of each two parts."""
    terms = list(chain.from_iterable(part.terms for part in parts))
    columns = {term: column for column, term in enumerate(dict.fromkeys(terms))}
    rows = np.repeat(np.arange(len(parts)), [len(part.terms) for part in parts])
    vectors = np.zeros((len(parts), len(columns)))
    vectors[rows, [columns[term] for term in terms]] = list(chain.from_iterable(part.counts for part in parts))
    held = np.count_nonzero(vectors, axis=0)
    vectors *= np.array([rarity[term] for term in columns]) * np.sqrt(1 - (held - 1) / (len(parts) + local))
    lengths = np.sqrt((vectors * vectors).sum(axis=1))
    vectors /= np.where(lengths > 0, lengths, 1)[:, None]
    cosines: NDArray[np.float64] = vectors @ vectors.T
    np.fill_diagonal(cosines, 0.0)
    return cosines


def _count_lead(view: ArticleView) -> dict[str, float]:
    counts: dict[str, float] = {}
    said = (s for s in view.sentences if "boilerplate" not in s.marks)
    for sentence in (view.title, *islice(said, LEAD_SENTENCES)):
        for stem in sentence.stems:
            if len(stem) > 1 and not stem[0].isdigit():
                counts[stem] = counts.get(stem, 0.0) + 1
    return counts


def _keep_heaviest(weights: Mapping[str, float], counts: Mapping[str, float], limit: int) -> Part:
    heaviest = heapq.nsmallest(limit, weights, key=lambda term: (-weights[term], term))
    return Part(
        tuple(heaviest), tuple(min(LARGEST, round(_weigh_count(term, counts[term]) * UNIT)) for term in heaviest)
    )


def _weigh_count(term: str, count: float) -> float:
    return damp_count(count) * NUMBER_WEIGHT if term[0] == "#" else damp_count(count)
