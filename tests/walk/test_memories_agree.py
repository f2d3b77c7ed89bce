"""The memory of a process and the memory of the database answer alike, whatever is remembered in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.judge import LISTED, Memory, RamMemory
from pipeline.store.database import Database
from pipeline.store.desk import LotMemory, PostgresMemory

START = datetime(2026, 3, 1, 22, tzinfo=UTC)
TERMS = ["a", "b", "c", "\x00", "\ud800", "x" * 5000, ""]


@dataclass(frozen=True)
class Note:
    text: str


@dataclass(frozen=True)
class Remembered:
    key: str
    text: str
    hours: int
    terms: tuple[str, ...]


remembered = st.builds(
    Remembered,
    key=st.sampled_from([f"k{n}" for n in range(6)]),
    text=st.text(max_size=5),
    hours=st.integers(0, 96),
    terms=st.lists(st.sampled_from(TERMS), unique=True, max_size=5).map(tuple),
)


def remember(memory: Memory, notes: Sequence[Remembered]) -> None:
    for note in notes:
        memory.remember(note.key, Note(note.text), START + timedelta(hours=note.hours), note.terms)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(remembered, max_size=25), st.lists(st.sampled_from(TERMS), unique=True), st.integers(0, 96))
def test_what_is_found_is_the_same(
    database: Database, notes: list[Remembered], terms: list[str], since_hours: int
) -> None:
    ram, since = RamMemory(), START + timedelta(hours=since_hours)
    remember(ram, notes)
    with database.begin() as tx:
        desk = PostgresMemory(tx)
        remember(desk, notes)
        found = [desk.find(Note, terms, since, limit) for limit in (1, 3, 10)]
        known = [desk.recall(Note, f"k{n}") for n in range(6)]
        together = [note.text for note in desk.recall_all(Note, ["k5", "none", "k0", "k3"])]
        tx.rollback()
    assert found == [[clean(n) for n in ram.find(Note, terms, since, limit)] for limit in (1, 3, 10)]
    assert together == [clean(note).text for note in ram.recall_all(Note, ["k5", "none", "k0", "k3"])]
    assert known == [note and clean(note) for note in (ram.recall(Note, f"k{n}") for n in range(6))]


def clean(note: Note) -> Note:
    return Note(note.text.replace("\x00", "\ufffd"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(remembered, max_size=25), st.integers(0, 25), st.lists(st.sampled_from(TERMS), unique=True))
def test_a_lot_sees_what_it_has_not_written_and_leaves_the_same_behind(
    database: Database, notes: list[Remembered], lot_begins: int, terms: list[str]
) -> None:
    ram = RamMemory()
    remember(ram, notes)
    with database.begin() as tx:
        remember(PostgresMemory(tx), notes[:lot_begins])
        lot = LotMemory(tx)
        lot.read_ahead(Note, ["k0", "k1"])
        for place in range(lot_begins, len(notes)):
            remember(lot, notes[place : place + 1])
            assert lot.recall(Note, notes[place].key) == Note(notes[place].text)
            if place % 3 == 0:
                lot.find(Note, terms, START, 3)
        wanted = [[clean(n) for n in ram.find(Note, asked, START, 10)] for asked in (terms, TERMS)]
        assert [lot.find(Note, asked, START, 10) for asked in (terms, TERMS)] == wanted
        remember(lot, notes[-1:])
        lot.write()
        desk = PostgresMemory(tx)
        assert [desk.find(Note, asked, START, 10) for asked in (terms, TERMS)] == wanted
        tx.rollback()


def test_of_a_common_term_only_the_newest_records_count(database: Database) -> None:
    notes = [Remembered(f"k{n:04d}", str(n), n % 90, ("common", f"rare{n}")) for n in range(LISTED + 60)]
    ram = RamMemory()
    remember(ram, notes)
    with database.begin() as tx:
        desk = PostgresMemory(tx)
        remember(desk, notes)
        for terms in (["common"], ["common", "rare0"], [f"rare{n}" for n in range(40)]):
            assert desk.find(Note, terms, START, 500) == ram.find(Note, terms, START, 500)
        assert len(desk.find(Note, ["common"], START, 500)) == LISTED


def test_counts_are_the_same(database: Database) -> None:
    documents = [["a", "b"], ["a", "\x01"], [], ["x" * 3000, "a"]]
    ram = RamMemory()
    with database.begin() as tx:
        desk = PostgresMemory(tx)
        for document in documents:
            ram.count_terms(document)
            desk.count_terms(document)
        asked = ["a", "b", "\x01", "x" * 3000, "never"]
        lot = LotMemory(tx)
        lot.read_counts(["a", "never"])
        for document in documents:
            lot.count_terms(document)
        assert lot.read_counts(asked) == (8, {"a": 6, "b": 2, "\x01": 2, "x" * 3000: 2})
        assert desk.read_counts(asked) == ram.read_counts(asked) == (4, {"a": 3, "b": 1, "\x01": 1, "x" * 3000: 1})
        lot.write()
        assert desk.read_counts(asked) == lot.read_counts(asked) == (8, {"a": 6, "b": 2, "\x01": 2, "x" * 3000: 2})
