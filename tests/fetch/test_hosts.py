"""How often one host is asked: the turns themselves, on a clock that only moves when somebody waits."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from yarl import URL

from pipeline.fetch.backoff import choose_rest_seconds
from pipeline.fetch.client import Answer
from pipeline.fetch.hosts import HostTurns
from pipeline.fetch.problems import FetchProblem
from pipeline.fetch.robots import RobotsFiles
from tests.fetch.jumping_loop import run

HERE = URL("http://news.example/a")
ELSEWHERE = URL("http://other.example/")
CONCURRENCY = 64


async def note_turns(turns: HostTurns, urls: list[URL], took_seconds: float = 0) -> list[float]:
    times: list[float] = []

    async def ask(url: URL) -> None:
        async with turns.take(url):
            times.append(round(asyncio.get_running_loop().time(), 3))
            await asyncio.sleep(took_seconds)

    await asyncio.gather(*(ask(url) for url in urls))
    return times


def test_one_host_is_asked_once_per_pause() -> None:
    assert run(note_turns(HostTurns(5, CONCURRENCY), [HERE] * 3)) == [0, 5, 10]


def test_hosts_do_not_wait_for_each_other() -> None:
    assert run(note_turns(HostTurns(5, CONCURRENCY), [HERE, ELSEWHERE])) == [0, 0]


def test_a_slow_host_gets_longer_pauses() -> None:
    assert run(note_turns(HostTurns(5, CONCURRENCY), [HERE] * 3, took_seconds=20)) == [0, 40, 80]


def test_a_host_pays_no_pause_for_the_slowness_of_others() -> None:
    async def ask() -> list[float]:
        turns = HostTurns(5, concurrency=1)
        _, times = await asyncio.gather(note_turns(turns, [HERE], took_seconds=50), note_turns(turns, [ELSEWHERE] * 3))
        return times

    assert run(ask()) == [50, 55, 60]


def test_a_delay_of_zero_turns_pauses_off() -> None:
    assert run(note_turns(HostTurns(0, CONCURRENCY), [HERE] * 3, took_seconds=2)) == [0, 2, 4]


def test_the_hosts_own_delay_is_kept_up_to_a_limit() -> None:
    turns = HostTurns(5, CONCURRENCY)
    turns.slow_down(HERE, 30)
    assert run(note_turns(turns, [HERE] * 3)) == [0, 30, 60]
    turns = HostTurns(5, CONCURRENCY)
    turns.slow_down(HERE, 99_999)
    assert run(note_turns(turns, [HERE] * 2)) == [0, 60]


def test_the_delay_that_robots_txt_asks_for_is_kept() -> None:
    async def answer(url: str) -> Answer:
        return Answer(url, 200, {}, b"User-agent: *\nCrawl-delay: 30")

    async def ask() -> list[float]:
        turns = HostTurns(5, CONCURRENCY)
        await RobotsFiles("Wirewatch", answer, turns).require_allowed(HERE)
        return await note_turns(turns, [HERE] * 2)

    assert run(ask()) == [0, 30]


async def answer_once(turns: HostTurns, status: int, retry_after_seconds: float | None = None) -> None:
    async with turns.take(HERE) as turn:
        turn.note_answer(status, retry_after_seconds)


async def fail_once(turns: HostTurns, outcome: str) -> None:
    with suppress(FetchProblem):
        async with turns.take(HERE):
            raise FetchProblem(outcome, "nobody answers")


def test_a_short_rest_is_waited_for() -> None:
    async def ask() -> list[float]:
        turns = HostTurns(5, CONCURRENCY)
        await answer_once(turns, 503, 42)
        return await note_turns(turns, [HERE])

    assert run(ask()) == [42]


@pytest.mark.parametrize("delay_seconds", [0, 5])
def test_a_long_rest_is_left_to_another_call(delay_seconds: float) -> None:
    async def ask() -> None:
        turns = HostTurns(delay_seconds, CONCURRENCY)
        await answer_once(turns, 429, 3600)
        await note_turns(turns, [ELSEWHERE])
        await note_turns(turns, [HERE])

    with pytest.raises(FetchProblem) as caught:
        run(ask())
    assert (caught.value.outcome, caught.value.is_final) == ("postponed", False)
    assert caught.value.reason == (
        "news.example is left alone for 60 min more: it answered 429 and asked to wait 3600 s"
    )


@pytest.mark.parametrize("outcome", ["timeout", "unreachable", "tls_failure", "broken_off"])
def test_a_host_that_fails_three_times_in_a_row_is_left_alone(outcome: str) -> None:
    async def ask() -> None:
        turns = HostTurns(5, CONCURRENCY)
        for _ in range(3):
            await fail_once(turns, outcome)
        await note_turns(turns, [HERE])

    with pytest.raises(FetchProblem, match=f"more: {outcome}: nobody answers") as caught:
        run(ask())
    assert caught.value.outcome == "postponed"


def test_one_good_answer_in_between_is_enough() -> None:
    async def ask() -> list[float]:
        turns = HostTurns(5, CONCURRENCY)
        for status in (500, 500, 404, 500, 500):
            await answer_once(turns, status)
        return await note_turns(turns, [HERE])

    assert run(ask()) == [25]


@pytest.mark.parametrize("outcome", ["dns_failure", "refused_address", "malformed", "too_large"])
def test_what_is_no_burden_to_the_host_needs_no_rest(outcome: str) -> None:
    async def ask() -> list[float]:
        turns = HostTurns(5, CONCURRENCY)
        for _ in range(4):
            await fail_once(turns, outcome)
        return await note_turns(turns, [HERE])

    assert run(ask()) == [20]


def test_without_pauses_a_failing_host_gets_no_rest() -> None:
    async def ask() -> list[float]:
        turns = HostTurns(0, CONCURRENCY)
        for _ in range(9):
            await fail_once(turns, "timeout")
        return await note_turns(turns, [HERE])

    assert run(ask()) == [0]


@pytest.mark.parametrize(
    ("failures", "rest_seconds"), [(1, 0), (2, 0), (3, 120), (4, 240), (5, 480), (7, 1920), (8, 3600), (999, 3600)]
)
def test_the_rest_doubles_up_to_an_hour_give_or_take_a_quarter(failures: int, rest_seconds: float) -> None:
    rests = [choose_rest_seconds(f"news{number}.example", failures) for number in range(200)]
    assert rests == [choose_rest_seconds(f"news{number}.example", failures) for number in range(200)]
    assert 0.75 * rest_seconds <= min(rests) <= max(rests) <= 1.25 * rest_seconds
    assert max(rests) - min(rests) >= 0.4 * rest_seconds
