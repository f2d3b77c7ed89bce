"""Run an answering function over JSON lines."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, Protocol

log = logging.getLogger(__name__)

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class LineError(ValueError):
    """A line that cannot be answered; the text says what is wrong with it."""


class Hold(Protocol):
    """Keeps answers back while they may still change; lets them out in the order of their lines."""

    def take(self, reply: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """Take the next answer; returns those that are ready by now."""

    def finish(self) -> Iterable[dict[str, Any]]:
        """The rest: the stream has ended."""


class HoldNothing:
    """Every answer is ready at once."""

    def take(self, reply: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """The answer itself."""
        return (reply,)

    def finish(self) -> Iterable[dict[str, Any]]:
        """Nothing is left."""
        return ()


def run_lines(answer: Answer, lines: BinaryIO, out: BinaryIO, label: str, hold: Hold | None = None) -> int:
    """Answer every line of `lines` on `out`; returns the exit status: 1 when a line could not be read, else 0.

    A bad line is answered with `error`, and with its number when it has no id. A progress bar goes to
    stderr when that is a terminal.
    """
    hold = hold or HoldNothing()
    status = 0
    for number, line in enumerate(_with_progress(lines, label), start=1):
        if not line.strip():
            continue
        reply = _answer_line(answer, line, number)
        if "error" in reply:
            status = 1
        _write(out, hold.take(reply))
    _write(out, hold.finish())
    out.flush()
    return status


def _write(out: BinaryIO, replies: Iterable[dict[str, Any]]) -> None:
    for reply in replies:
        out.write(json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _answer_line(answer: Answer, line: bytes, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"line": number, "error": f"not JSON: {error}"}
    if not isinstance(record, dict):
        return {"line": number, "error": "not a JSON object"}
    if not isinstance(record.get("id"), str) or not record["id"]:
        return {"line": number, "error": "`id` is missing or not a string"}
    try:
        return answer(record)
    except LineError as error:
        return {"id": record["id"], "error": str(error)}
    except Exception as error:
        # A fault of ours on one line must not cost the answers to the others.
        log.exception("line %d", number)
        return {"id": record["id"], "error": f"fault: {type(error).__name__}: {error}"}


def read_text(record: dict[str, Any], name: str) -> str:
    """A text field of a record, empty when absent or null; raises LineError when it is something else."""
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise LineError(f"`{name}` is not a string")
    return value


def _with_progress(lines: BinaryIO, label: str) -> Any:
    if not sys.stderr.isatty():
        return lines
    from tqdm import tqdm  # a filter in a pipe does without it

    return tqdm(lines, desc=label, unit=" lines", file=sys.stderr)
