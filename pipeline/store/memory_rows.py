"""The rows of what the judging rooms remember: each statement reads or writes as many as there are.

Terms, and whatever else is long, go in as one text or one string of bytes: the driver looks at every element of a list.
Results come as PostgreSQL keeps them: a record of bytes would be twice as long as text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any, TypeVar, cast

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from pipeline.listing import count_day
from pipeline.store.codec import clean_text
from pipeline.store.packing import pack_record, unpack_record

T = TypeVar("T")
_ALL_DOCUMENTS = ""

_READ_RECORDS = "SELECT key, record FROM memories WHERE kind = %(kind)s AND key = ANY(CAST(%(keys)s AS text[]))"
_READ_LISTS = """
    SELECT wanted.term, newest.keys, newest.days
    FROM unnest(CAST(%(terms)s AS bigint[])) AS wanted (term)
    CROSS JOIN LATERAL (
        SELECT array_agg(key) AS keys, array_agg(day) AS days FROM (
            SELECT key, day FROM memory_terms WHERE term = wanted.term AND day >= %(first_day)s
            ORDER BY day DESC, key DESC LIMIT %(most)s
        ) AS listed
    ) AS newest
    WHERE newest.keys IS NOT NULL
"""
# Records, each under another key. What a statement reads is what was there before it: `old` is what is replaced.
# Terms are read and written in their order, or a large index would have to fetch most of its pages more than once.
_WRITE_RECORDS = """
    WITH came AS (
        SELECT kind, key COLLATE "C" AS key, at, substr(%(records)s, start, size) AS record, day,
            CAST(terms AS bigint[]) AS terms
        FROM unnest(
            CAST(%(kinds)s AS text[]), CAST(%(keys)s AS text[]), CAST(%(ats)s AS timestamptz[]),
            CAST(%(starts)s AS integer[]), CAST(%(sizes)s AS integer[]), CAST(%(days)s AS integer[]),
            string_to_array(%(terms)s, E'\\n')
        ) AS given (kind, key, at, start, size, day, terms)
    ), old AS (
        SELECT memories.key, memories.day, memories.terms FROM memories JOIN came USING (kind, key)
    ), kept AS (
        INSERT INTO memories (kind, key, at, record, day, terms)
        SELECT kind, key, at, record, day, terms FROM came
        ON CONFLICT (kind, key) DO UPDATE
        SET at = excluded.at, record = excluded.record, day = excluded.day, terms = excluded.terms
    ), listed AS (
        SELECT unnest(terms) AS term, day, key FROM came
    ), was AS (
        SELECT unnest(terms) AS term, day, key FROM old
    ), unlisted AS (
        DELETE FROM memory_terms USING (SELECT * FROM was EXCEPT SELECT * FROM listed ORDER BY term) AS gone
        WHERE memory_terms.term = gone.term AND memory_terms.day = gone.day AND memory_terms.key = gone.key
    )
    INSERT INTO memory_terms (term, day, key) SELECT * FROM listed EXCEPT SELECT * FROM was ORDER BY term
"""
_READ_COUNTS = "SELECT term, documents FROM term_counts WHERE term = ANY(CAST(%(terms)s AS bigint[]))"
# To count up a row that is there takes half the time of an insertion that runs into it.
_ADD_COUNTS = """
    WITH came AS (
        SELECT * FROM unnest(CAST(%(terms)s AS bigint[]), CAST(%(documents)s AS bigint[])) AS given (term, documents)
    ), known AS (
        UPDATE term_counts SET documents = term_counts.documents + came.documents
        FROM came WHERE term_counts.term = came.term RETURNING came.term
    )
    INSERT INTO term_counts (term, documents) SELECT * FROM came WHERE term NOT IN (SELECT term FROM known)
    ON CONFLICT (term) DO UPDATE SET documents = term_counts.documents + excluded.documents
