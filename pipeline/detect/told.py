"""What the readers of a story have been told: bounded, frozen, JSON-serialisable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from pipeline.facts import ArticleView, Quantity
from pipeline.models import StoryId

MAX_SENTENCES = 200  # the newest; older ones live on in the facts
MAX_FACTS = 1000
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Told:
    """The facts a story has had so far, oldest first, and the voices that carried them."""

    story_id: StoryId
    last_at: datetime  # publication of the newest article taken in
    articles: int = 0
    publishers: tuple[str, ...] = ()
    sentences: tuple[tuple[str, ...], ...] = ()  # stems
    quantities: tuple[Quantity, ...] = ()
    names: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()


def start_telling(story_id: StoryId, opened_at: datetime) -> Told:
    """A story nobody has heard of yet."""
    return Told(story_id=story_id, last_at=opened_at)


def tell_article(told: Told, view: ArticleView) -> Told:
    """What is known after an article was read. A copy is not told again: it is no further voice."""
    said = (view.title, *view.sentences)
    return replace(
        told,
        last_at=max(told.last_at, view.published_at),
        articles=told.articles + 1,
        publishers=_merge(told.publishers, (view.publisher,)),
        sentences=(*told.sentences, *(s.stems for s in said))[-MAX_SENTENCES:],
        quantities=_merge(told.quantities, (q for s in said for q in s.quantities)),
        names=_merge(told.names, (n for s in said for n in s.names)),
        stages=_merge(told.stages, (x for s in said for x in s.stages)),
        dates=_merge(told.dates, (d for s in said for d in s.dates)),
        stems=_merge(told.stems, (w for s in said for w in s.stems)),
    )


def _merge(known: tuple[Fact, ...], more: Iterable[Fact]) -> tuple[Fact, ...]:
    """Each once, at the place where it was said last: what falls off at the end is what nobody repeats."""
    merged = dict.fromkeys(known)
    for fact in more:
        merged.pop(fact, None)
        merged[fact] = None
    return tuple(merged)[-MAX_FACTS:]
