"""An article as it is compared with others of its neighbourhood: small, weighed once, when it came."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from pipeline.facts import ArticleView
from pipeline.group.corpus import Corpus, WeighedArticle
from pipeline.models import ItemId

UNIT = 400  # weights are whole numbers of this part: small ones, of which Python keeps only one each
LARGEST = 255
MAX_WORDS, MAX_FACTS, MAX_LEAD = 60, 40, 40
LEAD_SENTENCES = 3
NUMBER_WEIGHT = 1.85  # of numbers and days beside names: two accidents share a place, not the count of their dead
WORDS_SHARE, FACTS_SHARE, LEAD_SHARE = 0.2, 0.58, 0.22  # of the likeness of two articles


@dataclass(frozen=True, slots=True)
class Part:
    """Terms and their weights, the heaviest first."""

    terms: tuple[str, ...]
    weights: tuple[int, ...]


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
    """The sketch of an article, its terms as rare as they were when it came."""
    facts = {term: weight for term, weight, _ in article.names}
    facts |= {term: weight * NUMBER_WEIGHT for term, weight, _ in article.numbers}
    return Sketch(
        ItemId(view.item_id),
        view.title.text,
        view.published_at,
        _scale(dict(article.words), MAX_WORDS, WORDS_SHARE),
        _scale(facts, MAX_FACTS, FACTS_SHARE),
        _scale(_weigh_lead(view, corpus), MAX_LEAD, LEAD_SHARE),
        index_terms,
    )


def compare_sketches(sketches: Sequence[Sketch], local: float) -> list[list[float]]:
    """How alike each two are, 0..1: row n holds the n sketches before it.

    The more of them hold a term, the less it counts: what all look-alikes share tells none from another. `local` is
    the number of further articles without the term that are thought of beside them.
    """
    rows = [[0.0] * number for number in range(len(sketches))]
    _add_likeness(rows, [sketch.words for sketch in sketches], WORDS_SHARE, local)
    _add_likeness(rows, [sketch.facts for sketch in sketches], FACTS_SHARE, local)
    _add_likeness(rows, [sketch.lead for sketch in sketches], LEAD_SHARE, local)
    return rows


def _add_likeness(rows: list[list[float]], parts: Sequence[Part], share: float, local: float) -> None:
    """Add the cosine of each two parts, times the share of the whole likeness that it has."""
    holders: dict[str, list[tuple[int, int]]] = {}
    for number, part in enumerate(parts):
        for term, weight in zip(part.terms, part.weights, strict=True):
            holders.setdefault(term, []).append((number, weight))
    squares = [0.0] * len(parts)
    shared = []
    for held in holders.values():
        rarity = 1 - (len(held) - 1) / (len(parts) + local)
        for number, weight in held:
            squares[number] += weight * weight * rarity
        if len(held) > 1:
            shared.append((rarity, held))
    scales = [math.sqrt(share / square) if square else 0.0 for square in squares]
    for rarity, held in shared:
        scaled = [(number, scales[number] * weight) for number, weight in held]
        for place, (number, mine) in enumerate(scaled):
            row, counts = rows[number], mine * rarity
            for other, theirs in scaled[:place]:
                row[other] += counts * theirs


def _weigh_lead(view: ArticleView, corpus: Corpus) -> dict[str, float]:
    counts: dict[str, int] = {}
    said = (s for s in view.sentences if "boilerplate" not in s.marks)
    for sentence in (view.title, *islice(said, LEAD_SENTENCES)):
        for stem in sentence.stems:
            if len(stem) > 1 and not stem[0].isdigit():
                counts[stem] = counts.get(stem, 0) + 1
    rarity = corpus.weigh_rarities(counts)
    return {stem: (1 + math.log(count)) * rarity[stem] for stem, count in counts.items()}


def _scale(weights: Mapping[str, float], limit: int, share: float) -> Part:
    """The heaviest terms, as long together as the root of their share."""
    heaviest = heapq.nsmallest(limit, weights, key=lambda term: (-weights[term], term))
    length = math.sqrt(sum(weights[term] ** 2 for term in heaviest)) or 1.0
    unit = UNIT * math.sqrt(share) / length
    return Part(tuple(heaviest), tuple(min(LARGEST, round(weights[term] * unit)) for term in heaviest))
