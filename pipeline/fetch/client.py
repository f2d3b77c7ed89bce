"""One HTTP client for the whole room: safe connections, caps, redirects, robots.txt, politeness.

get(url) = for each hop: URL ok? > robots.txt allows? > this host's turn > exchange > redirect?
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import DefaultResolver
from yarl import URL

from pipeline.fetch.addresses import (
    CheckedResolver,
    is_allowed_address,
    is_ip_literal,
    is_plain_host,
    make_address_problem,
)
from pipeline.fetch.book import HostBook
from pipeline.fetch.hosts import HostTurns
from pipeline.fetch.problems import FetchProblem, make_status_problem
from pipeline.fetch.retry_after import parse_retry_after
from pipeline.fetch.robots import RobotsFiles
from pipeline.fetch.settings import FetchSettings
from pipeline.fetch.trial import Trial
from pipeline.fetch.unpack import ACCEPT_ENCODING, make_unpacker, unpack_file
from pipeline.fetch.urls import parse_url

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
CHUNK_BYTES = 65_536
# Of services that are no web server, and would read a request as commands: the list of the browsers
# (fetch.spec.whatwg.org/#port-blocking), and databases and caches that they do not name.
BAD_PORTS = frozenset(
    {0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109}
    | {110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530}
    | {531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190}
    | {5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
    | {445, 873, 1433, 1521, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 5900, 6379, 9200, 9300, 11211, 27017}
)
ACCEPT = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/feed+json,*/*;q=0.5"

# First match wins: subclasses stand before their bases.
PROBLEMS: tuple[tuple[type[BaseException], str, str], ...] = (
    (TimeoutError, "timeout", "no complete answer within the time allowed"),
    (aiohttp.ClientConnectorDNSError, "dns_failure", "the host name {host} does not resolve"),
    (aiohttp.ClientSSLError, "tls_failure", "no trusted TLS connection to {address}"),
    (aiohttp.ClientConnectorError, "unreachable", "nobody answers at {address}"),
    (aiohttp.ClientResponseError, "malformed", "the answer breaks HTTP"),
    (aiohttp.InvalidURL, "bad_address", "not a URL that can be asked for"),
    (aiohttp.ClientPayloadError, "broken_off", "the connection broke in mid-answer"),
    (aiohttp.ClientError, "broken_off", "the connection broke"),
    (OSError, "unreachable", "nobody answers at {address}"),
    (ValueError, "malformed", "the answer breaks HTTP"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, unpacked: `status` is 200 or 304 when it comes from `Client.get`."""

    url: str  # after redirects
    status: int
    headers: Mapping[str, str]
    body: bytes
    took_seconds: float = 0.0  # for the last request of a chain of redirects

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")


