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

from pipeline.listing import LISTED, count_day
from pipeline.store.memory_rows import Row, TermList, hash_terms, read_lists

_SPARE: Final = 16  # read of a list beyond that: as many may be taken out of it before it is read again
_NOTHING = TermList()


class Shelf:
    """The lists of one kind in one transaction."""

    def __init__(self, tx: Connection, kind: type) -> None:
        self._tx, self._kind = tx, kind
        self._unwritten: dict[str, Row] = {}
        self._fresh: dict[int, list[Row]] = {}  # hashed term -> what is not written
        self._forget_lists()

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
        self._unwritten, self._fresh = {}, {}
        self._forget_lists()
        return rows

    def look_up_all(self, asked: Sequence[tuple[Sequence[str], datetime]], limit: int) -> list[list[str]]:
        """`look_up` by each of these terms since these times; it will not count again when they are asked for."""
        if not asked:
            return []
        hashed = [hash_terms(self._kind, terms) for terms, _ in asked]
        days = [count_day(since) for _, since in asked]
        self._read(chain.from_iterable(hashed), min(days))
        found = []
        for terms, first_day in zip(hashed, days, strict=True):
            shared = self._count(terms, first_day)
            self._counted[tuple(terms), first_day] = shared.copy()
            self._amend(shared, terms, first_day)
            found.append(self._rank(shared, limit))
        return found

    def look_up(self, terms: Iterable[str], since: datetime, limit: int) -> list[str]:
        """The keys under at least one of the terms, none of a day before `since`, best first: see `judge.Memory`."""
        hashed, first_day = hash_terms(self._kind, terms), count_day(since)
        self._read(hashed, first_day)
        shared = self._counted.pop((tuple(hashed), first_day), None)
        if shared is None:
            shared = self._count(hashed, first_day)
        self._amend(shared, hashed, first_day)
        return self._rank(shared, limit)

    def _forget_lists(self) -> None:
        self._lists: dict[int, TermList] = {}
        self._days: dict[str, int] = {}  # of what is listed
        self._first_day = 0  # of the lists
        self._counted: dict[tuple[tuple[int, ...], int], Counter[str]] = {}

    def _read(self, terms: Iterable[int], first_day: int) -> None:
        if not self._lists or first_day < self._first_day:
            self._forget_lists()
            self._first_day = first_day
        if unread := dict.fromkeys(term for term in terms if term not in self._lists):
            self._lists.update(dict.fromkeys(unread, _NOTHING))
            self._read_lists(unread, LISTED + _SPARE)

    def _read_lists(self, terms: Iterable[int], most: int) -> None:
        found = read_lists(self._tx, terms, self._first_day, most)
        self._lists.update(found)
        for known in found.values():
            self._days.update(zip(known.keys, known.days, strict=True))

    def _count(self, terms: Iterable[int], first_day: int) -> Counter[str]:
        """How many of the terms each record of the lists has, by what lies in the database."""
        lists = (_cut_days(known, first_day) for term in terms if (known := self._lists[term]) is not _NOTHING)
        return Counter(chain.from_iterable(keys if len(keys) <= LISTED else keys[:LISTED] for keys in lists))

    def _amend(self, shared: Counter[str], terms: Iterable[int], first_day: int) -> None:
        """Count what is not written too, instead of what it replaces and of what it pushes out of the lists."""
        for key in self._unwritten:
            shared.pop(key, None)
        for term in terms if self._unwritten else ():
            fresh = self._fresh.get(term)
            new = [row.key for row in fresh if row.day >= first_day] if fresh else []
            if len(self._lists[term].keys) + len(new) > LISTED:
                new = self._amend_long(shared, term, new, first_day)
            if new:
                shared.update(new)

    def _amend_long(self, shared: Counter[str], term: int, new: list[str], first_day: int) -> list[str]:
        """Move the end of a long list; returns those of the new records that are among the newest."""
        known = self._lists[term]
        listed = _cut_days(known, first_day)
        stay, counted = listed, LISTED
        if not self._unwritten.keys().isdisjoint(listed):
            stay = [key for key in listed if key not in self._unwritten]
            if len(stay) < LISTED and len(listed) == len(known.keys) and not known.is_whole:
                self._read_lists((term,), LISTED + _SPARE + len(self._unwritten))
                return self._amend_long(shared, term, new, first_day)
            counted = sum(key not in self._unwritten for key in listed[:LISTED])
        newest, end = self._choose_newest(stay, new)
        if end != counted:
            shared.subtract(stay[end:counted])
            shared.update(stay[counted:end])
        return newest

    def _choose_newest(self, stay: Sequence[str], new: list[str]) -> tuple[list[str], int]:
        """The newest LISTED of both: the new ones among them, and how many of the others."""
        came = [(self._unwritten[key].day, key) for key in new]
        room = LISTED - len(new)
        if not new or len(stay) <= room or (room > 0 and min(came) > (self._days[stay[room]], stay[room])):
            return new, room
        listed = ((self._days[key], key, True) for key in stay)
        newest = nlargest(LISTED, chain(listed, ((day, key, False) for day, key in came)))
        chosen = [key for _, key, is_listed in newest if not is_listed]
        return chosen, len(newest) - len(chosen)

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
            return max(count, 1)
    return 1  # none was pushed out of all its lists
