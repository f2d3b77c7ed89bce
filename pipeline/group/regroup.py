"""Stories that are corrected afterwards: a neighbourhood of articles, put into stories anew.

The two clusters that most look like one story are merged, again and again, as long as `weigh_merge` finds some that do
(average linkage: Kaufman and Rousseeuw, Finding Groups in Data, 1990, chapter 5).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.group.corpus import Corpus, Floats
from pipeline.group.merge import SMALLER, Clusters, weigh_merge
from pipeline.group.sketch import Sketch, compare_sketches
from pipeline.models import StoryId

NEVER = -math.inf
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class RegroupSettings:
    """Thresholds of the correction, as probabilities and log-odds of `weigh_merge`."""

    merge_at: float = 0.33  # probability from which two clusters are one story
    hold: float = 3.0  # log-odds for what has been one story, divided by the root of the smaller part: an
    # article that says little stays where it is, half a story does not
    reserve: float = 0.3  # log-odds against merging two stories
    local: float = 5.0  # see `compare_sketches`


def regroup(
    newcomer: Sketch,
    stories: Mapping[StoryId, Sequence[Sketch]],
    settled: Collection[StoryId],
    corpus: Corpus,
    settings: RegroupSettings,
) -> list[list[Sketch]]:
    """The articles of some stories and a new one, put into clusters anew, each in the order of publication.

    Those of a settled story stay together, and no two settled stories become one.
    """
    sketches, blocks, owners = [newcomer], [[0]], [""]
    for story_id, members in stories.items():
        numbers = list(range(len(sketches), len(sketches) + len(members)))
        sketches.extend(members)
        parts = [numbers] if story_id in settled else [[number] for number in numbers]
        blocks.extend(parts)
        owners.extend([story_id] * len(parts))
    clusters = gather_clusters(sketches, blocks, corpus, settings.local)
    _Agglomeration(clusters, owners, settled, settings).run()
    found = [[sketches[number] for number in members] for members in clusters.list_alive()]
    return [sorted(cluster, key=lambda sketch: (sketch.published_at, sketch.item_id)) for cluster in found]


def gather_clusters(
    sketches: Sequence[Sketch], blocks: Sequence[Sequence[int]], corpus: Corpus, local: float
) -> Clusters:
    """Sketches in the given blocks, ready to be merged."""
    days = np.array([sketch.published_at.timestamp() / SECONDS_A_DAY for sketch in sketches])
    return Clusters(compare_sketches(sketches, corpus, local), days, blocks)


class _Agglomeration:
    """Merges the two clusters that most deserve it, until none do."""

    def __init__(
        self, clusters: Clusters, owners: Sequence[str], settled: Collection[StoryId], settings: RegroupSettings
    ) -> None:
        self._clusters, self._settings = clusters, settings
        self._least = math.log(settings.merge_at / (1 - settings.merge_at))
        is_settled = np.array([owner in settled for owner in owners])
        self._has_story = np.array([bool(owner) for owner in owners])
        self._was_one = np.equal.outer(np.array(owners), np.array(owners)) & self._has_story
        self._barred = is_settled[:, None] & is_settled  # no two settled stories become one ...
        np.fill_diagonal(self._barred, True)  # ... and no cluster is merged with itself
        self._worth = self._weigh(slice(None))

    def run(self) -> None:
        """Merge until no two clusters are worth it."""
        size = len(self._worth)
        while True:
            first, second = divmod(int(self._worth.argmax()), size)
            if self._worth[first, second] <= 0:
                break
            self._merge(min(first, second), max(first, second))

    def _merge(self, kept: int, gone: int) -> None:
        self._clusters.merge(kept, gone)
        self._has_story[kept] |= self._has_story[gone]
        for each in (self._was_one, self._barred):
            each[kept] |= each[gone]
            each[:, kept] = each[kept]
        self._barred[gone] = self._barred[:, gone] = True
        self._worth[gone] = self._worth[:, gone] = NEVER
        self._worth[kept] = self._worth[:, kept] = self._weigh(slice(kept, kept + 1))[0]

    def _weigh(self, rows: slice) -> Floats:
        """What merging each of some clusters with each cluster is worth, above 0 when the two are one story."""
        clusters, was_one = self._clusters, self._was_one[rows]
        features = clusters.measure(rows)
        worth = weigh_merge(features) - self._least
        held = self._settings.hold * np.exp(-0.5 * features[..., SMALLER])
        are_two = self._has_story[rows, None] & self._has_story
        worth += np.where(was_one, held, -self._settings.reserve * are_two)
        # however alike the words of two collisions are, without a name or number in common they are two
        worth[self._barred[rows] | ~clusters.share_facts(rows)] = NEVER
        return worth
