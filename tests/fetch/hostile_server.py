"""A web server on loopback that answers each path as a test tells it to, byte by byte if need be."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

TLS_HANDSHAKE = b"\x16"  # this server speaks plain HTTP only, so it answers 404 in the clear

Handler = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    path: str  # with its query
    headers: Mapping[str, str]  # names in lower case
    at: float = 0.0  # when it had arrived, in seconds of the server's own clock


@dataclass
class HostileServer:
    """Runs in a thread of its own; unknown paths answer 404."""

    routes: dict[str, Handler] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._answer, "127.0.0.1", 0), self._loop
        ).result()
        self.port: int = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _shut(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> str:
        """Answer a path with this body; `Content_Type="text/html"` and the like set headers. Gives its URL."""
        data = body.encode() if isinstance(body, str) else body

        async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
            writer.write(make_head(status, {"Content-Length": str(len(data)), **_dash(headers)}) + data)

        return self.play(path, answer)

    def play(self, path: str, handler: Handler) -> str:
        """Let a handler write whatever it likes to the socket. Gives the path's URL."""
        self.routes[path] = handler
        return self.url(path)

    def count(self, path: str) -> int:
        return sum(1 for request in self.requests if request.path == path)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read_request(reader):
                self.requests.append(request)
                handler = self.routes.get(request.path) or self.routes.get(request.path.partition("?")[0])
                if handler is None:
                    writer.write(make_head(404, {"Content-Length": "0"}))
                else:
                    await handler(request, writer)
                if writer.is_closing():
                    return
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def make_head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _dash(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    first = await reader.read(1)
    if not first:
        return None
    if first == TLS_HANDSHAKE:
        return Request("no TLS here", {})
    line = first + await reader.readline()
    headers = {}
    while (header := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = header.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(line.decode("latin-1").split()[1], headers, asyncio.get_running_loop().time())
