"""One request at a time for each host, with a pause between two, and not too many over all hosts.

Within one call a host's requests queue here; between workers and runs the host book decides.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from yarl import URL

from pipeline.fetch.backoff import choose_rest_seconds
from pipeline.fetch.book import HostBook
from pipeline.fetch.problems import FetchProblem

MAX_DELAY_SECONDS = 60.0  # a robots.txt that asks for more would stop the watch
MAX_REST_SECONDS = 60.0  # a host that needs more is left to another call
LEASE_MARGIN_SECONDS = 30.0  # beyond the longest request: what a worker's database and its other work may take
MIN_WAIT_SECONDS = 0.01  # two clocks never agree to the last digit

# The connection failed. A name that does not resolve is no burden to its host: it may be our own line that is down.
HOST_FAILURES = frozenset({"timeout", "unreachable", "tls_failure", "broken_off"})


@dataclass(slots=True)
class Turn:
    """One request to a host, and what it tells about the host."""

    failure: str = ""
    is_answered: bool = False  # well enough: neither 429 nor 5xx
    rest_seconds: float = 0.0

    def note_answer(self, status: int, retry_after_seconds: float | None) -> None:
        """What the host answered, and how long it asks to be left alone."""
        if status == 429 or status >= 500:
            self.failure = f"it answered {status}"
        else:
            self.is_answered = True
        if status >= 400 and retry_after_seconds is not None:
            self.failure = self.failure or f"it answered {status}"
            self.failure += f" and asked to wait {retry_after_seconds:.0f} s"
            self.rest_seconds = retry_after_seconds

    def note_problem(self, problem: FetchProblem) -> None:
        """Why there is no answer."""
        if problem.outcome in HOST_FAILURES:
            self.failure = f"{problem.outcome}: {problem.reason}"


@dataclass(slots=True)
class _Host:
    authority: str
    delay_seconds: float
    free_at: float = 0.0  # on the event loop's clock
    rest_until: float = 0.0  # the same
    rest_reason: str = ""
    failures_in_a_row: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class HostTurns:
    """Hands out turns; a host is the authority of a URL (name, and port where it is not the usual one).

    The pause adapts: it is never shorter than the host's last answer took, so that
    a server in trouble is asked less and less often (as Scrapy's AutoThrottle does).
    A host that keeps failing, or says so (Retry-After), is left alone for longer.
    A delay of 0 turns all this off but for a long Retry-After, which is kept within the call.
    """

    def __init__(
        self, delay_seconds: float, concurrency: int, book: HostBook | None = None, request_seconds: float = 30.0
    ) -> None:
        self._delay_seconds = delay_seconds
        self._slots = asyncio.Semaphore(concurrency)  # over all hosts; one that waits for its turn holds none
        self._book = book if delay_seconds > 0 else None
        self._lease_seconds = request_seconds + LEASE_MARGIN_SECONDS
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def take(self, url: URL) -> AsyncIterator[Turn]:
        """Wait for this host's turn and hold it; raises FetchProblem `postponed` when the host needs a long rest."""
        host = self._find(url)
        async with host.lock:
            await self._start(host)
            turn, started = Turn(), _now()
            try:
                yield turn
            except FetchProblem as problem:
                turn.note_problem(problem)
                raise
            finally:
                self._slots.release()
                await self._finish(host, turn, took_seconds=_now() - started)

    def slow_down(self, url: URL, delay_seconds: float) -> None:
        """Keep at least this pause from now on: the host asked for it (Crawl-delay)."""
        host = self._find(url)
        host.delay_seconds = max(host.delay_seconds, min(delay_seconds, MAX_DELAY_SECONDS))

    async def _start(self, host: _Host) -> None:
        """Return with a slot, and with the host taken in the book."""
        while True:
            _require_short_rest(host)
            await asyncio.sleep(max(host.free_at - _now(), host.rest_until - _now(), 0.0))
            await self._slots.acquire()
            try:
                is_mine = await self._take_from_book(host)
            except BaseException:
                self._slots.release()
                raise
            if is_mine:
                return
            self._slots.release()

    async def _take_from_book(self, host: _Host) -> bool:
        if self._book is None:
            return True
        turn = await asyncio.to_thread(self._book.take_host, host.authority, self._lease_seconds)
        host.failures_in_a_row = turn.failures_in_a_row
        if turn.wait_seconds > 0:
            host.rest_until, host.rest_reason = _now() + max(turn.wait_seconds, MIN_WAIT_SECONDS), turn.reason
        return turn.wait_seconds <= 0

    async def _finish(self, host: _Host, turn: Turn, took_seconds: float) -> None:
        if self._delay_seconds == 0:
            if turn.rest_seconds > MAX_REST_SECONDS:
                host.rest_until, host.rest_reason = _now() + turn.rest_seconds, turn.failure
            return
        if turn.failure or turn.is_answered:
            host.failures_in_a_row = host.failures_in_a_row + 1 if turn.failure else 0
        backoff_seconds = choose_rest_seconds(host.authority, host.failures_in_a_row) if turn.failure else 0.0
        rest_seconds = max(turn.rest_seconds, backoff_seconds)
        pause_seconds = max(host.delay_seconds, min(took_seconds, MAX_DELAY_SECONDS))
        host.free_at = _now() + pause_seconds
        host.rest_until, host.rest_reason = _now() + rest_seconds, turn.failure
        if self._book is not None:
            await asyncio.to_thread(
                self._book.give_back_host,
                host.authority,
                pause_seconds=pause_seconds,
                rest_seconds=rest_seconds,
                failures_in_a_row=host.failures_in_a_row,
                reason=turn.failure,
            )

    def _find(self, url: URL) -> _Host:
        authority = url.host_port_subcomponent or ""  # without the usual port: http and https are one host
        return self._hosts.setdefault(authority, _Host(authority, self._delay_seconds))


def _require_short_rest(host: _Host) -> None:
    rest_seconds = host.rest_until - _now()
    if rest_seconds > MAX_REST_SECONDS:
        minutes = math.ceil(rest_seconds / 60)
        raise FetchProblem("postponed", f"{host.authority} is left alone for {minutes} min more: {host.rest_reason}")


def _now() -> float:
    return asyncio.get_running_loop().time()
