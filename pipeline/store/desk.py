"""What the judging rooms remember, in PostgreSQL (`pipeline.judge.Memory`)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, and_, delete, desc, func, select
from sqlalchemy.dialects.postgresql import insert

from pipeline.store.codec import clean_text, from_json, to_json
from pipeline.store.tables import memories, memory_terms, term_counts

T = TypeVar("T")
_ALL_DOCUMENTS = ""
_LONGEST_TERM = 200  # characters; an index entry of PostgreSQL holds 2,704 bytes


class PostgresMemory:
    """The memory of one transaction: what it remembers is committed or lost with it.

    A lookup by terms reads only the index rows of those terms, so its cost does not grow with the archive.
    """

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def recall(self, kind: type[T], key: str) -> T | None:
        """The record of that kind under that key, as last remembered."""
        row = self._tx.execute(select(memories.c.record).where(_is(kind, key))).one_or_none()
        return from_json(kind, row.record) if row else None

    def find(self, kind: type[T], terms: Sequence[str], since: datetime, limit: int) -> Sequence[T]:
        """Records under at least one of the terms: most shared terms first, then newest, then by key."""
        wanted = [_fit_index(term) for term in terms]
        hits = (
            select(memory_terms.c.key, func.count().label("shared"))
            .where(memory_terms.c.kind == kind.__name__, memory_terms.c.term.in_(wanted), memory_terms.c.at >= since)
            .group_by(memory_terms.c.key)
            .subquery()
        )
        rows = self._tx.execute(
            select(memories.c.record)
            .join(hits, and_(memories.c.kind == kind.__name__, memories.c.key == hits.c.key))
            .order_by(desc(hits.c.shared), desc(memories.c.at), memories.c.key)
            .limit(limit)
        )
        return [from_json(kind, row.record) for row in rows]

    def remember(self, key: str, record: object, at: datetime, terms: Sequence[str] = ()) -> None:
        """Keep a record under a key, in place of an earlier one and of its terms."""
        kind = type(record)
        self._tx.execute(delete(memories).where(_is(kind, key)))
        self._tx.execute(insert(memories).values(kind=kind.__name__, key=key, at=at, record=to_json(record)))
        if terms:
            rows = [{"kind": kind.__name__, "term": _fit_index(term), "key": key, "at": at} for term in terms]
            self._tx.execute(insert(memory_terms).on_conflict_do_nothing(), rows)

    def count_terms(self, terms: Collection[str]) -> None:
        """One more document that holds these terms, each once."""
        # Sorted, so that two transactions take the row locks in the same order.
        rows = [{"term": term, "documents": 1} for term in sorted({_ALL_DOCUMENTS, *map(_fit_index, terms)})]
        one_more = insert(term_counts)
        counted = {"documents": term_counts.c.documents + one_more.excluded.documents}
        self._tx.execute(one_more.on_conflict_do_update(index_elements=["term"], set_=counted), rows)

    def read_counts(self, terms: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """How many documents were counted, and how many of them hold each term."""
        wanted = {_fit_index(term): term for term in terms}
        rows = self._tx.execute(select(term_counts).where(term_counts.c.term.in_([_ALL_DOCUMENTS, *wanted])))
        counts = {row.term: row.documents for row in rows}
        return counts.pop(_ALL_DOCUMENTS, 0), {wanted[term]: number for term, number in counts.items()}


def forget_memories(tx: Connection, now: datetime, keep: timedelta) -> int:
    """Delete what lies more than `keep` before the newest of its kind up to `now`; returns how many records went.

    The newest and not the present: while an archive is read, its own days are what matters.
    """
    newest = (
        select(memories.c.kind, func.max(memories.c.at).label("at"))
        .where(memories.c.at <= now)
        .group_by(memories.c.kind)
        .subquery()
    )
    return tx.execute(
        delete(memories).where(memories.c.kind == newest.c.kind, memories.c.at < newest.c.at - keep)
    ).rowcount


def _fit_index(term: str) -> str:
    """A term as the index takes it: one of absurd length is stood for by its hash."""
    if len(term) <= _LONGEST_TERM:
        return clean_text(term)
    return "sha256:" + hashlib.sha256(term.encode("utf-8", "surrogatepass")).hexdigest()


def _is(kind: type, key: str) -> ColumnElement[bool]:
    return and_(memories.c.kind == kind.__name__, memories.c.key == key)
