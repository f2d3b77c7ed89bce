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
MAX_VERSIONS = 128
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
    versions: tuple[tuple[ItemId, ItemId], ...] = ()  # later versions told, each with the article that it goes with
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


def tell_article(told: Told, view: ArticleView, goes_with: ItemId | None = None) -> Told:
    """What is known after an article was read, or a later version of one, which `goes_with` names.

    A version is no further article. A copy is not told again: it is no further voice.
    """
    said = (view.title, *view.sentences)
    item_id = ItemId(view.item_id)
    return replace(
        told,
        last_at=max(told.last_at, view.published_at),
        articles=told.articles + (goes_with is None),
        items=told.items if goes_with else _merge(told.items, (item_id,))[-MAX_ITEMS:],
        versions=_merge(told.versions, ((item_id, goes_with),))[-MAX_VERSIONS:] if goes_with else told.versions,
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
        versions=_merge(early.versions, late.versions)[-MAX_VERSIONS:],
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
    """A story told anew from those articles of `told` that it has by now, in the order of their publication.

    `views` are these articles and then their versions, which were published with them or later.
    """
    anew, first = start_telling(story_id, told.last_at), dict(told.versions)
    for view in sorted(views, key=lambda each: (each.published_at, first.get(ItemId(each.item_id), each.item_id))):
        anew = tell_article(anew, view, goes_with=first.get(ItemId(view.item_id)))
    return replace(anew, waiting=tuple(each for each in told.waiting if each.item_id in anew.items))


def _merge(known: tuple[Fact, ...], more: Iterable[Fact]) -> tuple[Fact, ...]:
    """Each once, at the place where it was said last: what falls off at the end is what nobody repeats."""
    last = dict.fromkeys(reversed(tuple(more)))
    return (*(fact for fact in known if fact not in last), *reversed(last))[-MAX_FACTS:]
