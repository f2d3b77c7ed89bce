"""What the judging rooms remember, in PostgreSQL (`pipeline.judge.Memory`)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy import Connection, text

from pipeline.store.codec import clean_text, from_json_text, to_json_text

T = TypeVar("T")
_ALL_DOCUMENTS = ""
_LISTED: Final = 128  # pipeline.judge.LISTED; a test holds both memories equal

# Terms go in as one array: a statement a term would cost more than all the rest of a judgement.
_RECALL = text("SELECT record::text FROM memories WHERE kind = :kind AND key = :key")
_FIND = text(
    f"""
    WITH listed AS (
        SELECT newest.key, newest.day
        FROM unnest(CAST(:terms AS bigint[])) AS wanted (term)
        CROSS JOIN LATERAL (
            SELECT key, day FROM memory_terms WHERE term = wanted.term AND day >= :first_day
            ORDER BY day DESC, key DESC LIMIT {_LISTED}
        ) AS newest
    ), best AS (
        SELECT key, day, count(*) AS shared FROM listed GROUP BY key, day
        ORDER BY shared DESC, day DESC, key DESC LIMIT :most
    )
    SELECT memories.record::text FROM best JOIN memories ON memories.kind = :kind AND memories.key = best.key
    ORDER BY best.shared DESC, best.day DESC, best.key DESC
    """
)
# What a statement reads is what was there before it: `old` is the record that is replaced.
_REMEMBER = text(
    """
    WITH old AS (SELECT day, terms FROM memories WHERE kind = :kind AND key = :key), new AS (
        INSERT INTO memories (kind, key, at, record, day, terms)
        VALUES (:kind, :key, :at, CAST(:record AS json), :day, CAST(:terms AS bigint[]))
        ON CONFLICT (kind, key) DO UPDATE
        SET at = excluded.at, record = excluded.record, day = excluded.day, terms = excluded.terms
    )
    SELECT day, terms FROM old
    """
)
_LIST = text(
    "INSERT INTO memory_terms (term, day, key) SELECT term, :day, :key FROM unnest(CAST(:terms AS bigint[])) AS term "
    "ON CONFLICT DO NOTHING"
)
_UNLIST = text(
    "DELETE FROM memory_terms AS listed USING unnest(CAST(:terms AS bigint[])) AS gone (term) "
    "WHERE listed.term = gone.term AND listed.day = :day AND listed.key = :key"
)
_COUNT = text(
    "INSERT INTO term_counts (term, documents) SELECT term, 1 FROM unnest(CAST(:terms AS bigint[])) AS term "
    "ON CONFLICT (term) DO UPDATE SET documents = term_counts.documents + 1"
)
_READ_COUNTS = text("SELECT term, documents FROM term_counts WHERE term = ANY(CAST(:terms AS bigint[]))")
_FORGET = text(
    """
    WITH newest AS (SELECT kind, max(at) AS at FROM memories WHERE at <= :now GROUP BY kind), gone AS (
        DELETE FROM memories USING newest WHERE memories.kind = newest.kind AND memories.at < newest.at - :keep
        RETURNING memories.key, memories.day, memories.terms
    ), unlisted AS (
        DELETE FROM memory_terms AS listed USING (SELECT unnest(terms) AS term, day, key FROM gone) AS old
        WHERE listed.term = old.term AND listed.day = old.day AND listed.key = old.key
    )
    SELECT count(*) FROM gone
    """
)


class PostgresMemory:
    """The memory of one transaction: what it remembers is committed or lost with it.

    A lookup by terms reads at most so many index rows of each term, so its cost does not grow with the archive.
    """

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def recall(self, kind: type[T], key: str) -> T | None:
        """The record of that kind under that key, as last remembered."""
        record = self._tx.execute(_RECALL, {"kind": kind.__name__, "key": key}).scalar_one_or_none()
        return from_json_text(kind, record) if record is not None else None

    def find(self, kind: type[T], terms: Sequence[str], since: datetime, limit: int) -> Sequence[T]:
        """Records under at least one of the terms: most shared terms first, then newest day, then by key."""
        wanted = {"terms": _hash_terms(kind, terms), "first_day": _count_day(since), "kind": kind.__name__}
        rows = self._tx.execute(_FIND, wanted | {"most": limit})
        return [from_json_text(kind, record) for record in rows.scalars()]

    def remember(self, key: str, record: object, at: datetime, terms: Sequence[str] = ()) -> None:
        """Keep a record under a key, in place of an earlier one and of its terms."""
        kind, day, hashed = type(record), _count_day(at), _hash_terms(type(record), terms)
        row = {"kind": kind.__name__, "key": key, "at": at, "record": to_json_text(record), "day": day, "terms": hashed}
        old = self._tx.execute(_REMEMBER, row).one_or_none()
        was = set(old.terms) if old else set()
        kept = was.intersection(hashed) if old and old.day == day else set()
        if old and was - kept:
            self._tx.execute(_UNLIST, {"terms": sorted(was - kept), "day": old.day, "key": key})
        if new := sorted(set(hashed) - kept):
            self._tx.execute(_LIST, {"terms": new, "day": day, "key": key})

    def count_terms(self, terms: Collection[str]) -> None:
        """One more document that holds these terms, each once."""
        # Sorted, so that two transactions take the row locks in the same order.
        hashed = sorted({hash_term("", term) for term in (_ALL_DOCUMENTS, *terms)})
        self._tx.execute(_COUNT, {"terms": hashed})

    def read_counts(self, terms: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """How many documents were counted, and how many of them hold each term."""
        wanted = {hash_term("", term): term for term in (*terms, _ALL_DOCUMENTS)}
        rows = self._tx.execute(_READ_COUNTS, {"terms": list(wanted)})
        counts = {wanted[term]: documents for term, documents in rows.tuples()}
        return counts.pop(_ALL_DOCUMENTS, 0), counts


def forget_memories(tx: Connection, now: datetime, keep: timedelta) -> int:
    """Delete what lies more than `keep` before the newest of its kind up to `now`; returns how many records went.

    The newest and not the present: while an archive is read, its own days are what matters.
    """
    gone: int = tx.execute(_FORGET, {"now": now, "keep": keep}).scalar_one()
    return gone


def hash_term(kind: str, term: str) -> int:
    """The first 64 bits of the SHA-256 of kind and term, signed: a fraction of their size, and any term fits."""
    digest = hashlib.sha256(clean_text(f"{kind} {term}").encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _hash_terms(kind: type, terms: Iterable[str]) -> list[int]:
    return [hash_term(kind.__name__, term) for term in terms]


def _count_day(at: datetime) -> int:
    return at.astimezone(UTC).toordinal()
