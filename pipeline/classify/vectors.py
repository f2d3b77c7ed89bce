"""Parts of an article -> TF-IDF values, each block of features scaled to its own length.

The rows of the vocabulary are sorted by name, so the blocks (`c:`, `l:`, `p:`, `t:`, `w:`)
are ranges of rows. An article is read as a whole and passage by passage; all readings share one
small table of counts over the rows that the article has, so that a long text costs little more
than a short one. The rows of a word and of its letter groups are remembered: an article has
thousands of letter groups, but few words that no earlier article had.

Repetition counts by its logarithm (sublinear term frequency, Manning, Raghavan and
Schuetze 2008, section 6.4.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.concepts import ConceptFinder
from pipeline.classify.features import MAX_PARTS, ArticleCounts, letter_groups
from pipeline.classify.lexicon import PairColumn, Remembered, Rows, Table, Tokens
from pipeline.classify.tokens import drop_country

Floats = NDArray[np.float32]
Vector = tuple[Rows, Floats]  # rows of the vocabulary and their TF-IDF values
Features = tuple[Rows, Rows]  # rows of the vocabulary, and the part of the article that each is in
Readings = tuple[Rows, Floats]  # rows of the vocabulary, and r x rows: the whole article first, then its passages

# In how many examples a feature must occur to be kept, by block.
MIN_EXAMPLES: Final = {"w": 2, "l": 3, "c": 1, "p": 2, "t": 2}

TITLE_WEIGHT: Final = 2.0
LEAD_WEIGHT: Final = 1.5
LEAD_PARTS: Final = 2  # how many parts make the lead, and a passage
BODY_WEIGHT: Final = 0.5

NO_ROW: Final = -1


class Vectoriser:
    """Which features are known, how rare each is, and how much each block counts."""

    def __init__(
        self, names: Sequence[str], idf: Floats, block_weights: Mapping[str, float], finder: ConceptFinder
    ) -> None:
        """`names` sorted, n of them; `idf` of length n; `finder` is what articles are counted with."""
        self.names = tuple(names)
        self.idf = idf
        self.block_weights = dict(block_weights)
        self.finder = finder
        self._ranges = _find_ranges(self.names, self.block_weights)
        self._rows = {name: row for row, name in enumerate(self.names) if name[0] != "l"}
        self._letters = {self.names[row][2:]: row for row in range(*self.letters)}
        self._concepts = np.array([self._rows.get("c:" + name, NO_ROW) for name in finder.names], np.int32)
        pairs = _split_pairs(self._rows, "p:", "+")
        self._concept_pairs = np.array(
            [[pairs.get((one, two), NO_ROW) for two in finder.names] for one in finder.names], np.int32
        )
        self._word_pairs = PairColumn(finder.lexicon, _split_pairs(self._rows, "w:", " "), drop_country)
        self._rows_of = Table(finder.lexicon, self._look_up)

    def scale_whole(self, article: ArticleCounts) -> Vector:
        """The article as rows and TF-IDF values: its title counts most, then its lead."""
        rows, counts = self._count(article)
        return rows, self._scale(rows, _weigh_whole(article.text_parts) @ counts)[0]

    def scale_readings(self, article: ArticleCounts) -> Readings:
        """The whole article, and each passage under the title as if it were a short article.

        A text of four parts or fewer has no passages.
        """
        rows, counts = self._count(article)
        return rows, self._scale(rows, _weigh_readings(article.text_parts) @ counts)

    @property
    def letters(self) -> tuple[int, int]:
        """The first row of the letter groups, and the first after them."""
        return self._ranges["l"]

    def find_rows(self, tokens: Rows) -> tuple[Rows, Rows]:
        """The rows of words and of their letter groups, and for each row the place of its token."""
        return self._rows_of.read(tokens)

    def _look_up(self, token: str) -> list[int]:
        """The rows of a word and of its letter groups; a mask has no letters."""
        word, find_letters = drop_country(token), self._letters.get
        letters = letter_groups(word) if word[0] not in "_." else ()
        rows = [row for group in letters if (row := find_letters(group)) is not None]
        row = self._rows.get("w:" + word)
        return rows if row is None else [*rows, row]

    def _count(self, article: ArticleCounts) -> tuple[Rows, Floats]:
        """The rows that the article has, sorted, and how often each of its parts has them, the title first."""
        parts = 1 + article.text_parts
        found = [self._find_words(article), self._find_pairs(article), *self._find_concepts(article)]
        found.append(self._find_headline(article))
        together = np.concatenate([rows for rows, _ in found])
        part_of = np.concatenate([part_of for _, part_of in found])
        ordered = np.sort(together)
        rows = ordered[np.flatnonzero(np.diff(ordered, prepend=-1))].astype(np.intp)
        place = np.empty(len(self.names), np.int32)
        place[rows] = np.arange(len(rows))
        counts = np.zeros(parts * len(rows), np.float32)
        np.add.at(counts, part_of * len(rows) + place.take(together), np.float32(1))
        return rows, counts.reshape(parts, len(rows))

    def _find_words(self, article: ArticleCounts) -> Features:
        """Words and letter groups."""
        rows, places = self.find_rows(article.tokens)
        return rows, article.part_of_tokens[places]

    def _find_pairs(self, article: ArticleCounts) -> Features:
        """Pairs of words; a part ends between words that do not count as a pair."""
        places, rows = self._word_pairs.read(article.tokens)
        parts = article.part_of_tokens[places]
        is_inside = parts == article.part_of_tokens[places + 1]
        return rows[is_inside], parts[is_inside]

    def _find_concepts(self, article: ArticleCounts) -> Iterator[Features]:
        """Concepts and pairs of concepts."""
        for rows, part_of in (
            (self._concepts[article.concepts], article.part_of_concepts),
            (self._concept_pairs[article.concept_pairs], article.part_of_pairs),
        ):
            known = rows != NO_ROW
            yield rows[known], part_of[known]

    def _find_headline(self, article: ArticleCounts) -> Features:
        found = [self._rows[name] for name in article.headline if name in self._rows]
        return np.array(found, np.int32), np.zeros(len(found), np.intp)

    def _scale(self, rows: Rows, counts: Floats) -> Floats:
        values: Floats = np.log1p(counts, out=counts)
        values *= self.idf.take(rows)
        blocks = [slice(*ends) for ends in np.searchsorted(rows, [*self._ranges.values()]).tolist()]
        squares = [np.einsum("ij,ij->i", values[:, block], values[:, block]) for block in blocks]
        block_weights = np.array([*self.block_weights.values()], np.float32)[:, None]
        factors = block_weights / np.maximum(np.sqrt(squares), np.float32(1e-9))
        for block, factor in zip(blocks, factors, strict=True):
            values[:, block] *= factor[:, None]
        return values


def fit_vectoriser(
    articles: Sequence[ArticleCounts], block_weights: Mapping[str, float], finder: ConceptFinder
) -> Vectoriser:
    """Keep the features that occur often enough; smoothed idf as in scikit-learn's TfidfTransformer."""
    letters = Remembered(lambda word: ["l:" + group for group in letter_groups(word)])
    frequencies = Counter(chain.from_iterable(_list_features(article, letters, finder) for article in articles))
    names = sorted(
        name for name, seen in frequencies.items() if name[0] in block_weights and seen >= MIN_EXAMPLES[name[0]]
    )
    seen_in = np.array([frequencies[name] for name in names], np.float64)
    idf = np.log((1 + len(articles)) / (1 + seen_in)) + 1
    return Vectoriser(names, idf.astype(np.float32), block_weights, finder)


