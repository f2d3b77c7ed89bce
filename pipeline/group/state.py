"""What grouping remembers of a story: bounded, frozen, JSON-serialisable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from pipeline.group.corpus import Corpus, measure_norms
from pipeline.group.sketch import Sketch, weigh_sketch
from pipeline.models import ItemId, StoryId

MAX_STORY_TERMS = 400
MAX_INDEX_TERMS = 96
MAX_MEMBERS = 32  # a larger story only grows


@dataclass(frozen=True, slots=True)
class StoryState:
    """A story as a centroid of terms. Times are those of its members' publication."""

    id: StoryId
    title: str  # the headline of the article that opened it
    opened_at: datetime
    last_at: datetime
    size: int  # articles taken in, copies left out
    terms: Mapping[str, float]  # sum of the members' unit vectors; the heaviest MAX_STORY_TERMS
    word_norm: float  # length of `terms`, words only
    fact_norm: float  # length of `terms`, names and numbers only
    index_terms: tuple[str, ...]  # the terms under which it can be found
    members: tuple[ItemId, ...] = ()  # the newest MAX_MEMBERS of them


def gather_story(story_id: StoryId, title: str, sketches: Sequence[Sketch], corpus: Corpus) -> StoryState:
    """The story of some articles, at least one."""
    at = sketches[0].published_at
    story = StoryState(story_id, title, at, at, 0, {}, 0.0, 0.0, ())
    for sketch in sketches:
        story = take_in_article(story, sketch, corpus)
    return story


def empty_story(story: StoryState) -> StoryState:
    """A story that lost its articles: it cannot be found any more, but its name is known."""
    return StoryState(story.id, story.title, story.opened_at, story.last_at, 0, {}, 0.0, 0.0, ())


def take_in_article(story: StoryState, sketch: Sketch, corpus: Corpus) -> StoryState:
    """The story after an article was added to it."""
    sums = dict(story.terms)
    for term, weight in weigh_sketch(sketch, corpus).items():
        sums[term] = sums.get(term, 0.0) + weight
    terms = _keep_heaviest(sums)
    return StoryState(
        story.id,
        story.title,
        min(story.opened_at, sketch.published_at),
        max(story.last_at, sketch.published_at),
        story.size + 1,
        terms,
        *measure_norms(terms),
        tuple(dict.fromkeys((*sketch.index_terms, *story.index_terms)))[:MAX_INDEX_TERMS],
        (*story.members, sketch.item_id)[-MAX_MEMBERS:],
    )


def _keep_heaviest(terms: Mapping[str, float]) -> dict[str, float]:
    if len(terms) > MAX_STORY_TERMS:
        ranked = sorted(terms.items(), key=lambda item: (-item[1], item[0]))
        terms = dict(ranked[:MAX_STORY_TERMS])
    rounded = np.round(np.fromiter(terms.values(), float, len(terms)), 5)
    return dict(zip(terms, rounded.tolist(), strict=True))
