"""What the judging rooms remember, in PostgreSQL (`pipeline.judge.Memory`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import Connection

from pipeline.store import memory_rows
from pipeline.store.shelf import Shelf

T = TypeVar("T")


@contextmanager
def open_memory(tx: Connection) -> Iterator[PostgresMemory]:
    """The memory of one transaction: at the end of the block it puts down what is new, unless an exception ends it."""
    memory = PostgresMemory(tx)
    yield memory
    memory.write()


class PostgresMemory:
    """Reads ahead what it is told to, and keeps what is new until `write`; use it through `open_memory`.

    A lookup by terms reads at most so many index rows of each term, so its cost does not grow with the archive.
    """

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._known: dict[tuple[type[Any], str], Any] = {}  # None: there is no such record
        self._shelves: dict[type[Any], Shelf] = {}
        self._counts: dict[str, int] = {}
        self._documents: int | None = None
        self._counted: dict[str, int] = {}  # and not yet written
        self._new_documents = 0

    def recall(self, kind: type[T], key: str) -> T | None:
        """The record of that kind under that key, as last remembered."""
        return next(iter(self.recall_all(kind, (key,))), None)

    def recall_all(self, kind: type[T], keys: Collection[str]) -> list[T]:
        """Those that there are of the records under these keys, in the order of the keys."""
        self.read_ahead(kind, keys)
        return [record for key in keys if (record := self._known[kind, key]) is not None]

    def read_ahead(self, kind: type[Any], keys: Iterable[str]) -> None:
        """Read the records that will be recalled, at once."""
        wanted = [key for key in dict.fromkeys(keys) if (kind, key) not in self._known]
        if wanted:
            found = memory_rows.read_records(self._tx, kind, wanted)
            self._known.update(((kind, key), found.get(key)) for key in wanted)

    def find(self, kind: type[T], terms: Sequence[str], since: datetime, limit: int) -> Sequence[T]:
        """Records under at least one of the terms: most shared terms first, then newest day, then by key."""
        return self.recall_all(kind, self._open_shelf(kind).look_up(terms, since, limit))

    def find_ahead(
        self, kind: type[T], asked: Sequence[tuple[Sequence[str], datetime]], limit: int
    ) -> list[Sequence[T]]:
        """What `find` says by now to each of these terms since these times, read at once."""
        found = self._open_shelf(kind).look_up_all(asked, limit)
        self.read_ahead(kind, chain.from_iterable(found))
        return [self.recall_all(kind, keys) for keys in found]

    def remember(self, key: str, record: object, at: datetime, terms: Sequence[str] = ()) -> None:
        """Keep a record under a key, in place of an earlier one and of its terms."""
        self._known[type(record), key] = record
        self._open_shelf(type(record)).put(memory_rows.make_row(key, record, at, terms))

    def count_terms(self, terms: Collection[str]) -> None:
        """One more document that holds these terms, each once."""
        self._new_documents += 1
        for term in terms:
            self._counted[term] = self._counted.get(term, 0) + 1

    def read_counts(self, terms: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """How many documents were counted, and how many of them hold each term."""
        unread = [term for term in terms if term not in self._counts]
        if unread or self._documents is None:
            self._documents, counts = memory_rows.read_counts(self._tx, unread)
            self._counts.update(dict.fromkeys(unread, 0) | counts)
        known, counted = self._counts, self._counted
        now = {term: count for term in terms if (count := known[term] + counted.get(term, 0))}
        return self._documents + self._new_documents, now

    def write(self) -> None:
        """Put down all that was remembered and counted."""
        self._write_shelves(list(self._shelves.values()))
        if self._new_documents:
            memory_rows.add_counts(self._tx, self._counted, self._new_documents)
            self._counted, self._counts = {}, {}
            self._documents, self._new_documents = None, 0

    def _open_shelf(self, kind: type[Any]) -> Shelf:
        return self._shelves.setdefault(kind, Shelf(self._tx, kind))

    def _write_shelves(self, shelves: Sequence[Shelf]) -> None:
        if rows := [row for shelf in shelves for row in shelf.clear()]:
            memory_rows.write_records(self._tx, rows)
