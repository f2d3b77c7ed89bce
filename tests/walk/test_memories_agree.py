"""The memory of a process and the memory of the database answer alike, whatever is remembered in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.judge import Memory, RamMemory
from pipeline.listing import LISTED
from pipeline.store.database import Database
from pipeline.store.desk import open_memory

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
        with open_memory(tx) as desk:
            remember(desk, notes)
        with open_memory(tx) as desk:
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
def test_what_is_not_written_yet_is_found_and_the_same_is_left_behind(
    database: Database, notes: list[Remembered], lot_begins: int, terms: list[str]
) -> None:
    ram = RamMemory()
    with database.begin() as tx:
        with open_memory(tx) as desk:
            remember(desk, notes[:lot_begins])
        remember(ram, notes[:lot_begins])
        with open_memory(tx) as lot:
            lot.read_ahead(Note, ["k0", "k1"])
            lot.find_ahead(Note, [(terms, START), (["b", "c"], START + timedelta(hours=30))], 3)
            for place in range(lot_begins, len(notes)):
                remember(lot, notes[place : place + 1])
                remember(ram, notes[place : place + 1])
                assert lot.recall(Note, notes[place].key) == Note(notes[place].text)
                since = START + timedelta(hours=place * 7 % 50)
                assert clean_all(lot.find(Note, terms, since, 3)) == clean_all(ram.find(Note, terms, since, 3))
        wanted = [[clean(n) for n in ram.find(Note, asked, START, 10)] for asked in (terms, TERMS)]
        with open_memory(tx) as desk:
            assert [desk.find(Note, asked, START, 10) for asked in (terms, TERMS)] == wanted
        tx.rollback()


def clean_all(notes: Sequence[Note]) -> list[Note]:
    """What was not written yet is known as it was."""
    return [clean(note) for note in notes]


@pytest.mark.parametrize(("more", "taken_out"), [(160, 0), (160, 10), (160, 74), (30, 60), (20, 20)])
def test_of_a_common_term_only_the_newest_records_count(database: Database, more: int, taken_out: int) -> None:
    notes = [Remembered(f"k{n:04d}", str(n), n % 90, ("common", f"rare{n}")) for n in range(LISTED + more)]
    newest = sorted(notes, key=lambda note: (note.hours, note.key))[-taken_out:] if taken_out else []
    again = [replace(note, hours=20, terms=("common",) if n % 2 else ("other",)) for n, note in enumerate(newest)]
    ram = RamMemory()
    remember(ram, [*notes, *again])
    with database.begin() as tx:
        with open_memory(tx) as desk:
            remember(desk, notes)
        with open_memory(tx) as lot:
            asked = [["common"], ["common", "rare0"], ["common", "other"], [f"rare{n}" for n in range(40)]]
            lot.find_ahead(Note, [(terms, START) for terms in asked], 5)
            remember(lot, again)
            for terms in asked:
                assert lot.find(Note, terms, START, 500) == ram.find(Note, terms, START, 500)
                late = START + timedelta(hours=50)
                assert lot.find(Note, terms, late, 9) == ram.find(Note, terms, late, 9)
            assert len(lot.find(Note, ["common"], START, 500)) == min(LISTED, LISTED + more - taken_out // 2)


def test_counts_are_the_same(database: Database) -> None:
    documents = [["a", "b"], ["a", "\x01"], [], ["x" * 3000, "a"]]
    ram = RamMemory()
    with database.begin() as tx:
        with open_memory(tx) as desk:
            for document in documents:
                ram.count_terms(document)
                desk.count_terms(document)
        asked = ["a", "b", "\x01", "x" * 3000, "never"]
        with open_memory(tx) as lot:
            lot.read_counts(["a", "never"])
            for document in documents:
                lot.count_terms(document)
            assert lot.read_counts(asked) == (8, {"a": 6, "b": 2, "\x01": 2, "x" * 3000: 2})
            with open_memory(tx) as other:
                assert other.read_counts(asked) == ram.read_counts(asked)
        with open_memory(tx) as desk:
            assert desk.read_counts(asked) == lot.read_counts(asked) == (8, {"a": 6, "b": 2, "\x01": 2, "x" * 3000: 2})
