"""Counts -> TF-IDF values, each block of features scaled to its own length.

The rows of the vocabulary are sorted by name, so the blocks (`c:`, `l:`, `p:`, `t:`, `w:`)
are ranges of rows. The rows of a word's letter groups are remembered: an article has
thousands of letter groups, but few words that no earlier article had.

Repetition counts by its logarithm (sublinear term frequency, Manning, Raghavan and
Schuetze 2008, section 6.4.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.features import ArticleCounts, Counts, letter_groups

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
Vector = tuple[Rows, Floats]  # rows of the vocabulary and their TF-IDF values

# In how many examples a feature must occur to be kept, by block.
MIN_EXAMPLES: Final = {"w": 2, "l": 3, "c": 1, "p": 2, "t": 2}

TITLE_WEIGHT: Final = 2.0
LEAD_WEIGHT: Final = 1.5
LEAD_PARTS: Final = 2  # how many parts make the lead, and a passage
BODY_WEIGHT: Final = 0.5

WORDS_REMEMBERED: Final = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Counts as rows of the vocabulary; a row may occur more than once."""

    rows: Rows
    counts: Floats

    def times(self, weight: float) -> Encoded:
        """The same rows, counted `weight` times."""
        return Encoded(self.rows, self.counts * np.float32(weight))


class Vectoriser:
    """Which features are known, how rare each is, and how much each block counts."""

    def __init__(self, names: Sequence[str], idf: Floats, block_weights: Mapping[str, float]) -> None:
        """`names` sorted, n of them; `idf` of length n."""
        self.names = tuple(names)
        self.idf = idf
        self.block_weights = dict(block_weights)
        self._rows = {name: row for row, name in enumerate(self.names)}
        self._ranges = _find_ranges(self.names, self.block_weights)
        self._letters_of: dict[str, Rows] = {}

    def scale_whole(self, article: ArticleCounts) -> Vector:
        """The article as rows and TF-IDF values: its title counts most, then its lead."""
        parts = [self._encode(part) for part in article.parts]
        return self._scale([self._encode(article.title).times(TITLE_WEIGHT), *_weigh_parts(parts)])

    def scale_passages(self, article: ArticleCounts) -> tuple[Vector, list[Vector]]:
        """The whole article, and each part under the title as if it were a short article.

        A text of one or two parts has no passages.
        """
        title = self._encode(article.title).times(TITLE_WEIGHT)
        parts = [self._encode(part) for part in article.parts]
        whole = self._scale([title, *_weigh_parts(parts)])
        if len(parts) <= 2 * LEAD_PARTS:
            return whole, []
        # Neighbours overlap, so that no passage is missed for lying across a cut.
        windows = [parts[at : at + LEAD_PARTS] for at in range(len(parts) - LEAD_PARTS + 1)]
        return whole, [self._scale([title, *(part.times(LEAD_WEIGHT) for part in window)]) for window in windows]

    def _encode(self, counts: Counts) -> Encoded:
        named = counts.named
        rows = np.fromiter(map(self._rows.get, named, repeat(-1)), np.intp, len(named))
        values = np.fromiter(named.values(), np.float32, len(named))[rows >= 0]
        rows = rows[rows >= 0]
        letters = [self._rows_of_letters(word) for word in counts.words]
        repeats = np.fromiter(map(len, letters), np.intp, len(letters))
        words = np.repeat(np.fromiter(counts.words.values(), np.float32, len(letters)), repeats)
        return Encoded(np.concatenate([rows, *letters]), np.concatenate([values, words]))

    def _scale(self, parts: Sequence[Encoded]) -> Vector:
        together = np.concatenate([part.rows for part in parts])
        rows, places = np.unique(together, return_inverse=True)
        counts = np.bincount(places, np.concatenate([part.counts for part in parts]), len(rows))
        values = np.log1p(counts) * self.idf[rows]
        for block, (start, end) in self._ranges.items():
            here = slice(*np.searchsorted(rows, (start, end)))
            length = float(np.sqrt(np.square(values[here]).sum()))
            if length:
                values[here] *= self.block_weights[block] / length
        return rows, values.astype(np.float32)

    def _rows_of_letters(self, word: str) -> Rows:
        rows = self._letters_of.get(word)
        if rows is None:
            known = [row for letters in letter_groups(word) if (row := self._rows.get(letters)) is not None]
            rows = np.array(known, np.intp)
            if len(self._letters_of) < WORDS_REMEMBERED:
                self._letters_of[word] = rows
        return rows


def fit_vectoriser(articles: Sequence[ArticleCounts], block_weights: Mapping[str, float]) -> Vectoriser:
    """Keep the features that occur often enough; smoothed idf as in scikit-learn's TfidfTransformer."""
    frequencies = Counter(chain.from_iterable(_feature_names(article) for article in articles))
    names = sorted(
        name for name, seen in frequencies.items() if name[0] in block_weights and seen >= MIN_EXAMPLES[name[0]]
    )
    seen_in = np.array([frequencies[name] for name in names], np.float64)
    idf = np.log((1 + len(articles)) / (1 + seen_in)) + 1
    return Vectoriser(names, idf.astype(np.float32), block_weights)


def _feature_names(article: ArticleCounts) -> set[str]:
    parts = (article.title, *article.parts)
    words = {word for part in parts for word in part.words}
    return {name for part in parts for name in part.named} | {name for word in words for name in letter_groups(word)}


def _weigh_parts(parts: Sequence[Encoded]) -> Iterable[Encoded]:
    return (part.times(LEAD_WEIGHT if at < LEAD_PARTS else BODY_WEIGHT) for at, part in enumerate(parts))


def _find_ranges(names: Sequence[str], blocks: Iterable[str]) -> dict[str, tuple[int, int]]:
    firsts = np.array([ord(name[0]) for name in names], np.uint8)
    return {
        block: (int(np.searchsorted(firsts, ord(block))), int(np.searchsorted(firsts, ord(block), "right")))
        for block in blocks
    }
