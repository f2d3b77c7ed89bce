"""What the readers of a story have been told: bounded, frozen, JSON-serialisable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from pipeline.facts import ArticleView, Quantity
from pipeline.models import ItemId, StoryId

MAX_SENTENCES = 200  # the newest; older ones live on in the facts
MAX_FACTS = 1000
MAX_WAITING = 8
MAX_ITEMS = 64  # more than a story may have that still changes: the list of one that does is whole
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class WaitingSentence:
    """A sentence that was not sure enough to be told: its words, and what in it was new."""

    stems: tuple[str, ...]
    quantities: tuple[Quantity, ...] = ()
    names: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """News of one publisher that waits for a second one to say the same."""

    item_id: ItemId
    publisher: str
    at: datetime  # publication
    because: str  # what it would have been told for
    certainty: float
    sentences: tuple[WaitingSentence, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The facts a story has had so far, oldest first, and the voices that carried them."""

    story_id: StoryId
    last_at: datetime  # publication of the newest article taken in
    articles: int = 0
    items: tuple[ItemId, ...] = ()  # the newest of them
    publishers: tuple[str, ...] = ()
    sentences: tuple[tuple[str, ...], ...] = ()  # stems
    quantities: tuple[Quantity, ...] = ()
    names: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()  # the newest, also those whose time is over


def start_telling(story_id: StoryId, opened_at: datetime) -> Told:
    """A story nobody has heard of yet."""
    return Told(story_id=story_id, last_at=opened_at)


def tell_article(told: Told, view: ArticleView, is_new: bool = True) -> Told:
    """What is known after an article was read; a version of a known one (`is_new` False) is no further article.

    A copy is not told again: it is no further voice.
    """
    said = (view.title, *view.sentences)
    return replace(
        told,
        last_at=max(told.last_at, view.published_at),
        articles=told.articles + is_new,
        items=_add_item(told.items, ItemId(view.item_id)) if is_new else told.items,
        publishers=_merge(told.publishers, (view.publisher,)),
        sentences=(*told.sentences, *(s.stems for s in said))[-MAX_SENTENCES:],
        quantities=_merge(told.quantities, (q for s in said for q in s.quantities)),
        names=_merge(told.names, (n for s in said for n in s.names)),
        stages=_merge(told.stages, (x for s in said for x in s.stages)),
        dates=_merge(told.dates, (d for s in said for d in s.dates)),
        stems=_merge(told.stems, (w for s in said for w in s.stems)),
    )


def tell_both(told: Told, other: Told) -> Told:
    """What is known once two stories are one; the first gives its name."""
    early, late = sorted((told, other), key=lambda each: (each.last_at, each.story_id))
    return Told(
        story_id=told.story_id,
        last_at=late.last_at,
        articles=told.articles + other.articles,
        items=_merge(early.items, late.items)[-MAX_ITEMS:],
        publishers=_merge(early.publishers, late.publishers),
        sentences=(*early.sentences, *late.sentences)[-MAX_SENTENCES:],
        quantities=_merge(early.quantities, late.quantities),
        names=_merge(early.names, late.names),
        stages=_merge(early.stages, late.stages),
        dates=_merge(early.dates, late.dates),
        stems=_merge(early.stems, late.stems),
        waiting=(*early.waiting, *late.waiting)[-MAX_WAITING:],
    )


def tell_again(story_id: StoryId, told: Told, views: Iterable[ArticleView]) -> Told:
    """A story told anew from those articles of `told` that it has by now, in the order of their publication."""
    anew = start_telling(story_id, told.last_at)
    for view in sorted(views, key=lambda each: (each.published_at, each.item_id)):
        anew = tell_article(anew, view)
    return replace(anew, waiting=tuple(each for each in told.waiting if each.item_id in anew.items))


def _add_item(items: tuple[ItemId, ...], item_id: ItemId) -> tuple[ItemId, ...]:
    return _merge(items, (item_id,))[-MAX_ITEMS:]


def _merge(known: tuple[Fact, ...], more: Iterable[Fact]) -> tuple[Fact, ...]:
    """Each once, at the place where it was said last: what falls off at the end is what nobody repeats."""
    last = dict.fromkeys(reversed(tuple(more)))
    return (*(fact for fact in known if fact not in last), *reversed(last))[-MAX_FACTS:]
