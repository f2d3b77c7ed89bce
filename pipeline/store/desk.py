"""What the judging rooms remember, in PostgreSQL (`pipeline.judge.Memory`)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, text

from pipeline.store.codec import clean_text, from_json_text, to_json_text

T = TypeVar("T")
_Row = tuple[str, object, datetime, Sequence[str]]  # key, record, at, terms
_ALL_DOCUMENTS = ""
_LISTED: Final = 128  # pipeline.judge.LISTED; a test holds both memories equal

# Terms go in as one array: a statement a term would cost more than all the rest of a judgement.
_RECALL = text("SELECT key, record::text FROM memories WHERE kind = :kind AND key = ANY(CAST(:keys AS text[]))")
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
# Records, each under another key; what is long goes in line by line, because the driver looks at every character of an
# array's texts. What a statement reads is what was there before it: `old` is what is replaced.
_REMEMBER = text(
    """
    WITH came AS (
        SELECT kind, key COLLATE "C" AS key, at, record, day, CAST(terms AS bigint[]) AS terms
        FROM unnest(
            CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:ats AS timestamptz[]),
            string_to_array(:records, E'\\n'), CAST(:days AS integer[]), string_to_array(:terms, E'\\n')
        ) AS given (kind, key, at, record, day, terms)
    ), old AS (
        SELECT memories.key, memories.day, memories.terms FROM memories JOIN came USING (kind, key)
    ), kept AS (
        INSERT INTO memories (kind, key, at, record, day, terms)
        SELECT kind, key, at, CAST(record AS json), day, terms FROM came
        ON CONFLICT (kind, key) DO UPDATE
        SET at = excluded.at, record = excluded.record, day = excluded.day, terms = excluded.terms
    ), listed AS (
        SELECT unnest(terms) AS term, day, key FROM came
    ), was AS (
        SELECT unnest(terms) AS term, day, key FROM old
    ), unlisted AS (
        DELETE FROM memory_terms USING (SELECT * FROM was EXCEPT SELECT * FROM listed) AS gone
        WHERE memory_terms.term = gone.term AND memory_terms.day = gone.day AND memory_terms.key = gone.key
    )
    INSERT INTO memory_terms (term, day, key) SELECT * FROM listed EXCEPT SELECT * FROM was ON CONFLICT DO NOTHING
    """
)
_COUNT = text(
    "INSERT INTO term_counts (term, documents) "
    "SELECT * FROM unnest(CAST(:terms AS bigint[]), CAST(:documents AS bigint[])) "
    "ON CONFLICT (term) DO UPDATE SET documents = term_counts.documents + excluded.documents"
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
        return next(iter(self.recall_all(kind, (key,))), None)

    def recall_all(self, kind: type[T], keys: Collection[str]) -> list[T]:
        """Those that there are of the records under these keys, in the order of the keys."""
        found = self._read(kind, keys) if keys else {}
        return [found[key] for key in keys if key in found]

    def find(self, kind: type[T], terms: Sequence[str], since: datetime, limit: int) -> Sequence[T]:
        """Records under at least one of the terms: most shared terms first, then newest day, then by key."""
        wanted = {"terms": _hash_terms(kind, terms), "first_day": _count_day(since), "kind": kind.__name__}
        rows = self._tx.execute(_FIND, wanted | {"most": limit})
        return [from_json_text(kind, record) for record in rows.scalars()]

    def remember(self, key: str, record: object, at: datetime, terms: Sequence[str] = ()) -> None:
        """Keep a record under a key, in place of an earlier one and of its terms."""
        self._write([(key, record, at, terms)])

    def count_terms(self, terms: Collection[str]) -> None:
        """One more document that holds these terms, each once."""
        self._count(dict.fromkeys(terms, 1), 1)

    def read_counts(self, terms: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """How many documents were counted, and how many of them hold each term."""
        wanted = {hash_term("", term): term for term in (*terms, _ALL_DOCUMENTS)}
        rows = self._tx.execute(_READ_COUNTS, {"terms": _to_array(wanted)})
        counts = {wanted[term]: documents for term, documents in rows.tuples()}
        return counts.pop(_ALL_DOCUMENTS, 0), counts

    def _read(self, kind: type[T], keys: Collection[str]) -> dict[str, T]:
        rows = self._tx.execute(_RECALL, {"kind": kind.__name__, "keys": list(keys)})
        return {key: from_json_text(kind, record) for key, record in rows.tuples()}

    def _write(self, rows: Sequence[_Row]) -> None:
        values = {
            "kinds": [type(record).__name__ for _, record, _, _ in rows],
            "keys": [key for key, _, _, _ in rows],
            "ats": [at for _, _, at, _ in rows],
            "records": "\n".join(to_json_text(record) for _, record, _, _ in rows),
            "days": [_count_day(at) for _, _, at, _ in rows],
            "terms": "\n".join(_hash_terms(type(record), terms) for _, record, _, terms in rows),
        }
        self._tx.execute(_REMEMBER, values)

    def _count(self, counts: Mapping[str, int], documents: int) -> None:
        hashed = Counter({hash_term("", _ALL_DOCUMENTS): documents})
        for term, count in counts.items():
            hashed[hash_term("", term)] += count
        ordered = sorted(hashed.items())  # so that two transactions take the row locks in the same order
        numbers = {"terms": _to_array(term for term, _ in ordered), "documents": _to_array(n for _, n in ordered)}
        self._tx.execute(_COUNT, numbers)


class LotMemory(PostgresMemory):
    """The same for many articles in one transaction: reads ahead what it is told to, and writes when it has to.

    Whatever is remembered is written before the next lookup by terms among records of its kind, and by `write`, which
    has to be called before the transaction ends.
    """

    def __init__(self, tx: Connection) -> None:
        super().__init__(tx)
        self._known: dict[tuple[type[Any], str], Any] = {}  # None: there is no such record
        self._unwritten: dict[type[Any], dict[str, _Row]] = {}
        self._counts: dict[str, int] = {}
        self._documents: int | None = None
        self._counted: Counter[str] = Counter()  # and not yet written
        self._new_documents = 0

    def read_ahead(self, kind: type[Any], keys: Iterable[str]) -> None:
        """Read the records that will be recalled, at once."""
        wanted = [key for key in dict.fromkeys(keys) if (kind, key) not in self._known]
        if wanted:
            found = self._read(kind, wanted)
            self._known.update(((kind, key), found.get(key)) for key in wanted)

    def recall_all(self, kind: type[T], keys: Collection[str]) -> list[T]:
        """Those that there are of the records under these keys, in the order of the keys."""
        self.read_ahead(kind, keys)
        return [record for key in keys if (record := self._known[kind, key]) is not None]

    def find(self, kind: type[T], terms: Sequence[str], since: datetime, limit: int) -> Sequence[T]:
        """Records under at least one of the terms: most shared terms first, then newest day, then by key."""
        self._write_kinds((kind,))
        return super().find(kind, terms, since, limit)

    def remember(self, key: str, record: object, at: datetime, terms: Sequence[str] = ()) -> None:
        """Keep a record under a key, in place of an earlier one and of its terms."""
        self._known[type(record), key] = record
        self._unwritten.setdefault(type(record), {})[key] = (key, record, at, terms)

    def count_terms(self, terms: Collection[str]) -> None:
        """One more document that holds these terms, each once."""
        self._new_documents += 1
        self._counted.update(terms)

    def read_counts(self, terms: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """How many documents were counted, and how many of them hold each term."""
        unread = [term for term in terms if term not in self._counts]
        if unread or self._documents is None:
            self._documents, counts = super().read_counts(unread)
            self._counts.update(dict.fromkeys(unread, 0) | dict(counts))
        now = {term: self._counts[term] + self._counted[term] for term in terms}
        return self._documents + self._new_documents, {term: count for term, count in now.items() if count}

    def write(self) -> None:
        """Put down all that was remembered and counted."""
        self._write_kinds(list(self._unwritten))
        if self._new_documents:
            self._count(self._counted, self._new_documents)
            self._counted.clear()
            self._counts.clear()
            self._documents, self._new_documents = None, 0

    def _write_kinds(self, kinds: Iterable[type[Any]]) -> None:
        if rows := [row for kind in kinds for row in self._unwritten.pop(kind, {}).values()]:
            self._write(rows)


def forget_memories(tx: Connection, now: datetime, keep: timedelta) -> int:
    """Delete what lies more than `keep` before the newest of its kind up to `now`; returns how many records went.

    The newest and not the present: while an archive is read, its own days are what matters.
    """
    gone: int = tx.execute(_FORGET, {"now": now, "keep": keep}).scalar_one()
    return gone


@lru_cache(maxsize=65536)
def hash_term(kind: str, term: str) -> int:
    """The first 64 bits of the SHA-256 of kind and term, signed: a fraction of their size, and any term fits."""
    digest = hashlib.sha256(clean_text(f"{kind} {term}").encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _hash_terms(kind: type, terms: Iterable[str]) -> str:
    return _to_array(hash_term(kind.__name__, term) for term in terms)


def _to_array(numbers: Iterable[int]) -> str:
    """As PostgreSQL reads an array; the driver takes ten times as long to write it."""
    return f"{{{','.join(map(str, numbers))}}}"


def _count_day(at: datetime) -> int:
    return at.astimezone(UTC).toordinal()
