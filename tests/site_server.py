"""A static web site on loopback: a folder of files, in which BASE stands for the server's own address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

_TYPES = {".html": "text/html; charset=utf-8", ".xml": "application/xml", ".json": "application/json"}


@contextmanager
def serve_site(root: Path) -> Iterator[str]:
    """Serve `root` until the block ends; gives the address, such as http://127.0.0.1:40123."""

    address = ""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = root / unquote(urlsplit(self.path).path).lstrip("/")
            file = path / "index.html" if path.is_dir() else path
            if not file.is_file():
                self.send_error(404)
                return
            body = file.read_bytes().replace(b"BASE", address.encode())
            self.send_response(200)
            self.send_header("Content-Type", _TYPES.get(file.suffix, "text/plain; charset=utf-8"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
