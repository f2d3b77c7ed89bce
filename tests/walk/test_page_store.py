"""Fetched pages into the database, a lot at a time: nothing lost, nothing twice, nothing half."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, text

from pipeline.errors import StoreUnavailable
from pipeline.models import ContentFrom, Entry, FetchedPage, FetchFailure, ItemId, Room, Source, SourceCheck
from pipeline.steps import Walk, lots, plan_run
from pipeline.steps.storing import PageStore
from pipeline.store import items, records, sources
from pipeline.store.database import Database
from pipeline.store.embedded import open_embedded
from pipeline.store.tables import items as item_rows
from pipeline.store.tables import outcomes, pages
from tests.fetch.build import NOW, make_entry, make_source
from tests.walk.conftest import OpenWalk

SOURCE = make_source("https://quay.example/feed")
TOO_LONG = "https://quay.example/" + "".join(random.Random(1).choices("abcdefghijklmnop", k=20_000))  # for an index


def make_page(entry: Entry, body: str = "", canonical_url: str = "") -> FetchedPage:
    html = body or f"<h1>{entry.url}</h1>"
    return FetchedPage(
        entry.item_id, entry.url, NOW, NOW, ContentFrom.PAGE, html=html, hints=entry.hints, canonical_url=canonical_url
    )


def see_entries(walk: Walk, count: int, source: Source = SOURCE) -> list[Entry]:
    """Entries that wait for their pages, in a run that is registered."""
    plan_run(walk)
    entries = [make_entry(f"https://quay.example/{n:03d}") for n in range(count)]
    with walk.database.begin() as tx:
        sources.add_source(tx, source, NOW)
        sources.save_checks(tx, walk.run_id, [(source, SourceCheck(source.id, NOW, "ok", entries=tuple(entries)))])
    return entries


def open_store(walk: Walk, entries: Sequence[Entry], on_stored: Callable[[], None] = lambda: None) -> PageStore:
    return PageStore(walk, {entry.item_id: items.WaitingEntry(entry, 0) for entry in entries}, on_stored)


def store_all(walk: Walk, entries: Sequence[Entry], answers: Sequence[FetchedPage | FetchFailure]) -> Counter[str]:
    with open_store(walk, entries) as store:
        for answer in answers:
            store.add(answer)
    return store.counts


def list_kept(database: Database) -> set[str]:
    """The items with a page; asserts that every item stands before the room or behind it, with all that it then has."""
    with database.begin() as tx:
        kept = set(tx.execute(select(pages.c.item_id)).scalars())
        passed = set(tx.execute(select(outcomes.c.item_id).where(outcomes.c.passed)).scalars())
        behind = set(tx.execute(select(item_rows.c.id).where(item_rows.c.waiting_for == Room.CLEAN.value)).scalars())
    assert kept == passed == behind
    return kept


def test_a_page_that_cannot_be_stored_costs_only_itself(walk_at: OpenWalk, database: Database) -> None:
    with walk_at(NOW) as walk:
        entries = see_entries(walk, 5)
        answers = [make_page(entry, canonical_url=TOO_LONG if n == 2 else "") for n, entry in enumerate(entries)]
        assert store_all(walk, entries, answers) == {"fetched": 4, items.FAULT: 1}
        assert list_kept(database) == {entry.item_id for entry in entries} - {entries[2].item_id}
        with database.begin() as tx:
            fault = tx.execute(outcomes.select().where(outcomes.c.outcome == items.FAULT)).one()
    assert fault.item_id == entries[2].item_id
    assert "index row" in fault.reason


def test_every_answer_is_counted_once_though_its_lot_was_rolled_back(walk_at: OpenWalk, database: Database) -> None:
    stored: list[None] = []
    with walk_at(NOW) as walk:
        entries = see_entries(walk, 4)
        with open_store(walk, entries, lambda: stored.append(None)) as store:
            store.add(FetchFailure(entries[0].item_id, "http_404", is_final=True))
            store.add(FetchFailure(entries[1].item_id, "timeout"))
            store.add(make_page(entries[2], canonical_url=TOO_LONG))
            store.add(make_page(entries[3]))
    assert store.counts == {"failed": 1, "waits": 1, items.FAULT: 1, "fetched": 1}
    assert len(stored) == 4


def test_what_is_left_is_stored_at_the_end(walk_at: OpenWalk, database: Database) -> None:
    with walk_at(NOW) as walk:
        entries = see_entries(walk, 3)
        with open_store(walk, entries) as store:
            for entry in entries:
                store.add(make_page(entry))
            assert not list_kept(database)
        assert len(list_kept(database)) == 3


def test_an_interrupted_call_stores_what_has_arrived(walk_at: OpenWalk, database: Database) -> None:
    with walk_at(NOW) as walk:
        entries = see_entries(walk, 3)

        def interrupt() -> None:
            with open_store(walk, entries) as store:
                store.add(make_page(entries[0]))
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupt()
        assert list_kept(database) == {entries[0].item_id}
        assert store_all(walk, entries, [make_page(entry) for entry in entries[1:]]) == {"fetched": 2}


def test_a_database_that_went_away_reaches_the_caller_and_the_lot_is_stored_by_the_next_run(
    walk_at: OpenWalk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "ANSWERS_TOGETHER", 2)
    with walk_at(NOW) as walk:
        entries = see_entries(walk, 6)
        answers = [make_page(entry) for entry in entries]
        store_all(walk, entries, answers[:2])

        def bring() -> None:
            with open_store(walk, entries) as store, hold_room(database) as cut_off:
                store.add(answers[2])
                store.add(answers[3])
                cut_off()
                store.add(answers[4])
                store.add(answers[5])

        with pytest.raises(StoreUnavailable):
            bring()
        assert list_kept(database) == {entry.item_id for entry in entries[:2]}
        with database.begin() as tx:
            waiting = [each.entry for each in items.read_waiting_entries(tx, walk.run_id, [SOURCE.id], 100, NOW)]
        assert store_all(walk, waiting, [make_page(entry) for entry in waiting]) == {"fetched": 4}
        assert len(list_kept(database)) == 6


def test_two_walks_at_once_store_every_page_once(
    walk_at: OpenWalk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "ANSWERS_TOGETHER", 5)
    with walk_at(NOW) as walk, walk_at(NOW) as other:
        entries = see_entries(walk, 40)
        plan_run(other)
        counts: list[Counter[str]] = []

        def store(one: Walk, order: Sequence[Entry]) -> None:
            counts.append(store_all(one, entries, [make_page(entry) for entry in order]))

        orders = ((walk, entries), (other, entries[::-1]))
        threads = [threading.Thread(target=store, args=each) for each in orders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(counts, Counter()) == {"fetched": 40, "taken by another walk": 40}
    assert len(list_kept(database)) == 40


def test_of_two_twins_the_one_that_came_first_is_kept_across_lots(
    walk_at: OpenWalk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "ANSWERS_TOGETHER", 2)
    article = "<p>The ferry line between the islands reopens on Monday, the harbour office said on Sunday.</p>"
    with walk_at(NOW) as walk:
        entries = see_entries(walk, 6)
        came = [entries[n] for n in (3, 0, 5, 1, 4, 2)]
        counts = store_all(walk, entries, [make_page(each, article, "https://quay.example/ferry") for each in came])
    assert counts == {"fetched": 1, "twin": 5}
    assert list_kept(database) == {entries[3].item_id}


@contextmanager
def hold_room(database: Database) -> Iterator[Callable[[], None]]:
    """Keep every other walk out of the front door; the callable cuts off whoever waits there."""
    with database.begin() as tx:
        tx.execute(select(func.pg_advisory_xact_lock(items._ROOM_LOCKS, list(Room).index(Room.FETCH))))
        waiting = "SELECT {} FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

        def cut_off() -> None:
            while not tx.execute(text(waiting.format("count(pg_terminate_backend(pid))"))).scalar_one():
                time.sleep(0.01)

        yield cut_off


@pytest.mark.parametrize(("answers", "characters"), [(2, 10**9), (10**9, 60)], ids=["by number", "by size"])
def test_while_the_database_is_busy_at_most_two_lots_are_held(
    walk_at: OpenWalk, database: Database, monkeypatch: pytest.MonkeyPatch, answers: int, characters: int
) -> None:
    monkeypatch.setattr(lots, "ANSWERS_TOGETHER", answers)
    monkeypatch.setattr(lots, "CHARACTERS_TOGETHER", characters)
    taken: list[ItemId] = []
    with walk_at(NOW) as walk:
        entries = see_entries(walk, 20)
        counts: list[Counter[str]] = []

        def bring() -> None:
            with open_store(walk, entries) as store:
                for entry in entries:
                    store.add(make_page(entry, "x" * 30))
                    taken.append(entry.item_id)
            counts.append(store.counts)

        thread = threading.Thread(target=bring)
        with hold_room(database):
            thread.start()
            while len(taken) < 3:
                time.sleep(0.01)
            time.sleep(0.2)  # to go too far, if it could
            assert len(taken) == 3  # two are being written, the fourth waits with the third
        thread.join()
    assert counts == [{"fetched": 20}]


def test_a_server_that_crashes_loses_pages_as_a_whole_and_they_are_fetched_again(
    walk_at: OpenWalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "ANSWERS_TOGETHER", 10)
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-", ignore_cleanup_errors=True) as folder,
        open_embedded(Path(folder) / "postgres") as server,
    ):
        database = Database(server.url("wirewatch"))
        database.migrate()
        monkeypatch.setenv("WIREWATCH_DATABASE_URL", server.url("wirewatch"))
        with psycopg.connect(host=str(server.socket_dir), user="postgres", dbname="postgres", autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")  # so that there is something to lose
            admin.execute("SELECT pg_reload_conf()")
        with walk_at(NOW) as walk:
            entries = see_entries(walk, 100)
            with database.begin() as tx:
                victim = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
            assert store_all(walk, entries, [make_page(entry) for entry in entries]) == {"fetched": 100}
            os.kill(victim, signal.SIGKILL)  # the server then ends all others and recovers from its log
        wait_until_back(database)
        kept = list_kept(database)
        with walk_at(NOW) as walk:
            plan_run(walk)
            with database.begin() as tx:
                waiting = [each.entry for each in items.read_waiting_entries(tx, walk.run_id, [SOURCE.id], 100, NOW)]
            assert {entry.item_id for entry in waiting} == {entry.item_id for entry in entries} - kept
            store_all(walk, waiting, [make_page(entry) for entry in waiting])
        assert len(list_kept(database)) == 100
        with database.begin() as tx:
            assert records.read_page(tx, entries[50].item_id) == make_page(entries[50])
        database.close()


def wait_until_back(database: Database) -> None:
    for _ in range(1000):
        try:
            with database.begin() as tx:
                tx.execute(text("SELECT 1"))
                return
        except StoreUnavailable:
            time.sleep(0.02)
    raise AssertionError("the server did not come back")