"""
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


@dataclass(frozen=True, slots=True)
class Row:
    """A record and where it can be found."""

    key: str
    record: object
    at: datetime
    day: int  # of `at`: with the key its place in the lists of its terms
    terms: Sequence[int]  # hashed


@dataclass(frozen=True, slots=True)
class TermList:
    """The newest records of a term: by day, and inside a day by key, the last ones first."""

    keys: Sequence[str] = ()
    days: Sequence[int] = ()
    is_whole: bool = True  # False: there may be older ones


def make_row(key: str, record: object, at: datetime, terms: Iterable[str]) -> Row:
    """A record as it is kept."""
    return Row(key, record, at, count_day(at), hash_terms(type(record), terms))


def read_records(tx: Connection, kind: type[T], keys: Collection[str]) -> dict[str, T]:
    """Those that there are of the records under these keys."""
    rows = _execute(tx, _READ_RECORDS, {"kind": kind.__name__, "keys": list(keys)}).fetchall()
    return {key: unpack_record(kind, packed) for key, packed in rows}


def write_records(tx: Connection, rows: Sequence[Row]) -> None:
    """Keep records, each in place of an earlier one of its kind and key and of its terms."""
    packed = [pack_record(row.record) for row in rows]
    sizes = [len(each) for each in packed]
    values = {
        "kinds": [type(row.record).__name__ for row in rows],
        "keys": [row.key for row in rows],
        "ats": [row.at for row in rows],
        "records": b"".join(packed),
        "starts": _to_array(accumulate(sizes[:-1], initial=1)),
        "sizes": _to_array(sizes),
        "days": _to_array(row.day for row in rows),
        "terms": "\n".join(_to_array(row.terms) for row in rows),
    }
    _execute(tx, _WRITE_RECORDS, values)


def read_lists(tx: Connection, terms: Iterable[int], first_day: int, most: int) -> dict[int, TermList]:
    """Hashed term -> at most so many of the records that were remembered under it, none of a day before the first."""
    values = {"terms": _to_array(sorted(terms)), "first_day": first_day, "most": most}
    rows = _execute(tx, _READ_LISTS, values).fetchall()
    return {term: TermList(keys, days, len(keys) < most) for term, keys, days in rows}


def add_counts(tx: Connection, counts: Mapping[str, int], documents: int) -> None:
    """So many documents more, and of each term how many of them hold it."""
    hashed = {_hash_term("", _ALL_DOCUMENTS): documents}
    for term, count in counts.items():
        number = _hash_term("", term)
        hashed[number] = hashed.get(number, 0) + count
    ordered = sorted(hashed)  # so that two transactions take the row locks in the same order
    values = {"terms": _to_array(ordered), "documents": _to_array(map(hashed.__getitem__, ordered))}
    _execute(tx, _ADD_COUNTS, values)


def read_counts(tx: Connection, terms: Iterable[str]) -> tuple[int, dict[str, int]]:
    """How many documents were counted, and how many of them hold each term; terms never counted are absent."""
    wanted = {_hash_term("", term): term for term in (*terms, _ALL_DOCUMENTS)}
    rows = _execute(tx, _READ_COUNTS, {"terms": _to_array(wanted)}).fetchall()
    counts = {wanted[term]: documents for term, documents in rows}
    return counts.pop(_ALL_DOCUMENTS, 0), counts


def forget_memories(tx: Connection, now: datetime, keep: timedelta) -> int:
    """Delete what lies more than `keep` before the newest of its kind up to `now`; returns how many records went.

    The newest and not the present: while an archive is read, its own days are what matters.
    """
    gone: int = tx.execute(_FORGET, {"now": now, "keep": keep}).scalar_one()
    return gone


def hash_terms(kind: type, terms: Iterable[str]) -> list[int]:
    """The terms as the lists of that kind name them."""
    return [_hash_term(kind.__name__, term) for term in terms]


@lru_cache(maxsize=65536)
def _hash_term(kind: str, term: str) -> int:
    """The first 64 bits of the SHA-256 of kind and term, signed: a fraction of their size, and any term fits."""
    digest = hashlib.sha256(clean_text(f"{kind} {term}").encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _execute(tx: Connection, statement: str, values: Mapping[str, Any]) -> psycopg.Cursor[Any]:
    """Run a statement without what SQLAlchemy does around it, and with bytes as bytes in the answer."""
    connection = cast(psycopg.Connection[Any], tx.connection.driver_connection)
    try:
        return connection.execute(statement, values, prepare=True, binary=True)
    except psycopg.Error as error:
        raise DBAPIError(statement, None, error) from error


def _to_array(numbers: Iterable[int]) -> str:
    """As PostgreSQL reads an array; the driver takes ten times as long to write it."""
    return f"{{{','.join(map(str, numbers))}}}"
