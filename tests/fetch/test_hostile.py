"""Sites that break, lie or attack: each ends in its outcome, and the rest of the batch arrives."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import Iterator
from dataclasses import replace

import brotli  # type: ignore[import-untyped]
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.fetch import FetchSettings
from pipeline.fetch.client import Client
from pipeline.fetch.problems import FetchProblem
from tests.fetch.build import check_among_good, check_one, make_rss, make_source
from tests.fetch.hostile_server import Handler, HostileServer, Request, make_head

BOMB_BYTES = 50_000_000


def check_handler(server: HostileServer, settings: FetchSettings, handler: Handler) -> str:
    return check_among_good(server, make_source(server.play("/bad", handler)), settings).outcome


def write_and_close(data: bytes) -> Handler:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return answer


def test_a_slow_drip_is_cut_off(server: HostileServer, settings: FetchSettings) -> None:
    async def drip(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(make_head(200, {"Content-Length": "100000"}))
        for _ in range(100_000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    assert check_handler(server, replace(settings, total_timeout_seconds=1.5), drip) == "timeout"


def test_a_server_that_says_nothing_is_cut_off(server: HostileServer, settings: FetchSettings) -> None:
    async def wait(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    assert check_handler(server, replace(settings, total_timeout_seconds=1.5), wait) == "timeout"


def test_an_endless_body_is_cut_off(server: HostileServer, settings: FetchSettings) -> None:
    async def pour(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(make_head(200, {"Connection": "close"}))
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    assert check_handler(server, settings, pour) == "too_large"


def test_endless_headers_are_cut_off(server: HostileServer, settings: FetchSettings) -> None:
    async def pour(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    assert check_handler(server, settings, pour) == "malformed"


def test_an_announced_giant_is_not_read(server: HostileServer, settings: FetchSettings) -> None:
    giant = make_head(200, {"Content-Length": "99999999999"})
    assert check_handler(server, settings, write_and_close(giant)) == "too_large"


def _deflate_raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"\0" * BOMB_BYTES)),
        ("gzip", gzip.compress(b"\0" * 150_000) * 50),
        ("deflate", zlib.compress(b"\0" * BOMB_BYTES)),
        ("deflate", _deflate_raw(b"a" * BOMB_BYTES)),
        ("br", brotli.compress(b"\0" * BOMB_BYTES)),
        ("", gzip.compress(b"\0" * BOMB_BYTES)),  # as a .gz file
        ("gzip", gzip.compress(gzip.compress(b"\0" * BOMB_BYTES))),  # a .gz file, packed once more on the way
        ("br", brotli.compress(gzip.compress(b"\0" * BOMB_BYTES))),
    ],
    ids=["gzip", "gzip members", "zlib", "deflate", "brotli", "gzip file", "gzip in gzip", "gzip in brotli"],
)
def test_bombs_are_not_unfolded(server: HostileServer, settings: FetchSettings, coding: str, packed: bytes) -> None:
    source = make_source(server.serve("/bad", packed, Content_Encoding=coding))
    assert check_among_good(server, source, settings).outcome == "too_large"


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(make_rss("/1").encode())),
        ("gzip", gzip.compress(make_rss("/1").encode()[:50]) + gzip.compress(make_rss("/1").encode()[50:])),
        ("x-gzip", gzip.compress(make_rss("/1").encode()) + b"\0\0\0"),
        ("deflate", zlib.compress(make_rss("/1").encode())),
        ("deflate", _deflate_raw(make_rss("/1").encode())),
        ("br", brotli.compress(make_rss("/1").encode())),
        ("identity", make_rss("/1").encode()),
    ],
)
def test_honest_packing_is_undone(server: HostileServer, settings: FetchSettings, coding: str, packed: bytes) -> None:
    source = make_source(server.serve("/feed", packed, Content_Encoding=coding))
    assert check_among_good(server, source, settings).outcome == "ok"


@pytest.mark.parametrize(
    ("coding", "packed", "outcome"),
    [
        ("gzip", b"not packed at all", "malformed"),
        ("br", b"\xff" * 50, "malformed"),
        ("gzip", gzip.compress(make_rss("/1").encode())[:-20], "broken_off"),
        ("br", brotli.compress(make_rss("/1").encode())[:-5], "broken_off"),
        ("zstd", b"x", "malformed"),
        ("gzip, br", b"x", "malformed"),
        ("gzip", gzip.compress(b"") * 5000, "malformed"),
    ],
)
def test_damaged_packing_is_an_outcome(
    server: HostileServer, settings: FetchSettings, coding: str, packed: bytes, outcome: str
) -> None:
    source = make_source(server.serve("/bad", packed, Content_Encoding=coding))
    assert check_among_good(server, source, settings).outcome == outcome


def test_a_redirect_loop_ends(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/pong", status=302, Location="/ping")
    source = make_source(server.serve("/ping", status=302, Location="/pong"))
    assert check_among_good(server, source, settings).outcome == "too_many_redirects"


@pytest.mark.parametrize(
    ("location", "outcome"),
    [
        ("http://10.0.0.1/", "refused_address"),
        ("http://169.254.169.254/latest/meta-data/", "refused_address"),
        ("http://[::ffff:10.0.0.1]/", "refused_address"),
        ("http://[fd00:ec2::254]/", "refused_address"),
        ("http://2130706433/", "refused_address"),
        ("http://0x7f.1/", "refused_address"),
        ("http://0177.0.0.1/", "refused_address"),
        ("//192.168.0.1/", "refused_address"),
        ("file:///etc/passwd", "bad_address"),
        ("gopher://127.0.0.1/", "bad_address"),
        ("http://", "bad_address"),
        ("http://[::1", "bad_address"),
        ("ftp://example.org/", "bad_address"),
        ("data:text/html,x", "bad_address"),
        ("javascript:alert(1)", "bad_address"),
        ("http://example.org@10.0.0.1/", "refused_address"),
        ("http://10.0.0.1#@example.org/", "refused_address"),
        ("http://example.org\\@10.0.0.1/", "bad_address"),
        ("http:\\\\10.0.0.1\\", "bad_address"),
        ("http:/10.0.0.1/", "bad_address"),
        ("http://10.0.0.1./", "refused_address"),
        ("http://10%E3%80%820.0.1/", "bad_address"),
        ("http://%31%30.0.0.1/", "bad_address"),
        ("http://[fe80::1%25eth0]/", "bad_address"),
        ("http://[64:ff9b::10.0.0.1]/", "refused_address"),
        ("http://[2002:a00:1::]/", "refused_address"),
    ],
)
def test_redirects_lead_nowhere_that_is_not_public(
    server: HostileServer, settings: FetchSettings, location: str, outcome: str
) -> None:
    source = make_source(server.serve("/bad", status=302, Location=location))
    assert check_among_good(server, source, settings).outcome == outcome


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{}/feed", "http://localhost:{}/feed", "http://[::ffff:127.0.0.1]:{}/feed"]
)
def test_loopback_is_refused_without_its_setting(server: HostileServer, settings: FetchSettings, address: str) -> None:
    async def ask() -> str:
        async with Client(replace(settings, allow_loopback=False)) as client:
            with pytest.raises(FetchProblem) as caught:
                await client.get(address.format(server.port))
            return caught.value.outcome

    assert asyncio.run(ask()) == "refused_address"
    assert server.requests == []


class ChangingResolver(AbstractResolver):
    """A name server that gives each address of a list in turn, as in DNS rebinding."""

    def __init__(self, *addresses: str) -> None:
        self._addresses: Iterator[str] = iter(addresses)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked += 1
        address = next(self._addresses)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0),
        ]

    async def close(self) -> None:
        pass


def test_the_address_that_was_checked_is_the_address_that_is_dialled(
    server: HostileServer, settings: FetchSettings
) -> None:
    resolver = ChangingResolver("127.0.0.1", "10.0.0.1", "10.0.0.1")
    server.serve("/robots.txt", "", Connection="close")
    server.serve("/feed", make_rss("/1"))

    async def ask() -> tuple[str, int]:
        async with Client(settings, resolver) as client:
            answer = await client.get(f"http://rebind.example:{server.port}/feed")
            return answer.body.decode(), resolver.asked

    body, asked = asyncio.run(ask())
    assert body == make_rss("/1")
    assert asked == 1


def test_a_redirect_back_to_the_same_name_is_resolved_and_checked_again(
    server: HostileServer, settings: FetchSettings
) -> None:
    # Another port, so that neither the connection nor the resolved name is kept: the second answer is private.
    server.serve("/feed", status=302, Location="http://rebind.example:2/feed", Connection="close")

    async def ask() -> str:
        async with Client(settings, ChangingResolver("127.0.0.1", "10.0.0.1")) as client:
            with pytest.raises(FetchProblem) as caught:
                await client.get(f"http://rebind.example:{server.port}/feed")
            return caught.value.outcome

    assert asyncio.run(ask()) == "refused_address"


class MixedResolver(ChangingResolver):
    """All its addresses in one answer, as a name server may give them."""

    def __init__(self, *addresses: str) -> None:
        super().__init__()
        self._all = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        answer = ResolveResult(hostname=host, host="", port=port, family=socket.AF_INET, proto=0, flags=0)
        return [{**answer, "host": address} for address in self._all]


def test_of_mixed_addresses_only_those_that_are_allowed_are_dialled(
    server: HostileServer, settings: FetchSettings
) -> None:
    server.serve("/feed", make_rss("/1"))

    async def ask() -> list[str]:
        async with Client(settings, MixedResolver("10.0.0.1", "169.254.169.254", "127.0.0.1")) as client:
            await client.get(f"http://mixed.example:{server.port}/feed")
            found = await client._checked_resolver.resolve("mixed.example")
            return [result["host"] for result in found]

    assert asyncio.run(ask()) == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "127.0.0.1\t", "ℓocalhost", "LOCALHOST"])
def test_other_letters_for_an_address_are_the_same_address(
    server: HostileServer, settings: FetchSettings, host: str
) -> None:
    source = make_source(f"http://{host}:{server.port}/feed")
    assert check_one(source, replace(settings, allow_loopback=False)).outcome == "refused_address"
    assert server.requests == []


def pour_without_end(head: bytes, piece: bytes, pause_seconds: float = 0.0) -> Handler:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_seconds)

    return answer


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "piece", "pause_seconds", "outcome"),
    [
        (OK, b"X-Many: headers\r\n" * 100, 0, "malformed"),
        (OK + b"X-Slow: ", b"a", 0.02, "timeout"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001, "timeout"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 0.001, "timeout"),
        (CHUNKED + b"5;", b"extension" * 1000, 0.001, "timeout"),
        (CHUNKED, b"1\r\nx\r\n" * 1000, 0, "too_large"),
        # Whether the parser or the closing socket ends it first is chance.
        (CHUNKED + b"0\r\n", b"X-Trailer: a\r\n" * 100, 0, "malformed or broken_off"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", b"x" * 65_536, 0, "http_404"),
    ],
    ids=["headers", "slow header", "100", "103", "chunk extension", "tiny chunks", "trailers", "error page"],
)
def test_what_never_ends_is_cut_off(
    server: HostileServer, settings: FetchSettings, head: bytes, piece: bytes, pause_seconds: float, outcome: str
) -> None:
    handler = pour_without_end(head, piece, pause_seconds)
    assert check_handler(server, replace(settings, total_timeout_seconds=1), handler) in outcome.split(" or ")


def test_redirects_from_host_to_host_without_end_are_cut_off(server: HostileServer, settings: FetchSettings) -> None:
    other = HostileServer()
    other.start()
    server.serve("/bad", status=302, Location=other.url("/back"))
    other.serve("/back", status=302, Location=server.url("/bad"))
    assert check_among_good(server, make_source(server.url("/bad")), settings).outcome == "too_many_redirects"
    other.stop()


def test_a_name_that_answers_with_a_private_address_is_refused(settings: FetchSettings) -> None:
    async def ask() -> str:
        async with Client(settings, ChangingResolver("10.0.0.1")) as client:
            with pytest.raises(FetchProblem) as caught:
                await client.get("http://inside.example/")
            return str(caught.value)

    assert asyncio.run(ask()) == "refused_address: inside.example resolves to 10.0.0.1, which is not a public address"


FEED = make_rss("/1").encode()


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (make_head(200, {"Content-Length": str(len(FEED) + 500)}) + FEED, "broken_off"),
        (make_head(200, {"Content-Length": "-5"}) + FEED, "malformed"),
        (make_head(200, {"Transfer-Encoding": "chunked"}) + b"zz\r\n" + FEED, "malformed"),
        (make_head(200, {"Transfer-Encoding": "chunked"}) + b"500\r\nshort", "broken_off"),
        (make_head(200, {"Content-Length": "5", "Transfer-Encoding": "chunked"}) + FEED, "malformed"),
        (b"HTTP/1.0 200 OK\r\n\r\n" + FEED, "ok"),
        (b"", "broken_off"),
        (b"\xff\xfe\x00garbage\r\n\r\n", "malformed"),
        (b"HTTP/1.1 999999 Odd\r\n\r\n", "malformed"),
        (b"HTTP/1.1 200 OK\r\nBad Header\x00: x\r\n\r\n", "malformed"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "malformed"),
        (FEED, "malformed"),
        (make_head(200, {"Transfer-Encoding": "chunked"}) + b"f" * 20 + b"\r\n" + FEED, "malformed"),
        (make_head(200, {"Transfer-Encoding": "chunked"}) + b"-5\r\n" + FEED, "malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n" + FEED, "malformed"),
        (make_head(200, {"Content-Length": "9" * 5000}) + FEED, "malformed"),
        (make_head(200, {"X-Cut": "a\0b"}) + FEED, "malformed"),
        (make_head(101, {"Upgrade": "websocket", "Connection": "Upgrade"}) + FEED, "http_101"),
        (make_head(206, {"Content-Length": "5"}) + b"abcde", "http_206"),
        (make_head(100, {}) + make_head(200, {"Content-Length": str(len(FEED))}) + FEED, "ok"),
    ],
    ids=["long", "negative", "bad chunk", "cut chunk", "two lengths", "http 1.0", "closed", "garbage", "status",
         "header", "ssh", "http 0.9", "chunk overflow", "negative chunk", "lengths", "digits", "nul", "upgrade", "part",
         "continue"],
)  # fmt: skip
def test_answers_that_lie_or_break_http(
    server: HostileServer, settings: FetchSettings, data: bytes, outcome: str
) -> None:
    assert check_handler(server, settings, write_and_close(data)) == outcome


def test_a_reset_in_mid_body_is_an_outcome(server: HostileServer, settings: FetchSettings) -> None:
    async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(make_head(200, {"Content-Length": "5000"}) + FEED)
        await writer.drain()
        writer.transport.abort()

    assert check_handler(server, settings, reset) == "broken_off"


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><channel>&b;</channel></rss>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY a "b">]><rss/>'.encode("utf-16"),
    ],
)
def test_xml_bombs_are_malformed(server: HostileServer, settings: FetchSettings, body: str | bytes) -> None:
    assert check_among_good(server, make_source(server.serve("/bad", body)), settings).outcome == "malformed"


def test_plain_http_on_a_tls_address_is_an_outcome(server: HostileServer, settings: FetchSettings) -> None:
    source = make_source(server.url("/feed").replace("http://", "https://"))
    checked = check_among_good(server, source, settings)
    assert (checked.outcome, checked.reason) == ("tls_failure", f"no trusted TLS connection to 127.0.0.1:{server.port}")
