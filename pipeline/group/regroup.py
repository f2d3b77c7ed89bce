"""Stories that are corrected afterwards: a neighbourhood of articles, put into stories anew.

Clusters are merged as long as two of them resemble each other nearly as much as each resembles itself. What counts is
this ratio and not the likeness alone: reports of one event in other words share little, but nothing better is there;
two look-alike events share much, and share far more inside (compare the cosine of centroids, Salton and McGill 1983).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.group.sketch import Sketch, compare_sketches
from pipeline.models import StoryId


@dataclass(frozen=True, slots=True)
class RegroupSettings:
    """Thresholds of the correction; likeness is that of `compare_sketches`."""

    merge_at: float = 0.62  # likeness of two clusters, in parts of their likeness to themselves
    inertia: float = 0.055  # one story is split that much below it, two are merged that much above it
    welcome: float = 0.105  # a new article joins above merge_at - welcome
    usual: float = 0.17  # likeness of two articles of one story, before any was seen
    usual_pairs: float = 16.0  # pairs that this stands for
    local: float = 5.0  # see `compare_sketches`


@dataclass(slots=True)
class _Cluster:
    members: list[int]
    stories: frozenset[StoryId]
    is_settled: bool
    inside: float  # likeness of its pairs, summed
    root: float = 0.0  # of its likeness to itself


def regroup(
    newcomer: Sketch,
    stories: Mapping[StoryId, Sequence[Sketch]],
    settled: Collection[StoryId],
    rarity: Mapping[str, float],
    settings: RegroupSettings,
) -> list[list[Sketch]]:
    """The articles of some stories and a new one, put into clusters anew, each in the order of publication.

    Those of a settled story stay together, and no two settled stories become one.
    """
    sketches, clusters = [newcomer], [_Cluster([0], frozenset(), False, 0.0)]
    blocks: list[tuple[StoryId, list[int]]] = []
    for story_id, members in stories.items():
        numbers = range(len(sketches), len(sketches) + len(members))
        sketches.extend(members)
        parts = [list(numbers)] if story_id in settled else [[number] for number in numbers]
        blocks.extend((story_id, part) for part in parts if part)
    clusters += [_Cluster(part, frozenset((story_id,)), story_id in settled, 0.0) for story_id, part in blocks]
    alike = compare_sketches(sketches, rarity, settings.local)
    merged = _Agglomeration(clusters, alike, settings).run()
    found = [[sketches[number] for number in cluster.members] for cluster in merged]
    return [sorted(cluster, key=lambda sketch: (sketch.published_at, sketch.item_id)) for cluster in found]


class _Agglomeration:
    """Merges the two clusters that most deserve it, until none do."""

    def __init__(self, clusters: list[_Cluster], alike: list[list[float]], settings: RegroupSettings) -> None:
        self._clusters, self._settings = clusters, settings
        self._alive = list(range(len(clusters)))
        self._between = [[0.0] * len(clusters) for _ in clusters]  # likeness of the pairs, summed
        self._sum_pairs(alike)
        for cluster in clusters:
            self._measure_root(cluster)
        self._best = [self._find_best(number) for number in self._alive]  # (worth, other)

    def run(self) -> list[_Cluster]:
        """The clusters that are left."""
        while len(self._alive) > 1:
            first = max(self._alive, key=lambda number: self._best[number][0])
            worth, second = self._best[first]
            if worth < 0:
                break
            self._merge(min(first, second), max(first, second))
        return [self._clusters[number] for number in self._alive]

    def _sum_pairs(self, alike: list[list[float]]) -> None:
        cluster_of = {member: number for number, cluster in enumerate(self._clusters) for member in cluster.members}
        for a, row in enumerate(alike):
            mine = cluster_of[a]
            for b, value in enumerate(row):
                theirs = cluster_of[b]
                if mine == theirs:
                    self._clusters[mine].inside += value
                else:
                    self._between[mine][theirs] += value
                    self._between[theirs][mine] += value

    def _merge(self, kept: int, gone: int) -> None:
        one, other = self._clusters[kept], self._clusters[gone]
        one.inside += other.inside + self._between[kept][gone]
        one.members += other.members
        one.stories |= other.stories
        one.is_settled |= other.is_settled
        self._measure_root(one)
        self._alive.remove(gone)
        for number in self._alive:
            if number != kept:
                self._between[kept][number] += self._between[gone][number]
                self._between[number][kept] = self._between[kept][number]
        self._best[kept] = self._find_best(kept)
        for number in self._alive:
            if self._best[number][1] in (kept, gone):
                self._best[number] = self._find_best(number)
            elif number != kept:
                self._best[number] = max(self._best[number], (self._weigh(number, kept), kept))

    def _measure_root(self, cluster: _Cluster) -> None:
        pairs, usual = len(cluster.members) * (len(cluster.members) - 1) / 2, self._settings.usual_pairs
        cluster.root = math.sqrt((usual * self._settings.usual + cluster.inside) / (usual + pairs))

    def _find_best(self, number: int) -> tuple[float, int]:
        return max(((self._weigh(number, other), other) for other in self._alive if other != number), default=(-1.0, 0))

    def _weigh(self, number: int, other_number: int) -> float:
        """Above 0 when two clusters are one story."""
        one, other = self._clusters[number], self._clusters[other_number]
        if one.is_settled and other.is_settled:
            return -1.0
        mean = self._between[number][other_number] / (len(one.members) * len(other.members))
        worth = mean / (one.root * other.root) - self._settings.merge_at
        if not one.stories or not other.stories:
            return worth + self._settings.welcome
        was_one = not one.stories.isdisjoint(other.stories)
        return worth + self._settings.inertia if was_one else worth - self._settings.inertia
