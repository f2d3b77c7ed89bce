"""robots.txt by RFC 9309, one file per origin for the life of a client."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from protego import Protego
from yarl import URL

from pipeline.fetch.decode import decode_body
from pipeline.fetch.hosts import HostTurns
from pipeline.fetch.problems import FetchProblem

MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309, section 2.5: parse at least this much
MAX_WILDCARDS_PER_LINE = 10  # a rule becomes a regular expression: more of them could run away

# 429 is no "unavailable" (which would allow everything) but a plea to stay away, as Google documents it.
DISALLOW_STATUSES = frozenset({429, *range(500, 600)})

# These are true of the host, whatever was asked; all others are the file's own and say nothing about the page.
HOST_OUTCOMES = frozenset(
    {"timeout", "dns_failure", "unreachable", "tls_failure", "broken_off", "refused_address", "postponed"}
)


class _Answer(Protocol):
    @property
    def status(self) -> int: ...

    @property
    def body(self) -> bytes: ...


class RobotsFiles:
    """Reads each origin's file once; concurrent askers wait for the same answer."""

    def __init__(self, robot_name: str, get: Callable[[str], Awaitable[_Answer]], turns: HostTurns) -> None:
        self._robot_name = robot_name
        self._get = get
        self._turns = turns
        self._files: dict[str, asyncio.Task[Protego]] = {}

    async def require_allowed(self, url: URL) -> None:
        """Raise FetchProblem when the file forbids the URL or cannot be had."""
        origin = str(url.origin())
        if origin not in self._files:
            self._files[origin] = asyncio.create_task(self._read(url))
        rules = await self._files[origin]
        if not rules.can_fetch(str(url), self._robot_name):
            raise FetchProblem("blocked_by_robots", f"{origin}/robots.txt forbids {url.path}", is_final=True)

    async def _read(self, url: URL) -> Protego:
        answer = await self._get_file(str(url.origin().with_path("/robots.txt")))
        if answer.status in DISALLOW_STATUSES:
            raise FetchProblem("robots_unavailable", f"robots.txt answered {answer.status}: nothing may be read yet")
        rules = Protego.parse(_trim(answer.body) if answer.status == 200 else "")
        delay_seconds = rules.crawl_delay(self._robot_name)
        if delay_seconds:
            self._turns.slow_down(url, float(delay_seconds))
        return rules

    async def _get_file(self, url: str) -> _Answer:
        try:
            return await self._get(url)
        except FetchProblem as problem:
            if problem.outcome in HOST_OUTCOMES:
                raise
            raise FetchProblem("robots_unavailable", f"robots.txt cannot be had: {problem.reason}") from problem


def _trim(body: bytes) -> str:
    lines = decode_body(body[:MAX_ROBOTS_BYTES]).splitlines()
    return "\n".join(line for line in lines if line.count("*") <= MAX_WILDCARDS_PER_LINE)
