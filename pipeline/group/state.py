"""What grouping remembers of a story: bounded, frozen, JSON-serialisable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pipeline.facts import ArticleView
from pipeline.models import ItemId, StoryId, make_story_id

MAX_STORY_TERMS = 300


@dataclass(frozen=True, slots=True)
class StoryState:
    """A story as a centroid of terms. Times are those of its members' publication."""

    id: StoryId
    title: str  # the headline of the article that opened it
    opened_at: datetime
    last_at: datetime
    size: int  # articles taken in, copies left out
    terms: Mapping[str, float]  # sum of the members' term weights, the heaviest MAX_STORY_TERMS
    index_terms: tuple[str, ...]  # the terms under which it can be found


@dataclass(frozen=True, slots=True)
class Corpus:
    """How many articles have been grouped so far, and how many of them hold each of the terms asked for."""

    documents: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def weigh_rarity(self, term: str) -> float:
        """Inverse document frequency, smoothed; a term never seen weighs most."""
        return math.log((self.documents + 2.0) / (self.counts.get(term, 0) + 1.0)) + 0.5


def open_story(view: ArticleView, index_terms: tuple[str, ...]) -> StoryState:
    """The story that an article opens."""
    story_id = make_story_id(ItemId(view.item_id))
    terms = _keep_heaviest(view.terms)
    return StoryState(story_id, view.title.text, view.published_at, view.published_at, 1, terms, index_terms)


def take_in_article(story: StoryState, view: ArticleView, index_terms: tuple[str, ...]) -> StoryState:
    """The story after an article was added to it."""
    sums = dict(story.terms)
    for term, weight in view.terms.items():
        sums[term] = sums.get(term, 0.0) + weight
    return replace(
        story,
        opened_at=min(story.opened_at, view.published_at),
        last_at=max(story.last_at, view.published_at),
        size=story.size + 1,
        terms=_keep_heaviest(sums),
        index_terms=tuple(dict.fromkeys((*index_terms, *story.index_terms)))[:MAX_INDEX_TERMS],
    )


MAX_INDEX_TERMS = 96


def _keep_heaviest(terms: Mapping[str, float]) -> dict[str, float]:
    ranked = sorted(terms.items(), key=lambda item: (-item[1], item[0]))
    return {term: round(weight, 3) for term, weight in ranked[:MAX_STORY_TERMS]}
