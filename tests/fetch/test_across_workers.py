"""One host, several workers and runs: what one of them learns of a host, the others keep to."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import text

from pipeline.errors import StoreUnavailable
from pipeline.fetch import FetchSettings, check_sources, fetch_pages
from pipeline.models import Entry, FetchedPage, FetchFailure, SourceCheck, UnchangedPage
from pipeline.store.database import Database
from pipeline.store.hosts import HostBook
from tests.fetch.build import NOW, make_entry, make_rss, make_source
from tests.fetch.hostile_server import HostileServer, Request, make_head
from tests.passing_time import let_pass

PAUSE_SECONDS = 0.1


@pytest.fixture
def polite(settings: FetchSettings) -> FetchSettings:
    return replace(settings, host_delay_seconds=PAUSE_SECONDS)


@pytest.fixture
def run_once(server: HostileServer, database: Database, polite: FetchSettings) -> Callable[[str], SourceCheck]:
    """One run of a new worker over a bad source and a good one on another host, which must arrive."""
    server.serve("/good.xml", make_rss("/good/1"))
    good = make_source(f"http://localhost:{server.port}/good.xml")

    def run(address: str) -> SourceCheck:
        bad, fine = check_sources([make_source(address), good], {}, polite, NOW, book=HostBook(database))
        assert (fine.outcome, len(fine.entries)) == ("ok", 1)
        return bad

    return run


@pytest.mark.parametrize("retry_after", ["7200", "Sun, 01 Mar 2026 08:00:00 GMT"], ids=["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_two_hours_is_left_alone_by_the_next_runs(
    server: HostileServer, database: Database, run_once: Callable[[str], SourceCheck], status: int, retry_after: str
) -> None:
    url = server.serve("/feed", status=status, Retry_After=retry_after, Date="Sun, 01 Mar 2026 06:00:00 GMT")
    first = run_once(url)
    assert (first.outcome, first.reason) == (
        f"http_{status}",
        f"the server answered {status} and asks to wait 7200 s",
    )
    for passed, minutes in (("1 minute", 119), ("118 minutes", 1)):
        let_pass(database, passed)
        if minutes > 1:
            next_run = run_once(url)
            assert (next_run.outcome, next_run.reason) == (
                "postponed",
                f"127.0.0.1:{server.port} is left alone for {minutes} min more: "
                f"it answered {status} and asked to wait 7200 s",
            )
    assert server.count("/feed") == 1
    let_pass(database, "1 minute")
    server.serve("/feed", make_rss("/1"))
    assert run_once(url).outcome == "ok"


def test_a_host_that_keeps_failing_is_asked_less_and_less_often(
    server: HostileServer, database: Database, run_once: Callable[[str], SourceCheck]
) -> None:
    url = server.serve("/feed", status=500)
    assert [run_once(url).outcome for _ in range(3)] == ["http_500"] * 3
    resting = run_once(url)
    assert resting.outcome == "postponed"
    assert resting.reason.endswith("min more: it answered 500")
    let_pass(database, "150 seconds")  # two minutes and a quarter more are the longest first rest
    assert [run_once(url).outcome for _ in range(2)] == ["http_500", "postponed"]
    let_pass(database, "100 seconds")  # the second is twice as long
    assert run_once(url).outcome == "postponed"
    let_pass(database, "200 seconds")
    server.serve("/feed", make_rss("/1"))
    assert run_once(url).outcome == "ok"
    server.serve("/feed", status=500)
    assert [run_once(url).outcome for _ in range(2)] == ["http_500", "http_500"]


def test_robots_txt_is_read_once_a_day_by_all_workers(
    server: HostileServer, database: Database, run_once: Callable[[str], SourceCheck]
) -> None:
    server.serve("/robots.txt", "User-agent: *\nDisallow: /private")
    allowed, forbidden = server.serve("/feed", make_rss("/1")), server.serve("/private/feed", make_rss("/1"))
    for _ in range(3):
        assert run_once(allowed).outcome == "ok"
        checked = run_once(forbidden)
        assert checked.outcome == "blocked_by_robots"
        assert checked.reason == f"{server.url('/robots.txt')} forbids /private/feed"
        let_pass(database, "7 hours")
    assert server.count("/robots.txt") == 2  # of this host and of the good one
    let_pass(database, "4 hours")
    server.serve("/robots.txt", "")
    assert run_once(forbidden).outcome == "ok"


@pytest.mark.parametrize("failing", ["status", "connection"])
def test_while_robots_txt_fails_its_last_copy_serves_for_a_day(
    server: HostileServer, database: Database, run_once: Callable[[str], SourceCheck], failing: str
) -> None:
    async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server.serve("/robots.txt", "User-agent: *\nDisallow: /private")
    allowed, forbidden = server.serve("/feed", make_rss("/1")), server.serve("/private/feed", make_rss("/1"))
    assert run_once(allowed).outcome == "ok"
    let_pass(database, "25 hours")
    if failing == "status":
        server.serve("/robots.txt", status=503)
    else:
        server.play("/robots.txt", reset)
    # The good neighbour, on the same server under another name, lives by its own copy.
    assert [run_once(url).outcome for url in (allowed, forbidden)] == ["ok", "blocked_by_robots"]


@pytest.mark.parametrize(("status", "outcome"), [(500, "robots_unavailable"), (503, "robots_unavailable")])
@pytest.mark.parametrize("earlier", [None, 200, 404], ids=["no copy", "an old copy", "no file"])
def test_without_a_copy_of_late_a_failing_robots_txt_allows_nothing(
    server: HostileServer, database: Database, polite: FetchSettings, status: int, outcome: str, earlier: int | None
) -> None:
    source = make_source(server.serve("/feed", make_rss("/1")))
    if earlier is not None:
        server.serve("/robots.txt", status=earlier)
        check_sources([source], {}, polite, NOW, book=HostBook(database))
        let_pass(database, "49 hours" if earlier == 200 else "25 hours")
    server.serve("/robots.txt", status=status)
    good = HostileServer()
    good.start()
    fine = make_source(good.serve("/good.xml", make_rss("/1")))
    checked, arrived = check_sources([source, fine], {}, polite, NOW, book=HostBook(database))
    good.stop()
    assert (checked.outcome, arrived.outcome) == (outcome, "ok")
    assert checked.reason == f"robots.txt answered {status}: nothing may be read yet"


def test_a_robots_txt_that_asks_for_rest_gets_it(
    server: HostileServer, database: Database, polite: FetchSettings
) -> None:
    source = make_source(server.serve("/feed", make_rss("/1")))
    server.serve("/robots.txt", status=429, Retry_After="3600")
    first, second = (check_sources([source], {}, polite, NOW, book=HostBook(database))[0] for _ in range(2))
    assert [first.outcome, second.outcome] == ["robots_unavailable", "postponed"]
    assert server.count("/robots.txt") == 1


class Watched:
    """A host that notes how many of its answers are on the way at once."""

    def __init__(self, server: HostileServer) -> None:
        self.server, self.now, self.most = server, 0, 0

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.02)
        writer.write(make_head(200, {"Content-Length": "11"}) + b"<p>Good</p>")
        await writer.drain()
        self.now -= 1

    def pauses(self) -> list[float]:
        return [later.at - earlier.at for earlier, later in pairwise(self.server.requests)]


def fetch_with_workers(
    database_url: str, settings: FetchSettings, shares: Sequence[Sequence[Entry]]
) -> list[FetchedPage | UnchangedPage | FetchFailure]:
    answers: list[FetchedPage | UnchangedPage | FetchFailure] = []

    def work(entries: Sequence[Entry]) -> None:
        database = Database(database_url)
        answers.extend(fetch_pages(entries, settings, NOW, book=HostBook(database)))
        database.close()

    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_workers_on_one_host_never_overlap_nor_hurry(
    server: HostileServer, database_url: str, polite: FetchSettings
) -> None:
    host = Watched(server)
    entries = [make_entry(server.play(f"/{number}", host.answer)) for number in range(8)]
    answers = fetch_with_workers(database_url, polite, [entries[::2], entries[1::2]])
    assert [type(answer) for answer in answers] == [FetchedPage] * 8
    assert host.most == 1
    assert len(server.requests) == 8 + server.count("/robots.txt")
    # A pause begins when the answer is there; how long a request takes to arrive may differ by a little.
    assert min(host.pauses()) >= 0.9 * PAUSE_SECONDS


def test_two_runs_keep_the_pause_between_them(server: HostileServer, database: Database, polite: FetchSettings) -> None:
    entries = [make_entry(server.serve(f"/{number}", "<p>Good</p>")) for number in range(3)]
    for entry in entries:
        fetch_pages([entry], polite, NOW, book=HostBook(database))
    assert len(server.requests) == 4
    assert min(Watched(server).pauses()) >= 0.9 * PAUSE_SECONDS


def test_a_host_that_a_dead_worker_held_is_waited_for_within_the_budget(
    server: HostileServer, database: Database, polite: FetchSettings
) -> None:
    here = make_entry(server.serve("/a", "<p>Good</p>"))
    elsewhere = make_entry(f"http://localhost:{server.port}/a")
    HostBook(database).take_host(f"127.0.0.1:{server.port}", lease_seconds=60)
    hasty = replace(polite, fetch_budget_seconds=2)
    late, fine = fetch_pages([here, elsewhere], hasty, NOW, book=HostBook(database))
    assert isinstance(fine, FetchedPage)
    assert isinstance(late, FetchFailure)
    assert (late.reason, late.detail) == ("postponed", "not fetched: the time for one run was over")
    let_pass(database, "60 seconds")
    (answer,) = fetch_pages([here], hasty, NOW, book=HostBook(database))
    assert isinstance(answer, FetchedPage)


KILLED = """
import os, signal, sys
from pipeline.store.database import Database
from pipeline.store.hosts import HostBook
HostBook(Database(sys.argv[1])).take_host(sys.argv[2], lease_seconds=float(sys.argv[3]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_process_that_is_killed_holds_a_host_no_longer_than_its_lease(
    server: HostileServer, database: Database, database_url: str, polite: FetchSettings
) -> None:
    host, entry = f"127.0.0.1:{server.port}", make_entry(server.serve("/a", "<p>Good</p>"))
    ended = subprocess.run([sys.executable, "-c", KILLED, database_url, host, "2"], check=False)
    assert ended.returncode == -signal.SIGKILL
    with database.begin() as tx:
        assert tx.execute(text("SELECT holder IS NOT NULL FROM hosts")).scalars().all() == [True]
    (answer,) = fetch_pages([entry], polite, NOW, book=HostBook(database))
    assert isinstance(answer, FetchedPage)


def test_a_request_that_the_budget_cuts_off_gives_its_host_back(
    server: HostileServer, database: Database, polite: FetchSettings
) -> None:
    async def never(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(600)

    slow = make_entry(server.play("/slow", never))
    fetch_pages([slow], replace(polite, fetch_budget_seconds=1), NOW, book=HostBook(database))
    assert server.count("/slow") == 1
    with database.begin() as tx:
        assert tx.execute(text("SELECT holder FROM hosts")).scalars().all() == [None]


def test_without_pauses_the_book_stays_closed(server: HostileServer, settings: FetchSettings) -> None:
    nowhere = HostBook(Database("postgresql+psycopg://someone@127.0.0.1:9/none"))
    (checked,) = check_sources([make_source(server.serve("/feed", make_rss("/1")))], {}, settings, NOW, book=nowhere)
    assert checked.outcome == "ok"


def test_a_database_that_is_down_is_not_the_fault_of_a_source_or_page(
    server: HostileServer, polite: FetchSettings
) -> None:
    nowhere = HostBook(Database("postgresql+psycopg://someone@127.0.0.1:9/none"))
    url = server.serve("/feed", make_rss("/1"))
    with pytest.raises(StoreUnavailable):
        check_sources([make_source(url)], {}, polite, NOW, book=nowhere)
    with pytest.raises(StoreUnavailable):
        fetch_pages([make_entry(url)], polite, NOW, book=nowhere)
    assert server.requests == []
