"""One run, and how every room is asked: item by item in order, alone or many in one transaction."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from pipeline.config import Settings, load_settings, open_database
from pipeline.errors import WirewatchError
from pipeline.garbage import spare_what_is_there
from pipeline.models import ItemId, Outcome, Room, RunId
from pipeline.store import items
from pipeline.store.database import Database, Transaction, commit_later, plan_once

Counts = dict[str, int]
log = logging.getLogger(__name__)


class Progress(Protocol):
    """Shows how far a step is; the default shows nothing."""

    def __call__(self, step: str, total: int) -> Callable[[], None]:
        """Start a bar of `total`; call what it returns once per finished item."""


def show_nothing(step: str, total: int) -> Callable[[], None]:
    """No progress bar: for workers, whose screen nobody watches."""
    return lambda: None


@dataclass(frozen=True)
class Walk:
    """One run: the instant it takes for the present, and the things it works with."""

    run_id: RunId
    now: datetime
    settings: Settings
    database: Database
    is_backfill: bool = False
    progress: Progress = field(default=show_nothing)


@contextmanager
def open_walk(
    run_id: str, now: datetime, is_backfill: bool = False, progress: Progress = show_nothing
) -> Iterator[Walk]:
    """A walk over the configured database. Raises SettingError, StoreUnavailable, StoreOutdated."""
    settings = load_settings()
    with open_database(settings) as database:
        yield Walk(RunId(run_id), now.astimezone(UTC), settings, database, is_backfill, progress)


Answer = Callable[[Transaction, ItemId], Outcome | None]
AnswerTogether = Callable[[Transaction, Sequence[ItemId]], Sequence[Outcome]]  # each item, in its order
_Begin = Callable[[], AbstractContextManager[Transaction]]
ANSWERED_TOGETHER = 100  # items in one transaction: a killed worker answers as many again


def answer_all(walk: Walk, room: Room, answer: Answer) -> Counts:
    """Take all that waits for a room through it; returns how many had which outcome."""
    return _take_all(walk, room, 1, lambda begin, lot: [_answer_one(walk, begin, room, lot[0], answer)])


def answer_in_lots(walk: Walk, room: Room, answer: AnswerTogether) -> Counts:
    """The same with many items in one transaction, for rooms in which the database would cost more than the answer."""
    return _take_all(walk, room, ANSWERED_TOGETHER, lambda begin, lot: _answer_lot(walk, begin, room, lot, answer))


def _take_all(
    walk: Walk, room: Room, together: int, answer: Callable[[_Begin, Sequence[ItemId]], Sequence[str]]
) -> Counts:
    """`answer` tells what to count each item of a lot as."""
    counts: Counter[str] = Counter()
    with walk.database.hold() as begin, spare_what_is_there():
        with begin() as tx:
            waiting = items.read_waiting(tx, room)
        advance = walk.progress(room, len(waiting))
        for place in range(0, len(waiting), together):
            for outcome in answer(begin, waiting[place : place + together]):
                counts[outcome] += 1
                advance()
    return dict(counts)


def _answer_lot(walk: Walk, begin: _Begin, room: Room, lot: Sequence[ItemId], answer: AnswerTogether) -> Sequence[str]:
    """Take items through a room together, or each alone when one of them fails: then nothing has happened yet."""
    try:
        return _settle_lot(walk, begin, room, lot, answer)
    except WirewatchError:
        raise  # the database, a setting, a model: no item's fault
    except Exception:
        return [_answer_one(walk, begin, room, item_id, lambda tx, one: answer(tx, [one])[0]) for item_id in lot]


def _settle_lot(walk: Walk, begin: _Begin, room: Room, lot: Sequence[ItemId], answer: AnswerTogether) -> Sequence[str]:
    with begin() as tx:
        commit_later(tx)
        plan_once(tx)
        claimed = items.claim_items(tx, lot, room)
        outcomes = answer(tx, [item_id for item_id in lot if item_id in claimed]) if claimed else ()
        items.save_outcomes(tx, walk.run_id, outcomes, walk.now)
    return [each.outcome for each in outcomes] + ["taken by another walk"] * (len(lot) - len(claimed))


def _answer_one(walk: Walk, begin: _Begin, room: Room, item_id: ItemId, answer: Answer) -> str:
    """Take one item through one room, in one transaction; returns what to count it as."""
    try:
        return _settle(walk, begin, room, item_id, answer)
    except WirewatchError:
        raise  # the database, a setting, a model: not this item's fault
    except Exception as error:
        # A fault of ours on one article must not stop the desk: it is a counted outcome, its trace in the log.
        log.exception("%s: item %s", room, item_id)
        fault = Outcome(item_id, room, items.FAULT, describe(error), passed=False)
        return _settle(walk, begin, room, item_id, lambda _tx, _item_id: fault)


def _settle(walk: Walk, begin: _Begin, room: Room, item_id: ItemId, answer: Answer) -> str:
    with begin() as tx:
        if not items.claim_item(tx, item_id, room):
            return "taken by another walk"
        outcome = answer(tx, item_id)
        if outcome is None:
            return "waits"
        items.save_outcome(tx, walk.run_id, outcome, walk.now)
        return outcome.outcome


def describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def clock() -> datetime:
    return datetime.now(UTC)
