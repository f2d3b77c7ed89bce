"""One request at a time for each host, with a pause between two, and not too many over all hosts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from yarl import URL

from pipeline.fetch.problems import FetchProblem

MAX_DELAY_SECONDS = 60.0  # a robots.txt that asks for more would stop the watch
MAX_REST_SECONDS = 60.0  # a host that asks for more is left alone for the rest of the call


@dataclass(slots=True)
class _Host:
    delay_seconds: float
    free_at: float = 0.0  # on the event loop's clock
    is_resting: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class HostTurns:
    """Hands out turns; a host is the authority of a URL (name and port).

    The pause adapts: it is never shorter than the host's last answer took, so that
    a server in trouble is asked less and less often (as Scrapy's AutoThrottle does).
    A delay of 0 turns all pauses off.
    """

    def __init__(self, delay_seconds: float, concurrency: int) -> None:
        self._delay_seconds = delay_seconds
        self._slots = asyncio.Semaphore(concurrency)  # over all hosts; one that waits for its turn holds none
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def take(self, url: URL, *, is_counted: bool = True) -> AsyncIterator[None]:
        """Wait for this host's turn and hold it; raises FetchProblem when the host wants a long rest."""
        host = self._find(url)
        async with host.lock:
            if host.is_resting:
                raise FetchProblem("postponed", f"{url.authority} asked for a longer rest")
            await asyncio.sleep(max(host.free_at - _now(), 0.0))
            async with self._slots:
                started = _now()
                try:
                    yield
                finally:
                    if is_counted and self._delay_seconds > 0:
                        took_seconds = min(_now() - started, MAX_DELAY_SECONDS)
                        host.free_at = max(host.free_at, _now() + max(host.delay_seconds, took_seconds))

    def slow_down(self, url: URL, delay_seconds: float) -> None:
        """Keep at least this pause from now on: the host asked for it (Crawl-delay)."""
        host = self._find(url)
        host.delay_seconds = max(host.delay_seconds, min(delay_seconds, MAX_DELAY_SECONDS))

    def rest(self, url: URL, rest_seconds: float) -> None:
        """Ask nothing of the host for a while: it said so (Retry-After)."""
        host = self._find(url)
        if rest_seconds > MAX_REST_SECONDS:
            host.is_resting = True
        elif self._delay_seconds > 0:
            host.free_at = max(host.free_at, _now() + rest_seconds)

    def _find(self, url: URL) -> _Host:
        return self._hosts.setdefault(url.authority, _Host(self._delay_seconds))


def _now() -> float:
    return asyncio.get_running_loop().time()
