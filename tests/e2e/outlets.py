"""Two small outlets on loopback: on Monday the folder site/monday, from Tuesday on site/tuesday before it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

SITE = Path(__file__).parent / "site"
MEDIA_TYPES = {".html": "text/html; charset=utf-8", ".xml": "application/rss+xml"}


class Outlets:
    """Serves the files of `days`, newest day first; BASE in a file stands for the address of the server."""

    def __init__(self) -> None:
        self.days = ["monday"]
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def read(self, path: str) -> bytes | None:
        """The file at a path of the site; None when no day has it."""
        for day in reversed(self.days):
            file = SITE / day / path.lstrip("/")
            if file.is_file():
                return file.read_bytes().replace(b"BASE", self.base_url.encode())
        return None

    def __enter__(self) -> Outlets:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _make_handler(outlets: Outlets) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = outlets.read(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", MEDIA_TYPES.get(Path(self.path).suffix, "text/plain"))
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler
