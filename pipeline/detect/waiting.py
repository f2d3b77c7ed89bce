"""News that is neither clearly new nor clearly old waits until an independent publisher says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pipeline.detect.reasons import Said
from pipeline.detect.told import MAX_WAITING, Told, Waiting, WaitingSentence
from pipeline.facts import ArticleView, SentenceView
from pipeline.facts.names import fold_name
from pipeline.facts.numbers import is_same_value
from pipeline.models import ItemId
from pipeline.text import find_words, fold_text

SHARED_WORDS = 0.3  # of a waiting sentence stand in the one that confirms it
SHARED_OTHERS = 2  # names and steps that confirm where no number does: one alone is chance


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An article of another publisher that says what waits; `is_in_time` False: the wait was over by then."""

    waiting: Waiting
    sentences: tuple[SentenceView, ...]
    is_in_time: bool


def hold_news(view: ArticleView, news: Sequence[Said], because: str, certainty: float) -> Waiting | None:
    """What waits of an article; None when no sentence holds a number, name or step to recognise it by."""
    held = [
        WaitingSentence(sentence.stems, new.quantities, new.names, new.stages)
        for sentence, new in news
        if new.quantities or new.names or new.stages
    ]
    item_id = ItemId(view.item_id)
    return Waiting(item_id, view.publisher, view.published_at, because, certainty, tuple(held)) if held else None


def find_confirmed(view: ArticleView, told: Told, wait_hours: float) -> Confirmation | None:
    """The newest of what waits that this article of another publisher says too, those in time first."""
    longest = timedelta(hours=wait_hours)
    late: Confirmation | None = None
    for waiting in reversed(told.waiting):
        if not _is_independent(view, waiting):
            continue
        said = tuple(s for s in view.sentences if any(_says_same(s, each) for each in waiting.sentences))
        if said and abs(view.published_at - waiting.at) <= longest:
            return Confirmation(waiting, said, True)
        if said and late is None:
            late = Confirmation(waiting, said, False)
    return late


def keep_waiting(told: Told, held: Waiting | None, confirmed: ItemId | None) -> Told:
    """`told` with what waits from now on, and without what waits no more."""
    gone = {confirmed, held.item_id if held else None}
    waiting = [each for each in told.waiting if each.item_id not in gone]
    return replace(told, waiting=(*waiting, *([held] if held else []))[-MAX_WAITING:])


def _is_independent(view: ArticleView, waiting: Waiting) -> bool:
    """Another publisher, which does not name the first one as its source."""
    if view.publisher.casefold() == waiting.publisher.casefold() or view.item_id == waiting.item_id:
        return False
    first = {fold_name(word) for word in find_words(fold_text(waiting.publisher))} - {""}
    return not any(first and first <= set(sentence.names) for sentence in view.sentences)


def _says_same(sentence: SentenceView, waiting: WaitingSentence) -> bool:
    """A new number, or two new names or steps, and enough of the words around them."""
    numbers = [
        told
        for told in waiting.quantities
        if any(is_same_value(q, told) and q.subject == told.subject for q in sentence.quantities)
    ]
    others = {*sentence.names, *sentence.stages} & {*waiting.names, *waiting.stages}
    words = set(waiting.stems)
    is_alike = len(words & set(sentence.stems)) >= SHARED_WORDS * len(words)
    return is_alike and bool(numbers or len(others) >= SHARED_OTHERS)
