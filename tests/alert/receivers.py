"""Real receivers of e-mail and webhooks on loopback, which can fail in every way."""

from __future__ import annotations

import json
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self


class Receiver:
    """Serves as long as it is entered."""

    _server: TCPServer

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class MailServer(Receiver):
    """Takes every mail; `answers` are given first, one for each mail. A mail that is answered "" is kept, unanswered.

    As much of RFC 5321 as a client without extensions needs.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: deque[str] = deque()
        server = self

        class Talk(StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 desk.example")
                while command := self.rfile.readline()[:4].upper():
                    if command == b"DATA":
                        self._say("354 go on")
                        answer = server.take(b"".join(iter(self.rfile.readline, b".\r\n")))
                        if not answer:
                            return
                        self._say(answer)
                    else:
                        self._say("221 bye" if command == b"QUIT" else "250 yes")

            def _say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

        threads = ThreadingTCPServer(("127.0.0.1", 0), Talk)
        threads.daemon_threads = True
        self._server = threads

    def take(self, content: bytes) -> str:
        """Keep a mail, unless the answer to it is a refusal; returns the answer."""
        answer = self.answers.popleft() if self.answers else "250 taken"
        if answer in ("", "250 taken"):
            mail = message_from_bytes(content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return answer

    @property
    def address(self) -> str:
        port = self._server.server_address[1]
        return f"mailto://127.0.0.1:{port}/?from=watch@desk.example&to=desk@desk.example&mode=insecure"


class Webhook(Receiver):
    """Takes every POST; `answers` come first: a status, or 0 to drop the connection after storing the message."""

    SECRET = "hook-secret-7f3a"

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.answers: deque[int] = deque()
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = webhook.answers.popleft() if webhook.answers else 200
                if status in (0, 200):
                    webhook.posts.append(body)
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self._server.server_address[1]}/{self.SECRET}"