class Client:
    """Use as an async context manager; every method raises FetchProblem and nothing else."""

    def __init__(
        self, settings: FetchSettings, resolver: AbstractResolver | None = None, book: HostBook | None = None
    ) -> None:
        """`book` is not opened when pauses are off."""
        book = book if settings.host_delay_seconds > 0 else None
        self._settings = settings
        self._resolver = resolver
        self._turns = HostTurns(settings.host_delay_seconds, settings.concurrency, book, settings.total_timeout_seconds)
        self._trial = Trial()
        self._robots = RobotsFiles(settings.robot_name, self._get_unasked, self._turns, book)

    async def __aenter__(self) -> Self:
        self._checked_resolver = CheckedResolver(self._resolver or DefaultResolver(), self._settings.allow_loopback)
        connector = aiohttp.TCPConnector(resolver=self._checked_resolver, limit=0)  # the turns are the limit
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # unpack.py does it, with a cap
            timeout=aiohttp.ClientTimeout(total=None),
            headers={
                "User-Agent": self._settings.user_agent,
                "Accept": ACCEPT,
                "Accept-Encoding": ACCEPT_ENCODING,
            },
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._trial.close()
        await self._session.close()
        await self._checked_resolver.close()  # a connector closes only a resolver that it made itself

    async def get(self, url: str, conditions: Mapping[str, str] | None = None) -> Answer:
        """The 200 answer (or 304, if `conditions` were sent) at the end of the redirects."""
        answer = await self._follow(url, conditions or {}, ask_robots=True)
        if answer.status == 200 or (answer.status == 304 and conditions):
            await self._trial.require_readable(answer.body, answer.content_type)
            return answer
        if answer.status == 304:
            raise FetchProblem("malformed", "the server answered 304 although nothing was asked conditionally")
        raise make_status_problem(answer.status, parse_retry_after(answer.headers))

    async def _get_unasked(self, url: str) -> Answer:
        """Any answer at the end of the redirects, robots.txt not asked: it is what is fetched."""
        return await self._follow(url, {}, ask_robots=False)

    async def _follow(self, url: str, headers: Mapping[str, str], *, ask_robots: bool) -> Answer:
        for _ in range(self._settings.max_redirects + 1):
            target = self._check_url(url)
            if ask_robots:
                await self._robots.require_allowed(target)
            async with self._turns.take(target) as turn:
                answer = await self._exchange(target, headers)
                turn.note_answer(answer.status, parse_retry_after(answer.headers))
            location = answer.headers.get("Location", "")
            if answer.status not in REDIRECT_STATUSES or not location:
                return answer
            url = _join_redirect(target, location)
        raise FetchProblem("too_many_redirects", f"more than {self._settings.max_redirects} redirects", is_final=True)

    def _check_url(self, text: str) -> URL:
        url = parse_url(text)
        if url is None or url.host is None:
            raise FetchProblem("bad_address", f"{text[:200]!r} is not an http(s) address", is_final=True)
        if not is_plain_host(url.host):
            raise make_address_problem(f"{url.host} is an odd notation of an address")
        if url.port in BAD_PORTS:
            raise FetchProblem("refused_address", f"port {url.port} of {url.host} is not one of the web", is_final=True)
        # An address written in the URL never meets the resolver, so it is checked here.
        if is_ip_literal(url.host) and not is_allowed_address(url.host, self._settings.allow_loopback):
            raise make_address_problem(url.host)
        return url

    async def _exchange(self, url: URL, headers: Mapping[str, str]) -> Answer:
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._settings.total_timeout_seconds):
                async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                    body = await self._read_body(response) if response.status == 200 else b""
                    took_seconds = asyncio.get_running_loop().time() - started
                    return Answer(str(url), response.status, response.headers, body, took_seconds)
        except FetchProblem:
            raise
        except Exception as error:
            raise _name_problem(error, url) from error

    async def _read_body(self, response: aiohttp.ClientResponse) -> bytes:
        cap = self._settings.max_bytes
        if (response.content_length or 0) > cap:
            raise FetchProblem("too_large", f"the answer announces {response.content_length} bytes", is_final=True)
        unpacker = make_unpacker(response.headers.get("Content-Encoding", ""), cap)
        parts: list[bytes] = []
        arrived = 0
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            arrived += len(chunk)
            if arrived > cap:
                raise FetchProblem("too_large", f"the answer is longer than {cap} bytes", is_final=True)
            parts.append(unpacker.feed(chunk))
        if not unpacker.is_complete():
            raise FetchProblem("broken_off", "the packed answer is cut short")
        return unpack_file(b"".join(parts), cap)


def _join_redirect(url: URL, location: str) -> str:
    target = parse_url(location, str(url))
    if target is None:
        raise FetchProblem("bad_address", f"redirected to {location[:200]!r}", is_final=True)
    return str(target)


def _name_problem(error: Exception, url: URL) -> FetchProblem:
    for kind, outcome, reason in PROBLEMS:
        if isinstance(error, kind):
            detail = _choose_detail(error)
            reason = reason.format(host=url.host, address=url.authority)
            return FetchProblem(outcome, f"{reason} ({detail})" if detail else reason)
    raise error


def _choose_detail(error: Exception) -> str:
    """What tells a person more than the outcome: of a failed connection, what is wrong with the certificate."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return str(getattr(error.certificate_error, "verify_message", ""))
    if isinstance(error, aiohttp.ClientResponseError):
        return " ".join(error.message.split())[:200]  # as a whole it would repeat the address
    return "" if isinstance(error, aiohttp.ClientConnectorError) else " ".join(str(error).split())[:200]
