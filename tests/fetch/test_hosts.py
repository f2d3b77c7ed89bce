"""How often one host is asked: the turns themselves, on a clock that only moves when somebody waits."""

from __future__ import annotations

import asyncio

import pytest
from yarl import URL

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


def test_a_short_rest_is_waited_for() -> None:
    async def ask() -> list[float]:
        turns = HostTurns(5, CONCURRENCY)
        turns.rest(HERE, 42)
        return await note_turns(turns, [HERE])

    assert run(ask()) == [42]


def test_a_long_rest_is_left_to_the_next_call() -> None:
    turns = HostTurns(5, CONCURRENCY)
    turns.rest(HERE, 3600)
    with pytest.raises(FetchProblem) as caught:
        run(note_turns(turns, [HERE]))
    assert (caught.value.outcome, caught.value.is_final) == ("postponed", False)
