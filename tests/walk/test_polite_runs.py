"""What one run learns of a host, the next ones keep to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.models import Source, SourceId, SourceKind
from pipeline.steps import deal_batches, fetch_sources, plan_run
from pipeline.store.database import Database
from pipeline.store.sources import list_sources
from tests.fetch.hostile_server import HostileServer
from tests.passing_time import let_pass
from tests.walk.conftest import OpenWalk

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
FEED = "<rss version='2.0'><channel><title>Quay News</title></channel></rss>"


@pytest.fixture
def server() -> Iterator[HostileServer]:
    running = HostileServer()
    running.start()
    yield running
    running.stop()


def make_source(name: str, address: str) -> Source:
    return Source(SourceId(name), name, name, SourceKind.RSS, address)


def test_a_host_that_asks_for_two_hours_is_left_alone_by_the_next_run_and_an_operator_may_wake_it(
    server: HostileServer,
    database: Database,
    walk_at: OpenWalk,
    watch: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WIREWATCH_HOST_DELAY_SECONDS", "0.05")
    busy = make_source("busy", server.serve("/feed", status=429, Retry_After="7200"))
    server.serve("/fine", FEED)
    watch(busy, make_source("fine", f"http://localhost:{server.port}/fine"), now=NOW)

    def run() -> list[tuple[str | None, int]]:
        with walk_at(NOW) as walk:
            for batch in plan_run(walk):
                fetch_sources(walk, batch)
        with database.begin() as tx:
            return [(state.last_outcome, state.failures_in_a_row) for state in list_sources(tx)]

    assert run() == [("http_429", 1), ("empty", 0)]
    assert run() == [("postponed", 1), ("empty", 0)]
    assert server.count("/feed") == 1

    host = f"127.0.0.1:{server.port}"
    listed = CliRunner().invoke(main, ["hosts", "list"]).output
    assert listed.startswith(f"{host}\tleft alone until ")
    assert listed.endswith(" UTC\t1 in a row\tit answered 429 and asked to wait 7200 s\n")
    assert CliRunner().invoke(main, ["hosts", "wake", "unknown.example"]).exit_code == 1
    woken = CliRunner().invoke(main, ["hosts", "wake", host, "unknown.example"])
    assert woken.stdout == f"asked again by the next run: {host}\n"
    assert (woken.exit_code, "not asked lately: unknown.example;" in woken.stderr) == (1, True)
    assert "no server fails" in CliRunner().invoke(main, ["hosts", "list"]).output

    let_pass(database, "1 second")
    server.serve("/feed", FEED)
    assert run() == [("empty", 0), ("empty", 0)]


def test_a_run_names_ten_failing_sources_and_counts_the_others(
    server: HostileServer,
    database_url: str,
    database: Database,
    watch: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WIREWATCH_DATABASE_URL", database_url)
    monkeypatch.setenv("WIREWATCH_ALLOW_LOOPBACK", "true")
    monkeypatch.setenv("WIREWATCH_HOST_DELAY_SECONDS", "0")
    watch(*(make_source(f"s{number:02}", server.url(f"/{number}")) for number in range(12)), now=NOW)
    told = CliRunner().invoke(main, ["run"]).stderr.splitlines()
    assert [line for line in told if line.startswith("source s")] == [
        f"source s{number:02}: http_404: the server answered 404" for number in range(10)
    ]
    assert "and 2 more: `wirewatch sources list --state trouble`" in told


def test_checking_no_sources_says_what_to_do(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREWATCH_DATABASE_URL", database_url)
    checked = CliRunner().invoke(main, ["sources", "check"])
    assert (checked.exit_code, "wirewatch sources add URL" in checked.stderr) == (1, True)


def test_sources_of_one_host_share_a_batch_however_its_name_is_written() -> None:
    addresses = ["https://a.example/1", "https://b.example/", "http://www.a.example/2", "https://A.example/3"]
    sources = [make_source(str(number), address) for number, address in enumerate(addresses)]
    assert deal_batches(sources, size=3) == [["0", "2", "3"], ["1"]]
