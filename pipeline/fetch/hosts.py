"""One request at a time for each host, with a pause between two."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from yarl import URL

MAX_DELAY_SECONDS = 60.0  # a robots.txt that asks for more would stop the watch


@dataclass(slots=True)
class _Host:
    delay_seconds: float
    free_at: float = 0.0  # on the event loop's clock
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class HostTurns:
    """Hands out turns; a host is the authority of a URL (name and port)."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay_seconds = delay_seconds
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def take(self, url: URL) -> AsyncIterator[None]:
        """Wait for this host's turn and hold it."""
        host = self._find(url)
        async with host.lock:
            wait_seconds = host.free_at - _now()
            if wait_seconds > 0:
                await asyncio.sleep(wait_seconds)
            try:
                yield
            finally:
                host.free_at = _now() + host.delay_seconds

    def slow_down(self, url: URL, delay_seconds: float) -> None:
        """Keep at least this pause from now on: the host asked for it (Crawl-delay)."""
        host = self._find(url)
        if self._delay_seconds > 0:
            host.delay_seconds = max(host.delay_seconds, min(delay_seconds, MAX_DELAY_SECONDS))

    def _find(self, url: URL) -> _Host:
        return self._hosts.setdefault(url.authority, _Host(self._delay_seconds))


def _now() -> float:
    return asyncio.get_running_loop().time()
