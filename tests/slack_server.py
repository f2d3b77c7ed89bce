"""A Slack-like server on loopback, real HTTP: what slack-sdk says to it, it keeps.

Run it alone with `python tests/slack_server.py --port 8901 --log /tmp/slack.jsonl`, or use
`SlackServer` as a context manager. It answers one request at a time, in the order of
arrival, and never makes a second message out of one request.
"""

from __future__ import annotations

import argparse
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

READERS_NAMED = 3  # under a message in a history
WRITES = ("chat.postMessage", "chat.update")  # the methods that meet faults
TOKEN = "xoxb-test-token"
CHANNELS = {"C0NEWSDESK": "news-desk", "C0OPERATIONS": "operations"}

Answer = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one write: `stored` says whether the message is kept all the same."""

    kind: str  # "status", "drop", "error" or "raw"
    stored: bool = False
    status: int = 500
    error: str = "internal_error"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def rate_limit(retry_after_seconds: int) -> Fault:
    """HTTP 429 with Retry-After; nothing is stored."""
    return Fault("status", status=429, error="ratelimited", headers={"Retry-After": str(retry_after_seconds)})


def server_error(stored: bool, status: int = 500) -> Fault:
    """An HTTP 5xx before or after the message was stored."""
    return Fault("status", stored=stored, status=status)


def drop(stored: bool) -> Fault:
    """The connection is closed without an answer, before or after the message was stored."""
    return Fault("drop", stored=stored)


def refuse(error: str) -> Fault:
    """HTTP 200 with ok:false; nothing is stored."""
    return Fault("error", error=error)


class SlackServer:
    """One workspace. `messages` holds every stored message, oldest first, as chat.postMessage got it plus `ts`."""

    def __init__(
        self, port: int = 0, log: Path | None = None, token: str = TOKEN, channels: Mapping[str, str] | None = None
    ) -> None:
        self.token = token
        self.channels = dict(CHANNELS if channels is None else channels)
        self.messages: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}  # uploaded, by id
        self.processing = 0  # this many messages that show a new file are refused first
        self.requests: list[str] = []  # the names of the methods that were called
        self.faults: deque[Fault] = deque()  # one is taken by each write
        self.choose_fault: Callable[[], Fault | None] | None = None  # asked when `faults` is empty
        self.scopes_missing: set[str] = set()  # methods that answer missing_scope
        self.lock = threading.Lock()
        self._log = log
        self._last_ts = 0.0
        self._http = HTTPServer(("127.0.0.1", port), _make_handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def base_url(self) -> str:
        """The address for WIREWATCH_SLACK_BASE_URL."""
        return f"http://127.0.0.1:{self._http.server_port}/api/"

    def __enter__(self) -> SlackServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def serve_forever(self) -> None:
        """Serve in this thread until interrupted."""
        self._http.serve_forever(poll_interval=0.2)

    def add(self, *faults: Fault) -> None:
        """The next writes meet these faults, in this order."""
        self.faults.extend(faults)

    def keys(self) -> list[str]:
        """The alert keys in the metadata of the stored messages, in order."""
        payloads = (message.get("metadata", {}).get("event_payload", {}) for message in self.messages)
        return [payload["key"] for payload in payloads if "key" in payload]

    # ------------------------------------------------------------ methods of the Web API

    def answer(self, method: str, form: dict[str, Any]) -> Answer:
        """The answer of one method, other than a fault."""
        known: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "auth.test": lambda _: _ok(team="Test", user="wirewatch", bot_id="B0TEST"),
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.list": self._list,
            "reactions.get": self._get_reactions,
            "chat.getPermalink": self._link,
            "files.getUploadURLExternal": self._open_upload,
            "files.completeUploadExternal": self._complete_upload,
        }
        if method in self.scopes_missing:
            return _error("missing_scope", needed="channels:history", provided="chat:write")
        return known[method](form) if method in known else _error("unknown_method")

    def take_fault(self) -> Fault | None:
        """What goes wrong with the next write, if anything."""
        if self.faults:
            return self.faults.popleft()
        return self.choose_fault() if self.choose_fault else None

    def _post(self, form: dict[str, Any]) -> Answer:
        channel = self._find_channel(str(form.get("channel", "")))
        if channel is None:
            return _error("channel_not_found")
        problem = "invalid_blocks" if self._shows_unknown_file(form) else _check_message(form)
        if problem:
            return _error(problem)
        self._last_ts = max(self._last_ts + 0.000001, time.time())
        message = {**form, "channel": channel, "ts": f"{self._last_ts:.6f}"}
        self.messages.append(message)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(message, ensure_ascii=False) + "\n")
        return _ok(channel=channel, ts=message["ts"], message=message)

    def _update(self, form: dict[str, Any]) -> Answer:
        if form.get("channel") not in self.channels:  # by id only, as in Slack
            return _error("channel_not_found")
        problem = _check_message(form)
        if problem:
            return _error(problem)
        for message in self.messages:
            if message["ts"] == form.get("ts") and message["channel"] == form.get("channel"):
                message.update({name: form[name] for name in ("text", "blocks", "metadata") if name in form})
                return _ok(channel=message["channel"], ts=message["ts"], text=message.get("text", ""))
        return _error("message_not_found")

    def _history(self, form: dict[str, Any]) -> Answer:
        if form.get("channel") not in self.channels:  # read by id only, as in Slack
            return _error("channel_not_found")
        top = [each for each in self._in(form) if not each.get("thread_ts") or each.get("reply_broadcast")]
        return _page(top[::-1], form)  # newest first

    def _replies(self, form: dict[str, Any]) -> Answer:
        if form.get("channel") not in self.channels:
            return _error("channel_not_found")
        parent = [each for each in self.messages if each["ts"] == form.get("ts")]
        if not parent:
            return _error("thread_not_found")
        replies = [each for each in self._in(form) if each.get("thread_ts") == form.get("ts")]
        return _page(parent + replies, form)  # the parent always comes first

    def _link(self, form: dict[str, Any]) -> Answer:
        if not any(each["ts"] == form.get("message_ts") for each in self._in(form)):
            return _error("message_not_found")
        place = f"{form['channel']}/p{str(form['message_ts']).replace('.', '')}"
        return _ok(channel=form["channel"], permalink=f"https://desk.slack.example/archives/{place}")

    def react(self, ts: str, name: str, *users: str) -> None:
        """Readers put an emoji under a message; without readers it is taken away."""
        (message,) = (each for each in self.messages if each["ts"] == ts)
        others = [each for each in message.get("reactions", []) if each["name"] != name]
        given = [{"name": name, "users": list(users), "count": len(users)}] if users else []
        message["reactions"] = others + given

    def _get_reactions(self, form: dict[str, Any]) -> Answer:
        if form.get("channel") not in self.channels:
            return _error("channel_not_found")
        for message in self.messages:
            if message["ts"] == form.get("timestamp") and message["channel"] == form["channel"]:
                return _ok(type="message", channel=form["channel"], message=message)
        return _error("message_not_found")

    def _open_upload(self, form: dict[str, Any]) -> Answer:
        if not form.get("filename") or int(form.get("length") or 0) < 1:
            return _error("invalid_arguments")
        file_id = f"F{len(self.files):08d}"
        self.files[file_id] = {"id": file_id, "length": int(form["length"]), "body": b"", "is_complete": False}
        return _ok(file_id=file_id, upload_url=f"{self.base_url}upload/{file_id}")

    def store_upload(self, file_id: str, body: bytes) -> int:
        """The status of the bytes that were posted to an upload URL."""
        file = self.files.get(file_id)
        if file is None or len(body) != file["length"]:
            return 400
        file["body"], file["processing"] = body, self.processing
        return 200

    def _complete_upload(self, form: dict[str, Any]) -> Answer:
        given = form["files"] if isinstance(form["files"], list) else json.loads(form["files"])
        known = [self.files.get(each["id"]) for each in given]
        if any(file is None or not file["body"] for file in known):
            return _error("file_not_found")
        for file in filter(None, known):
            file["is_complete"] = True
        return _ok(files=[{"id": each["id"], "title": each.get("title", "")} for each in given])

    def _shows_unknown_file(self, form: dict[str, Any]) -> bool:
        """A file can be shown once it is complete and Slack has done with it, some messages later."""
        shown = [block["slack_file"]["id"] for block in form.get("blocks") or [] if block["type"] == "image"]
        for file in (self.files.get(file_id) for file_id in shown):
            if file is None or not file["is_complete"] or file["processing"] > 0:
                if file is not None:
                    file["processing"] -= 1
                return True
        return False

    def _list(self, form: dict[str, Any]) -> Answer:
        found = [{"id": channel, "name": name} for channel, name in self.channels.items()]
        start, limit = int(form.get("cursor") or 0), int(form.get("limit") or 100)
        more = str(start + limit) if start + limit < len(found) else ""
        return _ok(channels=found[start : start + limit], response_metadata={"next_cursor": more})

    def _in(self, form: dict[str, Any]) -> list[dict[str, Any]]:
        oldest = float(form.get("oldest") or 0)
        latest = float(form.get("latest") or "inf")
        of_channel = [each for each in self.messages if each["channel"] == form["channel"]]
        return [each for each in of_channel if oldest < float(each["ts"]) < latest]

    def _find_channel(self, given: str) -> str | None:
        by_name = {name: channel for channel, name in self.channels.items()}
        return given if given in self.channels else by_name.get(given.lstrip("#"))


def _ok(**fields: Any) -> Answer:
    return {"ok": True, **fields}


def _error(code: str, **fields: Any) -> Answer:
    return {"ok": False, "error": code, **fields}


def _page(messages: list[dict[str, Any]], form: dict[str, Any]) -> Answer:
    start, limit = int(form.get("cursor") or 0), int(form.get("limit") or 100)
    with_metadata = str(form.get("include_all_metadata", "")) in ("1", "true", "True")
    hidden = set() if with_metadata else {"metadata"}
    shown = [
        {name: _cut_readers(name, value) for name, value in message.items() if name not in hidden}
        for message in messages[start : start + limit]
    ]
    more = str(start + limit) if start + limit < len(messages) else ""
    return _ok(messages=shown, has_more=bool(more), response_metadata={"next_cursor": more})


def _cut_readers(name: str, value: Any) -> Any:
    """Only some of many readers are named in a history; `count` counts all."""
    if name != "reactions":
        return value
    return [{**each, "users": each["users"][:READERS_NAMED]} for each in value]


def _check_message(form: dict[str, Any]) -> str:
    """The error Slack would give for the form of a message, empty if none."""
    blocks = form.get("blocks") or []
    if not form.get("text") and not blocks:
        return "no_text"
    texts = [each for block in blocks for each in [block.get("text"), *block.get("elements", ())] if each]
    limits = {"plain_text": 150, "mrkdwn": 3000}
    if len(blocks) > 50 or any(not 1 <= len(text["text"]) <= limits[text["type"]] for text in texts):
        return "invalid_blocks"
    if sum(len(text["text"]) for text in texts) > 13_000:
        return "msg_blocks_too_long"
    metadata = form.get("metadata")
    if metadata is not None and not {"event_type", "event_payload"} <= set(metadata):
        return "invalid_metadata_format"
    return ""


def _make_handler(server: SlackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # a client that died half-way must not block the next one

        def do_POST(self) -> None:
            if "/upload/" in self.path:  # by its secret address alone, as in Slack: no token
                length = int(self.headers.get("Content-Length") or 0)
                with server.lock:
                    status = server.store_upload(self.path.rpartition("/")[2], self.rfile.read(length))
                self._write(status, b"OK", {})
                return
            form = self._read_form()
            method = self.path.partition("?")[0].rpartition("/")[2]
            if form is None:
                return
            with server.lock:
                server.requests.append(method)
                self._respond(method, form)

        do_GET = do_POST

        def _read_form(self) -> dict[str, Any] | None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # the client died while sending
                return None
            if "json" in (self.headers.get("Content-Type") or ""):
                form: dict[str, Any] = json.loads(body)
                return form
            return dict(parse_qsl(body.decode() or self.path.partition("?")[2]))

        def _respond(self, method: str, form: dict[str, Any]) -> None:
            if self.headers.get("Authorization") != f"Bearer {server.token}":
                self._send(200, _error("invalid_auth" if self.headers.get("Authorization") else "not_authed"))
                return
            fault = server.take_fault() if method in WRITES else None
            answer = server.answer(method, form) if fault is None or fault.stored else _error(fault.error)
            if fault is None or fault.kind == "error":
                self._send(200, answer)
            elif fault.kind == "drop":
                self.connection.shutdown(socket.SHUT_RDWR)
            elif fault.kind == "raw":
                self._write(200, fault.body, {})
            else:
                self._send(fault.status, _error(fault.error), fault.headers)

        def _send(self, status: int, answer: Answer, headers: Mapping[str, str] | None = None) -> None:
            self._write(status, json.dumps(answer).encode(), headers or {})

        def _write(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            try:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # the client is gone; what was stored stays stored
                pass

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: tests read `requests`."""

    return Handler


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, help="every stored message, as JSON lines")
    parser.add_argument("--token", default=TOKEN)
    options = parser.parse_args()
    server = SlackServer(options.port, options.log, options.token)
    names = ", ".join(f"{channel} (#{name})" for channel, name in server.channels.items())
    print(f"{server.base_url} channels {names}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
