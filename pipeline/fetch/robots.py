"""robots.txt by RFC 9309, one file per origin, remembered for a day."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from protego import Protego
from yarl import URL

from pipeline.fetch.book import HostBook
from pipeline.fetch.decode import decode_body
from pipeline.fetch.hosts import HostTurns
from pipeline.fetch.problems import FetchProblem
from pipeline.models import RobotsCopy

MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309, section 2.5: parse at least this much
MAX_WILDCARDS_PER_LINE = 10  # a rule becomes a regular expression: more of them could run away

MAX_AGE_SECONDS = 24 * 3600.0  # section 2.4: no longer than 24 hours ...
MAX_GRACE_SECONDS = 24 * 3600.0  # ... unless the file cannot be had: the copy serves for a day more

UNREACHABLE = frozenset({"timeout", "dns_failure", "unreachable", "tls_failure", "broken_off"})
# These are true of the host, whatever was asked; all others are the file's own and say nothing about the page.
HOST_OUTCOMES = UNREACHABLE | {"refused_address", "postponed"}


class _Answer(Protocol):
    @property
    def status(self) -> int: ...

    @property
    def body(self) -> bytes: ...


class RobotsFiles:
    """Reads each origin's file once; concurrent askers wait for the same answer, other workers find it in the book."""

    def __init__(
        self,
        robot_name: str,
        get: Callable[[str], Awaitable[_Answer]],
        turns: HostTurns,
        book: HostBook | None = None,
    ) -> None:
        self._robot_name = robot_name
        self._get = get
        self._turns = turns
        self._book = book
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
        rules = Protego.parse(await self._recall(str(url.origin())))
        delay_seconds = rules.crawl_delay(self._robot_name)
        if delay_seconds:
            self._turns.slow_down(url, float(delay_seconds))
        return rules

    async def _recall(self, origin: str) -> str:
        """The text of the file: from the book while it is fresh, else from its server, which the book then knows."""
        if self._book is None:
            status, text = await self._ask(origin)
            _require_rules(status)
            return text
        copy = await asyncio.to_thread(self._book.read_robots, origin)
        if copy is not None and copy.age_seconds <= MAX_AGE_SECONDS:
            return copy.body
        try:
            status, text = await self._ask(origin)
        except FetchProblem as problem:
            if copy is not None and problem.outcome in UNREACHABLE and _may_serve(copy):
                return copy.body
            raise
        if copy is not None and status >= 500 and _may_serve(copy):
            return copy.body
        _require_rules(status)
        await asyncio.to_thread(self._book.save_robots, origin, status, text)
        return text

    async def _ask(self, origin: str) -> tuple[int, str]:
        answer = await self._get_file(f"{origin}/robots.txt")
        return answer.status, _trim(answer.body) if answer.status == 200 else ""

    async def _get_file(self, url: str) -> _Answer:
        try:
            return await self._get(url)
        except FetchProblem as problem:
            if problem.outcome in HOST_OUTCOMES:
                raise
            raise FetchProblem("robots_unavailable", f"robots.txt cannot be had: {problem.reason}") from problem


def _may_serve(copy: RobotsCopy) -> bool:
    """Whether a copy that has grown old still counts while its server is down."""
    return copy.status == 200 and copy.age_seconds <= MAX_AGE_SECONDS + MAX_GRACE_SECONDS


def _require_rules(status: int) -> None:
    """A 4xx means that there are none: all is allowed. But 429 is a plea to stay away, as Google documents it."""
    if status == 429 or 300 <= status < 400 or status >= 500:
        raise FetchProblem("robots_unavailable", f"robots.txt answered {status}: nothing may be read yet")


def _trim(body: bytes) -> str:
    lines = decode_body(body[:MAX_ROBOTS_BYTES]).splitlines()
    return "\n".join(line for line in lines if line.count("*") <= MAX_WILDCARDS_PER_LINE)
