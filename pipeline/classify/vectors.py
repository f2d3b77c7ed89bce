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
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise, repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.features import WORDS_REMEMBERED, ArticleCounts, Part, letter_groups

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
Vector = tuple[Rows, Floats]  # rows of the vocabulary and their TF-IDF values
Readings = tuple[Rows, Floats]  # rows of the vocabulary, and r x rows: the whole article first, then its passages

# In how many examples a feature must occur to be kept, by block.
MIN_EXAMPLES: Final = {"w": 2, "l": 3, "c": 1, "p": 2, "t": 2}

TITLE_WEIGHT: Final = 2.0
LEAD_WEIGHT: Final = 1.5
LEAD_PARTS: Final = 2  # how many parts make the lead, and a passage
BODY_WEIGHT: Final = 0.5

_NO_ROWS: Final = np.zeros(0, np.intp)


class _WordRows(dict[str, Rows]):
    """The rows of a word and of its letter groups, looked up once; a mask has none."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        super().__init__()
        self._rows = rows

    def __missing__(self, word: str) -> Rows:
        names = ("w:" + word, *(letter_groups(word) if word[0] not in "_." else ()))
        found = np.array([self._rows[name] for name in names if name in self._rows], np.intp)
        if len(self) < WORDS_REMEMBERED:
            self[word] = found
        return found


class Vectoriser:
    """Which features are known, how rare each is, and how much each block counts."""

    def __init__(self, names: Sequence[str], idf: Floats, block_weights: Mapping[str, float]) -> None:
        """`names` sorted, n of them; `idf` of length n."""
        self.names = tuple(names)
        self.idf = idf
        self.block_weights = dict(block_weights)
        self._rows = {name: row for row, name in enumerate(self.names)}
        self._pairs = _split_pairs(self._rows, "w:", " ")
        self._concept_pairs = _split_pairs(self._rows, "p:", "+")
        self._ranges = _find_ranges(self.names, self.block_weights)
        self._concepts = {name[2:]: row for name, row in self._rows.items() if name[0] == "c"}
        self._rows_of_words = _WordRows(self._rows)

    def scale_whole(self, article: ArticleCounts) -> Vector:
        """The article as rows and TF-IDF values: its title counts most, then its lead."""
        rows, counts = self._count(article)
        return rows, self._scale(rows, _weigh_whole(len(article.parts)) @ counts)[0]

    def scale_readings(self, article: ArticleCounts) -> Readings:
        """The whole article, and each passage under the title as if it were a short article.

        A text of four parts or fewer has no passages.
        """
        rows, counts = self._count(article)
        return rows, self._scale(rows, _weigh_readings(len(article.parts)) @ counts)

    @property
    def letters(self) -> tuple[int, int]:
        """The first row of the letter groups, and the first after them."""
        return self._ranges["l"]

    def find_rows(self, word: str) -> Rows:
        """The rows of a word and of its letter groups."""
        return self._rows_of_words[word]

    def _count(self, article: ArticleCounts) -> tuple[Rows, Floats]:
        """The rows that the article has, sorted, and how often each of its parts has them, the title first."""
        parts = (article.title, *article.parts)
        found = [self._find_words(parts), self._find_features(parts), self._find_headline(article)]
        together = np.concatenate([rows for rows, _ in found])
        has = np.zeros(len(self.names), np.bool_)
        has[together] = True
        rows = np.flatnonzero(has)
        place = np.empty(len(self.names), np.intp)
        place[rows] = np.arange(len(rows))
        cells = np.concatenate([part_of for _, part_of in found]) * len(rows) + place[together]
        counts = np.bincount(cells, minlength=len(parts) * len(rows))
        return rows, counts.reshape(len(parts), len(rows)).astype(np.float32)

    def _find_words(self, parts: Sequence[Part]) -> tuple[Rows, Rows]:
        """Rows of words and letter groups, and the part that each is in."""
        found = [*map(self._rows_of_words.__getitem__, chain.from_iterable(part.words for part in parts))]
        part_of = np.repeat(np.arange(len(parts)), [len(part.words) for part in parts])
        repeats = np.fromiter(map(len, found), np.intp, len(found))
        return np.concatenate([_NO_ROWS, *found]), np.repeat(part_of, repeats)

    def _find_features(self, parts: Sequence[Part]) -> tuple[Rows, Rows]:
        """Rows of pairs of words, concepts and pairs of concepts, and the part that each is in."""
        found: list[int] = []
        counts = []
        for part in parts:
            before = len(found)
            found += map(self._pairs.get, pairwise(part.words), repeat(-1))
            found += map(self._concepts.get, part.concepts, repeat(-1))
            found += map(self._concept_pairs.get, part.concept_pairs, repeat(-1))
            counts.append(len(found) - before)
        rows = np.array(found, np.intp)
        known = rows >= 0
        return rows[known], np.repeat(np.arange(len(parts)), counts)[known]

    def _find_headline(self, article: ArticleCounts) -> tuple[Rows, Rows]:
        found = [row for name in article.headline if (row := self._rows.get(name)) is not None]
        return np.array(found, np.intp), np.zeros(len(found), np.intp)

    def _scale(self, rows: Rows, counts: Floats) -> Floats:
        values = np.log1p(counts)
        values *= self.idf[rows]
        for block, (start, end) in self._ranges.items():
            here = values[:, slice(*np.searchsorted(rows, (start, end)))]
            lengths = np.sqrt(np.einsum("ij,ij->i", here, here))[:, None]
            here *= self.block_weights[block] / np.maximum(lengths, np.float32(1e-9))
        return np.asarray(values, np.float32)


def fit_vectoriser(articles: Sequence[ArticleCounts], block_weights: Mapping[str, float]) -> Vectoriser:
    """Keep the features that occur often enough; smoothed idf as in scikit-learn's TfidfTransformer."""
    frequencies = Counter(chain.from_iterable(_list_features(article) for article in articles))
    names = sorted(
        name for name, seen in frequencies.items() if name[0] in block_weights and seen >= MIN_EXAMPLES[name[0]]
    )
    seen_in = np.array([frequencies[name] for name in names], np.float64)
    idf = np.log((1 + len(articles)) / (1 + seen_in)) + 1
    return Vectoriser(names, idf.astype(np.float32), block_weights)


def _list_features(article: ArticleCounts) -> set[str]:
    parts = (article.title, *article.parts)
    words = {word for part in parts for word in part.words if word[0] not in "_."}
    letters = {name for word in words for name in letter_groups(word)}
    return {name for part in parts for name in part.list_names()} | letters | article.headline


def _weigh_whole(parts: int) -> Floats:
    """1 x (1 + parts): how much the title and each part count in the whole."""
    lead = min(parts, LEAD_PARTS)
    return np.array([[TITLE_WEIGHT, *[LEAD_WEIGHT] * lead, *[BODY_WEIGHT] * (parts - lead)]], np.float32)


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


def _split_pairs(rows: Mapping[str, int], block: str, between: str) -> dict[tuple[str, str], int]:
    pairs = ((name[len(block) :].partition(between), row) for name, row in rows.items() if name.startswith(block))
    return {(first, second): row for (first, found, second), row in pairs if found}


def _find_ranges(names: Sequence[str], blocks: Iterable[str]) -> dict[str, tuple[int, int]]:
    firsts = np.array([ord(name[0]) for name in names], np.uint8)
    return {
        block: (int(np.searchsorted(firsts, ord(block))), int(np.searchsorted(firsts, ord(block), "right")))
        for block in blocks
    }