def _list_features(
    article: ArticleCounts, letters: Mapping[str, Iterable[str]], finder: ConceptFinder
) -> frozenset[str]:
    words = {token for token in finder.lexicon.spell_tokens(article.tokens) if token[0] not in "_."}
    return article.headline.union(article.list_names(finder), *map(letters.__getitem__, words))


def _weigh_whole(parts: int) -> Floats:
    """1 x (1 + parts): how much the title and each part count in the whole."""
    lead = min(parts, LEAD_PARTS)
    return np.array([[TITLE_WEIGHT, *[LEAD_WEIGHT] * lead, *[BODY_WEIGHT] * (parts - lead)]], np.float32)


@lru_cache(maxsize=1 + MAX_PARTS)
def _weigh_readings(parts: int) -> Floats:
    """r x (1 + parts): the same for the whole and for every passage of a long text."""
    whole = _weigh_whole(parts)
    if parts <= 2 * LEAD_PARTS:
        return whole
    # Neighbours overlap, so that no passage is missed for lying across a cut.
    passages = np.zeros((parts - LEAD_PARTS + 1, 1 + parts), np.float32)
    passages[:, 0] = TITLE_WEIGHT
    for at in range(len(passages)):
        passages[at, 1 + at : 1 + at + LEAD_PARTS] = LEAD_WEIGHT
    return np.concatenate([whole, passages])


def _split_pairs(rows: Mapping[str, int], block: str, between: str) -> dict[Tokens, int]:
    pairs = ((name[len(block) :].partition(between), row) for name, row in rows.items() if name.startswith(block))
    return {(first, second): row for (first, found, second), row in pairs if found}


def _find_ranges(names: Sequence[str], blocks: Iterable[str]) -> dict[str, tuple[int, int]]:
    firsts = np.array([ord(name[0]) for name in names], np.uint8)
    return {
        block: (int(np.searchsorted(firsts, ord(block))), int(np.searchsorted(firsts, ord(block), "right")))
        for block in blocks
    }
