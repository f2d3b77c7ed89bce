"""Whether two clusters of articles are one story: a linear gate over their mean likenesses, sizes and days apart.

The likenesses go in as logarithms, so they multiply: look-alikes share their words and not their numbers, or the other
way round, and one high value must not make up for another that is next to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline.group.corpus import Floats
from pipeline.group.sketch import LIKENESSES

FEATURES = (*LIKENESSES, "smaller", "larger", "days")
LIKE, SMALLER, LARGER, DAYS = slice(len(LIKENESSES)), *range(len(LIKENESSES), len(FEATURES))
FACTS = slice(LIKENESSES.index("names"), LIKENESSES.index("numbers") + 1)
LEAST_LIKENESS = 0.05  # added to each: below it likeness is chance, and its logarithm would run away


class Clusters:
    """Articles in clusters that can be merged and measured; the number of a cluster stays its own."""

    def __init__(self, likeness: Floats, days: Floats, members: Sequence[Sequence[int]]) -> None:
        """`likeness`: LIKENESSES x articles x articles, 0 on the diagonals; `days`: when each article was published.

        `members` holds the numbers of the articles of each cluster, each article once.
        """
        self.members = [list(each) for each in members]
        self.alive = np.ones(len(members), dtype=bool)
        belongs = np.zeros((len(members), len(days)))
        for number, each in enumerate(members):
            belongs[number, each] = 1.0
        self._likeness = belongs @ likeness @ belongs.T  # summed over the pairs
        self._days = belongs @ np.abs(days[:, None] - days[None, :]) @ belongs.T
        self.sizes = belongs.sum(axis=1)

    def measure(self, rows: slice) -> Floats:
        """The FEATURES of some clusters with each cluster: rows x clusters x FEATURES."""
        own, sizes = self.sizes[rows, None], self.sizes
        pairs = own * sizes
        features = np.empty((*pairs.shape, len(FEATURES)))
        features[..., LIKE] = np.moveaxis(self._likeness[:, rows] / pairs, 0, -1) + LEAST_LIKENESS
        features[..., SMALLER], features[..., LARGER] = np.minimum(own, sizes), np.maximum(own, sizes)
        features[..., DAYS] = np.maximum(self._days[rows] / pairs, 1)
        return np.log(features, out=features)

    def share_facts(self, rows: slice) -> NDArray[np.bool_]:
        """Whether some clusters share a name or a number with each cluster: rows x clusters."""
        shared: NDArray[np.bool_] = np.any(self._likeness[FACTS, rows] > 0, axis=0)
        return shared

    def merge(self, kept: int, gone: int) -> None:
        """Put the articles of one cluster into another."""
        self.members[kept] += self.members[gone]
        self.alive[gone] = False
        self._likeness[:, kept, :] += self._likeness[:, gone, :]
        self._likeness[:, :, kept] = self._likeness[:, kept, :]
        self._days[kept] += self._days[gone]
        self._days[:, kept] = self._days[kept]
        self.sizes[kept] += self.sizes[gone]

    def list_alive(self) -> list[list[int]]:
        """The articles of each cluster that is left."""
        return [members for members, alive in zip(self.members, self.alive, strict=True) if alive]


def weigh_merge(features: Floats) -> Floats:
    """The log-odds that two clusters are one story, by their FEATURES."""
    weights, bias = _load_gate()
    odds: Floats = features @ weights + bias
    return odds


@lru_cache(maxsize=1)
def _load_gate() -> tuple[Floats, float]:
    gate: Mapping[str, float] = json.loads(files("pipeline.group").joinpath("merge.json").read_text("utf-8"))
    return np.array([gate[name] for name in FEATURES]), gate["bias"]
