"""An article as it is compared with others of its neighbourhood: small, and weighed anew each time."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, chain, count, islice, pairwise

import numpy as np

from pipeline.facts import ArticleView
from pipeline.group.corpus import NUMBER, Corpus, Floats, WeighedArticle, damp_counts, find_kinds
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
    facts = {term: article.vector[term] for term in article.names}
    facts |= {term: article.vector[term] * NUMBER_WEIGHT for term in article.numbers}
    lead = _count_lead(view)
    terms = sorted(lead)
    weights = damp_counts(map(lead.__getitem__, terms), len(terms)) * corpus.weigh_rarities(terms)
    return Sketch(
        ItemId(view.item_id),
        view.title.text,
        view.published_at,
        _count_terms(article.words[:MAX_WORDS], view.terms),
        _count_terms(sorted(sorted(facts), key=facts.__getitem__, reverse=True)[:MAX_FACTS], view.terms),
        _count_terms([terms[n] for n in np.argsort(-weights, kind="stable")[:MAX_LEAD].tolist()], lead),
        index_terms,
    )


def list_terms(sketches: Iterable[Sketch]) -> set[str]:
    """The terms whose rarity is asked for when these are compared."""
    return set[str]().union(*(part.terms for each in sketches for part in (each.words, each.facts, each.lead)))


def weigh_sketch(sketch: Sketch, corpus: Corpus) -> dict[str, float]:
    """The words and facts of an article as a vector, both parts as long as the root of their share."""
    vector: dict[str, float] = {}
    for part, share in ((sketch.words, WORDS_SHARE), (sketch.facts, FACTS_SHARE)):
        weights = np.fromiter(part.counts, float, len(part.counts)) * corpus.weigh_rarities(part.terms)
        weights *= math.sqrt(share / (float((weights * weights).sum()) or 1.0))
        vector.update(zip(part.terms, weights.tolist(), strict=True))
    return vector


def compare_sketches(sketches: Sequence[Sketch], corpus: Corpus, local: float) -> Floats:
    """How alike each two are: LIKENESSES x sketches x sketches, 0..1, with 0 on the diagonals.

    The more of them hold a term, the less it counts: what all look-alikes share tells none from another. `local` is
    the number of further articles without the term that are thought of beside them.
    """
    terms, tables = zip(*map(_tabulate, zip(*map(split_sketch, sketches), strict=True)), strict=True)
    vectors = np.concatenate(tables, axis=1)
    held = np.count_nonzero(vectors, axis=0)
    vectors *= corpus.weigh_rarities(list(chain.from_iterable(terms)))
    vectors *= np.sqrt(1 - (held - 1) / (len(sketches) + local))
    ends = accumulate(map(len, terms), initial=0)
    cosines = np.empty((len(LIKENESSES), len(sketches), len(sketches)))
    for number, (start, end) in enumerate(pairwise(ends)):
        part = vectors[:, start:end]
        np.matmul(part, part.T, out=cosines[number])
    lengths = np.sqrt(np.diagonal(cosines, axis1=1, axis2=2))
    lengths = np.where(lengths > 0, lengths, 1.0)
    cosines /= lengths[:, :, None] * lengths[:, None, :]
    cosines[:, range(len(sketches)), range(len(sketches))] = 0.0
    return cosines


def split_sketch(sketch: Sketch) -> tuple[Part, Part, Part, Part]:
    """The parts of a sketch by which it is compared, in the order of LIKENESSES."""
    return sketch.words, *_split_facts(sketch.facts), sketch.lead


@lru_cache(maxsize=4096)
def _split_facts(facts: Part) -> tuple[Part, Part]:
    """Names, and numbers that are no days: look-alikes of one week share their days."""
    names = [n for n, term in enumerate(facts.terms) if term[0] == "@"]
    numbers = [n for n, term in enumerate(facts.terms) if term[0] == "#" and " " in term]
    return _pick(facts, names), _pick(facts, numbers)


def _pick(facts: Part, chosen: Sequence[int]) -> Part:
    return Part(tuple(facts.terms[n] for n in chosen), tuple(facts.counts[n] for n in chosen))


def _tabulate(parts: Sequence[Part]) -> tuple[Collection[str], Floats]:
    """All terms of some parts, and the count of each in each: parts x terms."""
    sizes = [len(part.terms) for part in parts]
    columns = defaultdict[str, int](count().__next__)  # numbered as they come
    terms = chain.from_iterable(part.terms for part in parts)
    places = np.fromiter(map(columns.__getitem__, terms), np.intp, sum(sizes))
    counts = np.fromiter(chain.from_iterable(part.counts for part in parts), float, sum(sizes))
    table = np.zeros((len(parts), len(columns)))
    table[np.repeat(np.arange(len(parts)), sizes), places] = counts
    return columns.keys(), table


def _count_lead(view: ArticleView) -> dict[str, int]:
    said = islice((s.stems for s in view.sentences if "boilerplate" not in s.marks), LEAD_SENTENCES)
    counts = Counter(chain(view.title.stems, *said))
    return {stem: count for stem, count in counts.items() if len(stem) > 1 and not stem[0].isdigit()}


def _count_terms(terms: Sequence[str], counts: Mapping[str, float]) -> Part:
    damped = damp_counts(map(counts.__getitem__, terms), len(terms))
    damped[find_kinds(terms) == NUMBER] *= NUMBER_WEIGHT
    return Part(tuple(terms), tuple(np.minimum(np.rint(damped * UNIT), LARGEST).astype(int).tolist()))
