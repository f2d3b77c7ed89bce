"""Counts -> TF-IDF values, each block of features scaled to the same length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# In how many examples a feature must occur to be kept, by block.
MIN_EXAMPLES: Final = {"w": 2, "l": 3, "c": 1, "p": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """The features of one article that the model knows: names, their rows and scaled values."""

    names: Sequence[str]
    rows: NDArray[np.int64]
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Vectoriser:
    """Which features are known, how rare each is, and how much each block counts."""

    vocabulary: Mapping[str, int]  # feature name -> row
    idf: Floats
    block_weights: Mapping[str, float]

    def scale(self, counts: Mapping[str, float]) -> Vector:
        """Weigh counts by rarity and scale every block to the length of its weight."""
        vocabulary = self.vocabulary
        names = [name for name in counts if name in vocabulary]
        rows = np.fromiter((vocabulary[name] for name in names), np.int64, len(names))
        values = np.fromiter((counts[name] for name in names), np.float32, len(names)) * self.idf[rows]
        blocks = np.fromiter((ord(name[0]) for name in names), np.uint8, len(names))
        for block, weight in self.block_weights.items():
            here = blocks == ord(block)
            length = float(np.sqrt(np.square(values[here]).sum()))
            if length:
                values[here] *= weight / length
        return Vector(names, rows, values)


def fit_vectoriser(documents: Sequence[Mapping[str, float]], block_weights: Mapping[str, float]) -> Vectoriser:
    """Keep the features that occur often enough; smoothed idf as in scikit-learn's TfidfTransformer."""
    frequencies = Counter(name for counts in documents for name in counts)
    names = _keep_names(frequencies.items(), block_weights)
    seen_in = np.array([frequencies[name] for name in names], np.float64)
    idf = (np.log((1 + len(documents)) / (1 + seen_in)) + 1).astype(np.float32)
    return Vectoriser({name: row for row, name in enumerate(names)}, idf, dict(block_weights))


def _keep_names(frequencies: Iterable[tuple[str, int]], block_weights: Mapping[str, float]) -> list[str]:
    return sorted(name for name, count in frequencies if name[0] in block_weights and count >= MIN_EXAMPLES[name[0]])
