"""What a new article does to the stories near it: the clusters of `regroup`, as stories, moves and states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from pipeline.group.corpus import Corpus
from pipeline.group.regroup import RegroupSettings, regroup
from pipeline.group.sketch import Sketch
from pipeline.group.state import StoryState, empty_story, gather_story, take_in_article
from pipeline.models import ItemId, Move, StoryId, make_story_id

MOST_NAMES = 10  # tried for a story that nobody's name is left for


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The stories near an article, and what is remembered of the newest articles of each."""

    stories: Sequence[StoryState]
    sketches: Mapping[StoryId, Sequence[Sketch]]  # none empty

    @property
    def settled(self) -> frozenset[StoryId]:
        """The stories that only grow: too large to be put together anew, or not all their articles are remembered."""
        return frozenset(story.id for story in self.stories if story.size != len(self.sketches[story.id]))


@dataclass(frozen=True, slots=True)
class Change:
    """Where an article goes, and what becomes of the stories near it."""

    story_id: StoryId
    stories: tuple[StoryState, ...]  # those that are other than before
    moves: tuple[Move, ...]


def place_article(
    newcomer: Sketch,
    near: Neighbourhood,
    corpus: Corpus,
    is_free: Callable[[StoryId], bool],
    settings: RegroupSettings,
) -> Change:
    """Put the stories near an article together anew, with it.

    `corpus` knows all terms of `list_terms`; `is_free` tells whether no story bears a name.
    """
    clusters = regroup(newcomer, near.sketches, near.settled, corpus, settings)
    were = {sketch.item_id: story_id for story_id, members in near.sketches.items() for sketch in members}
    names = list(_name_all(clusters, were, near, is_free))
    now = {sketch.item_id: name for name, members in zip(names, clusters, strict=True) for sketch in members}
    moves = tuple(Move(item, were[item], now[item]) for item in sorted(were) if were[item] != now[item])
    stories = tuple(_list_changed(near, dict(zip(names, clusters, strict=True)), corpus))
    return Change(now[newcomer.item_id], stories, moves)


def join_article(newcomer: Sketch, story: StoryState, corpus: Corpus) -> Change:
    """Add an article to a story without a look at the others: who has belonged to it, does."""
    return Change(story.id, (take_in_article(story, newcomer, corpus),), ())


def name_clusters(
    clusters: Sequence[Sequence[ItemId]],
    were: Mapping[ItemId, StoryId],
    order: Sequence[StoryId],
    settled: Collection[StoryId],
) -> list[StoryId | None]:
    """The story that each cluster goes on with: a settled one, or that of most members, of several the first in order.

    A story goes to the cluster that holds most of it. None: the cluster needs a name of its own.
    """
    claims = [
        (story_id not in settled, -count, order.index(story_id), number, story_id)
        for number, cluster in enumerate(clusters)
        for story_id, count in Counter(were[item] for item in cluster if item in were).items()
    ]
    names: list[StoryId | None] = [None] * len(clusters)
    taken: set[StoryId] = set()
    for *_, number, story_id in sorted(claims):
        if names[number] is None and story_id not in taken:
            names[number] = story_id
            taken.add(story_id)
    return names


def _name_all(
    clusters: Sequence[Sequence[Sketch]],
    were: Mapping[ItemId, StoryId],
    near: Neighbourhood,
    is_free: Callable[[StoryId], bool],
) -> Iterator[StoryId]:
    """The story of each cluster; one that is split off is named after an article whose own story is no more."""
    order = [story.id for story in sorted(near.stories, key=lambda story: (story.opened_at, story.id))]
    items = [[sketch.item_id for sketch in cluster] for cluster in clusters]
    names = name_clusters(items, were, order, near.settled)
    taken = {name for name in names if name}
    for name, members in zip(names, items, strict=True):
        found = name or next(free for free in _list_names(members) if free not in taken and is_free(free))
        taken.add(found)
        yield found


def _list_names(members: Sequence[ItemId]) -> Iterator[StoryId]:
    """What a story of these articles may be called; the name of the first may live on without it."""
    for item_id in members:
        yield make_story_id(item_id)
    for number in range(2, MOST_NAMES):
        yield StoryId(f"{make_story_id(members[0])}-{number}")


def _list_changed(
    near: Neighbourhood, after: Mapping[StoryId, Sequence[Sketch]], corpus: Corpus
) -> Iterator[StoryState]:
    states = {story.id: story for story in near.stories}
    for story_id, members in after.items():
        old = states.pop(story_id, None)
        were = {sketch.item_id for sketch in near.sketches.get(story_id, ())}
        came = [sketch for sketch in members if sketch.item_id not in were]
        if old is None:
            yield gather_story(story_id, members[0].title, members, corpus)
        elif len(came) + len(were) > len(members):
            yield gather_story(story_id, old.title, members, corpus)
        elif came:
            yield reduce(lambda story, sketch: take_in_article(story, sketch, corpus), came, old)
    yield from map(empty_story, states.values())
