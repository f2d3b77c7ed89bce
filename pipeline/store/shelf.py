"""The records of one kind as a lookup by terms sees them: the lists of the database, and what is not there yet.

The lists are read for many lookups at once and stay as they were read; what was remembered since lies beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nlargest
from itertools import chain
from typing import Final

from sqlalchemy import Connection

from pipeline.store.memory_rows import Row, TermList, count_day, hash_terms, read_lists

LISTED: Final = 128  # pipeline.judge.LISTED; a test holds both memories equal
_SPARE: Final = 64  # read of a list beyond that: as many may be taken out of it before it is read again
_NOTHING = TermList()


class Shelf:
    """The lists of one kind in one transaction."""

    def __init__(self, tx: Connection, kind: type) -> None:
        self._tx, self._kind = tx, kind
        self._unwritten: dict[str, Row] = {}
        self._fresh: dict[int, list[Row]] = {}  # hashed term -> what is not written
        self._lists: dict[int, TermList] = {}
        self._days: dict[str, int] = {}  # of what is listed
        self._first_day = 0  # of the lists

    @property
    def is_crowded(self) -> bool:
        """True when so much of what is listed was remembered anew that the lists may not be long enough."""
        return len(self._unwritten) > _SPARE and sum(key in self._days for key in self._unwritten) > _SPARE

    def put(self, row: Row) -> None:
        """Remember a record in place of an earlier one."""
        if was := self._unwritten.get(row.key):
            for term in was.terms:
                self._fresh[term].remove(was)
        self._unwritten[row.key] = row
        for term in row.terms:
            if term in self._fresh:
                self._fresh[term].append(row)
            else:
                self._fresh[term] = [row]

    def clear(self) -> list[Row]:
        """What is to be written; the lists are read anew afterwards."""
        rows = list(self._unwritten.values())
        self._unwritten, self._fresh, self._lists, self._days = {}, {}, {}, {}
        return rows

    def read_lists(self, terms: Iterable[str], since: datetime) -> None:
        """Read the lists of these terms, unless they are known."""
        self._read(hash_terms(self._kind, terms), count_day(since))

    def look_up(self, terms: Iterable[str], since: datetime, limit: int) -> list[str]:
        """The keys under at least one of the terms, none of a day before `since`, best first: see `judge.Memory`."""
        hashed, first_day = hash_terms(self._kind, terms), count_day(since)
        self._read(hashed, first_day)
        listed: list[Sequence[str]] = []
        beside: list[Iterable[str]] = []
        for term in hashed:
            known, fresh = self._lists[term], self._fresh.get(term)
            if known is _NOTHING and not fresh:
                continue
            keys = _cut_days(known, first_day)
            new = [row.key for row in fresh if row.day >= first_day] if fresh else []
            if len(keys) + len(new) > LISTED:
                keys, new = self._cut(keys, new)
            listed.append(keys)
            if new:
                beside.append(new)
        shared = Counter(chain.from_iterable(listed))
        for key in self._unwritten:  # what is listed of these is what they were before
            shared.pop(key, None)
        shared.update(chain.from_iterable(beside))
        return self._rank(shared, limit)

    def _read(self, terms: Iterable[int], first_day: int) -> None:
        if not self._lists or first_day < self._first_day:
            self._lists, self._days, self._first_day = {}, {}, first_day
        unread = dict.fromkeys(term for term in terms if term not in self._lists)
        if not unread:
            return
        found = read_lists(self._tx, unread, self._first_day, LISTED + _SPARE)
        self._lists.update(dict.fromkeys(unread, _NOTHING) | found)
        for known in found.values():
            self._days.update(zip(known.keys, known.days, strict=True))

    def _cut(self, keys: Sequence[str], new: list[str]) -> tuple[Sequence[str], list[str]]:
        """The newest of a long list: those that lie in the database, and those beside it."""
        if not self._unwritten.keys().isdisjoint(keys):
            keys = [key for key in keys if key not in self._unwritten]
        came = [(self._unwritten[key].day, key) for key in new]
        room = LISTED - len(new)
        if not new or (0 < room < len(keys) and min(came) > (self._days[keys[room]], keys[room])):  # all are newer
            return keys[:room], new
        stay = ((self._days[key], key, True) for key in keys)
        newest = nlargest(LISTED, chain(stay, ((day, key, False) for day, key in came)))
        return [key for _, key, is_listed in newest if is_listed], [
            key for _, key, is_listed in newest if not is_listed
        ]

    def _rank(self, shared: Counter[str], limit: int) -> list[str]:
        days, fresh, least = self._days, self._unwritten, _find_least(shared, limit)
        best = [
            (count, fresh[key].day if key in fresh else days[key], key)
            for key, count in shared.items()
            if count >= least
        ]
        return [key for _, _, key in nlargest(limit, best)]


def _cut_days(known: TermList, first_day: int) -> Sequence[str]:
    if not known.days or known.days[-1] >= first_day:
        return known.keys
    return [key for key, day in zip(known.keys, known.days, strict=True) if day >= first_day]


def _find_least(shared: Counter[str], limit: int) -> int:
    """The number of shared terms that the last of the best has: most of the others need not be put in order."""
    total = 0
    for count, keys in sorted(Counter(shared.values()).items(), reverse=True):
        total += keys
        if total >= limit:
            return count
    return 0
