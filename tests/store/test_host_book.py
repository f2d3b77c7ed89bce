"""Who may ask a host when: the book that all workers share."""

from __future__ import annotations

import threading

import pytest

from pipeline.errors import StoreUnavailable
from pipeline.store.database import Database
from pipeline.store.hosts import HostBook, forget_hosts, list_unwell_hosts, wake_host
from tests.passing_time import let_pass

HOST = "news.example"
LEASE_SECONDS = 60


@pytest.fixture
def book(database: Database) -> HostBook:
    return HostBook(database)


@pytest.fixture
def other(database: Database) -> HostBook:
    """The book of another worker."""
    return HostBook(database)


def give_back(
    book: HostBook, pause_seconds: float = 0, rest_seconds: float = 0, failures: int = 0, reason: str = ""
) -> None:
    book.give_back_host(
        HOST, pause_seconds=pause_seconds, rest_seconds=rest_seconds, failures_in_a_row=failures, reason=reason
    )


def test_a_host_belongs_to_one_worker_until_it_is_given_back(book: HostBook, other: HostBook) -> None:
    assert book.take_host(HOST, LEASE_SECONDS).wait_seconds == 0
    refused = other.take_host(HOST, LEASE_SECONDS)
    assert 0 < refused.wait_seconds <= LEASE_SECONDS
    assert refused.reason == "another worker is reading it"
    assert other.take_host("other.example", LEASE_SECONDS).wait_seconds == 0
    give_back(book)
    assert other.take_host(HOST, LEASE_SECONDS).wait_seconds == 0


def test_what_a_dead_worker_held_is_free_after_its_lease(database: Database, book: HostBook, other: HostBook) -> None:
    book.take_host(HOST, LEASE_SECONDS)
    let_pass(database, "59 seconds")
    assert other.take_host(HOST, LEASE_SECONDS).wait_seconds > 0
    let_pass(database, "2 seconds")
    assert other.take_host(HOST, LEASE_SECONDS).wait_seconds == 0


def test_a_worker_that_lost_its_lease_changes_nothing(database: Database, book: HostBook, other: HostBook) -> None:
    book.take_host(HOST, LEASE_SECONDS)
    let_pass(database, "61 seconds")
    other.take_host(HOST, LEASE_SECONDS)
    give_back(book)
    assert book.take_host(HOST, LEASE_SECONDS).reason == "another worker is reading it"


def test_a_worker_that_was_cut_off_takes_its_own_lease_again(book: HostBook) -> None:
    book.take_host(HOST, LEASE_SECONDS)
    assert book.take_host(HOST, LEASE_SECONDS).wait_seconds == 0


def test_the_pause_holds_for_all_workers(database: Database, book: HostBook, other: HostBook) -> None:
    book.take_host(HOST, LEASE_SECONDS)
    give_back(book, pause_seconds=5)
    for worker in (book, other):
        assert 4 < worker.take_host(HOST, LEASE_SECONDS).wait_seconds <= 5
    let_pass(database, "5 seconds")
    assert other.take_host(HOST, LEASE_SECONDS).wait_seconds == 0


def test_a_rest_holds_for_all_workers_and_says_why(database: Database, book: HostBook, other: HostBook) -> None:
    book.take_host(HOST, LEASE_SECONDS)
    give_back(book, pause_seconds=5, rest_seconds=7200, failures=3, reason="it answered 429")
    refused = other.take_host(HOST, LEASE_SECONDS)
    assert 7100 < refused.wait_seconds <= 7200
    assert (refused.failures_in_a_row, refused.reason) == (3, "it answered 429")
    let_pass(database, "7200 seconds")
    taken = other.take_host(HOST, LEASE_SECONDS)
    assert (taken.wait_seconds, taken.failures_in_a_row) == (0, 3)


def test_of_many_workers_at_once_exactly_one_gets_the_host(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(8)]
    barrier, taken = threading.Barrier(len(databases)), []

    def work(database: Database) -> None:
        barrier.wait()
        taken.append(HostBook(database).take_host(HOST, LEASE_SECONDS).wait_seconds == 0)

    threads = [threading.Thread(target=work, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.close()
    assert sorted(taken) == [False] * 7 + [True]


def test_robots_files_come_back_with_their_age(database: Database, book: HostBook, other: HostBook) -> None:
    origin = "https://news.example"
    assert book.read_robots(origin) is None
    book.save_robots(origin, 404, "")
    book.save_robots(origin, 200, "User-agent: *\x00")
    let_pass(database, "3 hours")
    copy = other.read_robots(origin)
    assert copy is not None
    assert (copy.status, copy.body) == (200, "User-agent: *�")
    assert 3 * 3600 <= copy.age_seconds < 3 * 3600 + 60


def test_what_nobody_asks_for_is_forgotten_after_a_month(database: Database, book: HostBook) -> None:
    book.take_host(HOST, LEASE_SECONDS)
    give_back(book)
    book.save_robots("https://news.example", 200, "")
    for interval, forgotten in (("29 days", 0), ("2 days", 2)):
        let_pass(database, interval)
        with database.begin() as tx:
            assert forget_hosts(tx) == forgotten


def test_unwell_hosts_are_listed_and_can_be_woken(database: Database, book: HostBook) -> None:
    for host, rest_seconds, failures in (("a.example", 0, 1), ("b.example", 7200, 3), ("c.example", 0, 0)):
        book.take_host(host, LEASE_SECONDS)
        book.give_back_host(
            host, pause_seconds=0, rest_seconds=rest_seconds, failures_in_a_row=failures, reason="timeout"
        )
    with database.begin() as tx:
        unwell = list_unwell_hosts(tx)
        assert [(host.authority, host.rest_until is None) for host in unwell] == [
            ("b.example", False),
            ("a.example", True),
        ]
        assert (unwell[0].failures_in_a_row, unwell[0].last_reason) == (3, "timeout")
        assert wake_host(tx, "b.example")
        assert not wake_host(tx, "unknown.example")
        assert [host.authority for host in list_unwell_hosts(tx)] == ["a.example"]
    assert book.take_host("b.example", LEASE_SECONDS).wait_seconds == 0


def test_a_database_that_is_down_is_said_so() -> None:
    down = HostBook(Database("postgresql+psycopg://someone@127.0.0.1:9/none"))
    with pytest.raises(StoreUnavailable):
        down.take_host(HOST, LEASE_SECONDS)
