"""Content codings undone piece by piece, so that a bomb is stopped at the cap and never unfolded."""

import zlib
from typing import Protocol

import brotli  # type: ignore[import-untyped]

from pipeline.fetch.problems import FetchProblem

ACCEPT_ENCODING = "gzip, deflate, br"
GZIP_MAGIC = b"\x1f\x8b"
MAX_GZIP_MEMBERS = 100


class Unpacker(Protocol):
    """Takes what arrived, gives what it stands for."""

    def feed(self, data: bytes) -> bytes: ...

    def is_complete(self) -> bool: ...


def make_unpacker(content_encoding: str, max_bytes: int) -> Unpacker:
    """The unpacker for a Content-Encoding header; raises FetchProblem for a coding nobody asked for."""
    match content_encoding.strip().lower():
        case "" | "identity" | "utf-8" | "none":
            return PlainUnpacker()
        case "gzip" | "x-gzip" | "deflate":
            return ZlibUnpacker(max_bytes)
        case "br":
            return BrotliUnpacker(max_bytes)
        case other:
            raise FetchProblem("malformed", f"the answer is packed as {other[:40]!r}, which was not asked for")


def _refuse(max_bytes: int) -> FetchProblem:
    return FetchProblem("too_large", f"the answer unpacks to more than {max_bytes} bytes", is_final=True)


class PlainUnpacker:
    """No coding at all."""

    def feed(self, data: bytes) -> bytes:
        return data

    def is_complete(self) -> bool:
        return True


class ZlibUnpacker:
    """gzip (several members too), zlib and, because some servers send it for `deflate`, raw deflate."""

    def __init__(self, max_bytes: int) -> None:
        self._room = self._max_bytes = max_bytes
        self._members = 0
        self._inner: zlib._Decompress | None = None

    def feed(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        while data:
            if self._inner is None:
                if self._members == MAX_GZIP_MEMBERS:
                    raise FetchProblem("malformed", f"the packed answer has more than {MAX_GZIP_MEMBERS} members")
                self._inner = zlib.decompressobj(_guess_window(data))
                self._members += 1
            parts.append(self._take(self._inner, data))
            data = self._inner.unused_data if self._inner.eof else b""
            if data and not data.startswith(GZIP_MAGIC):
                break  # padding after the last member
            if self._inner.eof and data:
                self._inner = None
        return b"".join(parts)

    def _take(self, inner: "zlib._Decompress", data: bytes) -> bytes:
        try:
            part = inner.decompress(data, self._room + 1)
        except zlib.error as error:
            raise FetchProblem("malformed", f"the packed answer is damaged: {error}") from error
        self._room -= len(part)
        if self._room < 0:
            raise _refuse(self._max_bytes)
        return part

    def is_complete(self) -> bool:
        return self._inner is None or self._inner.eof


def _guess_window(data: bytes) -> int:
    """gzip or zlib by their first byte, else raw deflate (RFC 1950: the low four bits are 8)."""
    return 47 if data.startswith(GZIP_MAGIC[:1]) or data[0] & 0x0F == 8 else -15


class BrotliUnpacker:
    """Brotli (RFC 7932)."""

    def __init__(self, max_bytes: int) -> None:
        self._room = self._max_bytes = max_bytes
        self._inner = brotli.Decompressor()

    def feed(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        try:
            while True:
                part = self._inner.process(data, output_buffer_limit=self._room + 1)
                parts.append(part)
                self._room -= len(part)
                if self._room < 0:
                    raise _refuse(self._max_bytes)
                if not part or self._inner.can_accept_more_data():
                    return b"".join(parts)
                data = b""
        except brotli.error as error:
            raise FetchProblem("malformed", f"the packed answer is damaged: {error}") from error

    def is_complete(self) -> bool:
        return bool(self._inner.is_finished())


def unpack_file(body: bytes, max_bytes: int) -> bytes:
    """A body that is itself a gzip file (sitemap.xml.gz) unpacked; any other body as it is."""
    if not body.startswith(GZIP_MAGIC):
        return body
    unpacker = ZlibUnpacker(max_bytes)
    unpacked = unpacker.feed(body)
    if not unpacker.is_complete():
        raise FetchProblem("malformed", "the gzip file is cut short")
    return unpacked
