"""One call ends in time whatever the hosts do, and a slow host delays nobody but itself."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from pipeline.fetch import FetchSettings, check_sources, fetch_pages, stream_pages
from pipeline.fetch.budget import run_within
from pipeline.models import FetchedPage, FetchFailure, SourceCheck, UnchangedPage, Validators
from tests.fetch.build import NOW, make_entry, make_rss, make_source
from tests.fetch.hostile_server import Handler, HostileServer, Request, make_head
from tests.fetch.jumping_loop import run


def note_what_is_done(budget_seconds: float, *work_seconds: float) -> list[float]:
    done: list[float] = []

    async def work(seconds: float) -> None:
        await asyncio.sleep(seconds)
        done.append(seconds)

    run(run_within(budget_seconds, (work(seconds) for seconds in work_seconds)))
    return done


def test_what_is_done_within_the_budget_counts_and_the_rest_is_cut_off() -> None:
    assert note_what_is_done(1500, 3000, 1400, 1600, 20) == [20, 1400]


def test_a_budget_that_suffices_cuts_nothing_off() -> None:
    assert note_what_is_done(1500, 3, 1, 2) == [1, 2, 3]
    assert note_what_is_done(1500) == []


@pytest.mark.parametrize("error", [TimeoutError("the caller's own"), ValueError("any other")])
def test_what_a_work_raises_reaches_the_caller_and_ends_the_others(error: Exception) -> None:
    done: list[str] = []

    async def fail() -> None:
        await asyncio.sleep(1)
        raise error

    async def go_on() -> None:
        await asyncio.sleep(2)
        done.append("went on")

    with pytest.raises(type(error), match=str(error)):
        run(run_within(1500, [fail(), go_on()]))
    assert done == []


async def never(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(600)


def answer_after(moment: threading.Event, body: str) -> Handler:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        while not moment.is_set():
            await asyncio.sleep(0.01)
        writer.write(make_head(200, {"Content-Length": str(len(body))}) + body.encode())

    return answer


@pytest.fixture
def patient(settings: FetchSettings) -> FetchSettings:
    """A request would be waited for longer than the call may take."""
    return replace(settings, total_timeout_seconds=60, fetch_budget_seconds=2, check_budget_seconds=2)


def test_pages_that_do_not_arrive_in_time_are_postponed(server: HostileServer, patient: FetchSettings) -> None:
    slow = [make_entry(server.play(f"/slow/{number}", never)) for number in range(3)]
    server.serve("/quick", "<p>Quick</p>")
    quick = make_entry(f"http://localhost:{server.port}/quick")
    told: list[FetchedPage | UnchangedPage | FetchFailure] = []
    stream_pages([*slow, quick], patient, NOW, on_done=told.append)
    page, *late = told
    assert isinstance(page, FetchedPage)
    for answer in late:
        assert isinstance(answer, FetchFailure)
        assert (answer.reason, answer.is_final) == ("postponed", False)
        assert answer.detail == "not fetched: the time for one run was over"
    assert [answer.item_id for answer in told] == [entry.item_id for entry in [quick, *slow]]
    assert server.count("/slow/1") == 0


def test_sources_that_do_not_answer_in_time_are_postponed(server: HostileServer, patient: FetchSettings) -> None:
    url = server.play("/slow", never)
    slow = [make_source(url, name=name) for name in ("a", "b")]
    server.serve("/quick", make_rss("/1"))
    quick = make_source(f"http://localhost:{server.port}/quick")
    known = {source.id: Validators("e", "m") for source in slow}
    told: list[SourceCheck] = []
    checks = check_sources([*slow, quick], known, patient, NOW, on_done=told.append)
    assert [check.outcome for check in checks] == ["postponed", "postponed", "ok"]
    assert [check.source_id for check in told] == [source.id for source in [quick, *slow]]
    assert checks[0].validators == Validators("e", "m")


def test_without_time_nobody_is_asked(server: HostileServer, settings: FetchSettings) -> None:
    hasty = replace(settings, fetch_budget_seconds=0, check_budget_seconds=0)
    url = server.serve("/a", make_rss("/1"))
    (answer,) = fetch_pages([make_entry(url)], hasty, NOW)
    (check,) = check_sources([make_source(url)], {}, hasty, NOW)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, check.outcome) == ("postponed", "postponed")
    assert server.requests == []


def test_many_pages_of_a_slow_host_do_not_delay_those_of_others(server: HostileServer, settings: FetchSettings) -> None:
    others_are_told = threading.Event()
    slow = [make_entry(server.play(f"/{n}", answer_after(others_are_told, "<p>Slow</p>"))) for n in range(300)]
    for n in range(20):
        server.serve(f"/quick/{n}", "<p>Quick</p>")
    quick = [make_entry(f"http://localhost:{server.port}/quick/{n}") for n in range(20)]
    told: list[str] = []

    def note(answer: FetchedPage | UnchangedPage | FetchFailure) -> None:
        assert isinstance(answer, FetchedPage)
        told.append(answer.item_id)
        if len(told) == len(quick):
            others_are_told.set()

    stream_pages([*slow, *quick], settings, NOW, on_done=note)
    assert told[: len(quick)] == [entry.item_id for entry in quick]
    assert len(told) == len(slow) + len(quick)


def test_many_sources_on_a_slow_host_do_not_delay_those_on_others(
    server: HostileServer, settings: FetchSettings
) -> None:
    others_are_told = threading.Event()
    handler = answer_after(others_are_told, make_rss("/1"))
    slow = [make_source(server.play(f"/{n}", handler)) for n in range(settings.concurrency + 20)]
    server.serve("/quick", make_rss("/1"))
    quick = make_source(f"http://localhost:{server.port}/quick")

    def note(check: SourceCheck) -> None:
        told.append(check.source_id)
        others_are_told.set()

    told: list[str] = []
    checks = check_sources([*slow, quick], {}, settings, NOW, on_done=note)
    assert told[0] == quick.id
    assert {check.outcome for check in checks} == {"ok"}
