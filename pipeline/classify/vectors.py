"""Counts -> TF-IDF values, each block of features scaled to its own length.

The rows of the vocabulary are sorted by name, so the blocks (`c:`, `l:`, `p:`, `t:`, `w:`)
are ranges of rows. The rows of a word's letter groups are remembered: an article has
four thousand letter groups, but few words that no earlier article had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.features import Counts, letter_groups

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

# In how many examples a feature must occur to be kept, by block.
MIN_EXAMPLES: Final = {"w": 2, "l": 3, "c": 1, "p": 2, "t": 2}

WORDS_REMEMBERED: Final = 50_000


class Vectoriser:
    """Which features are known, how rare each is, and how much each block counts."""

    def __init__(self, names: Sequence[str], idf: Floats, block_weights: Mapping[str, float]) -> None:
        """`names` sorted, n of them; `idf` of length n."""
        self.names = tuple(names)
        self.idf = idf
        self.block_weights = dict(block_weights)
        self._rows = {name: row for row, name in enumerate(self.names)}
        self._ranges = {block: _find_range(self.names, block) for block in self.block_weights}
        self._letters_of: dict[str, Rows] = {}

    def scale(self, counts: Counts) -> tuple[Rows, Floats]:
        """The known features of an article: their rows, and counts weighed by rarity and scaled by block."""
        known = [(row, count) for name, count in counts.named.items() if (row := self._rows.get(name)) is not None]
        rows, values = self._count_letters(counts.words)
        if known:
            some_rows, some_values = zip(*known, strict=True)
            rows = np.concatenate([rows, np.array(some_rows, np.int64)])
            values = np.concatenate([values, np.array(some_values, np.float64)])
        values = np.log1p(values) * self.idf[rows]
        for block, (start, end) in self._ranges.items():
            here = (rows >= start) & (rows < end)
            length = float(np.sqrt(np.square(values[here]).sum()))
            if length:
                values[here] *= self.block_weights[block] / length
        return rows, values.astype(np.float32)

    def _count_letters(self, words: Mapping[str, float]) -> tuple[Rows, NDArray[np.float64]]:
        start, end = self._ranges.get("l", (0, 0))
        groups = [self._rows_of_letters(word) for word in words]
        if start == end or not groups:
            return np.zeros(0, np.int64), np.zeros(0)
        weights = np.repeat(np.fromiter(words.values(), np.float64, len(words)), [len(group) for group in groups])
        sums = np.bincount(np.concatenate(groups) - start, weights, minlength=end - start)
        found = np.flatnonzero(sums)
        return (found + start).astype(np.int64), sums[found].astype(np.float64)

    def _rows_of_letters(self, word: str) -> Rows:
        rows = self._letters_of.get(word)
        if rows is None:
            known = [row for letters in letter_groups(word) if (row := self._rows.get(letters)) is not None]
            rows = np.array(known, np.int64)
            if len(self._letters_of) < WORDS_REMEMBERED:
                self._letters_of[word] = rows
        return rows


def fit_vectoriser(documents: Sequence[Counts], block_weights: Mapping[str, float]) -> Vectoriser:
    """Keep the features that occur often enough; smoothed idf as in scikit-learn's TfidfTransformer."""
    frequencies = Counter(chain.from_iterable(_feature_names(counts) for counts in documents))
    names = sorted(
        name for name, seen in frequencies.items() if name[0] in block_weights and seen >= MIN_EXAMPLES[name[0]]
    )
    seen_in = np.array([frequencies[name] for name in names], np.float64)
    idf = np.log((1 + len(documents)) / (1 + seen_in)) + 1
    return Vectoriser(names, idf.astype(np.float32), block_weights)


def _feature_names(counts: Counts) -> Iterable[str]:
    return chain(counts.named, {letters for word in counts.words for letters in letter_groups(word)})


def _find_range(names: Sequence[str], block: str) -> tuple[int, int]:
    rows = [row for row, name in enumerate(names) if name[0] == block]
    return (rows[0], rows[-1] + 1) if rows else (0, 0)
