"""Large answers are read by a helper process first: one that keeps a parser busy ends the helper and not us.

No list of known traps is complete (nesting, 60,000 attributes in one tag, ...) and nothing
stops a parser written in C from outside. So its process has a limit of CPU time and memory.
Small answers need none of this: the worst that we could build costs two seconds at SAFE_BYTES,
because the work of the traps grows with the square of the size.

    us: {"length": 300000, "content_type": "text/html"}, newline, the bytes      helper: "."
"""

import asyncio
import json
import math
import os
import resource
import sys
from asyncio.subprocess import PIPE, Process

from lxml import etree

from pipeline.fetch.decode import decode_body
from pipeline.fetch.markup import is_nested_too_deep
from pipeline.fetch.problems import FetchProblem
from pipeline.fetch.sniff import read_findings
from pipeline.models import SourceKind

SAFE_BYTES = 200_000
MAX_CPU_SECONDS = 3  # honest pages of ten megabytes take under one
MAX_MEMORY_BYTES = 2_000_000_000  # of addresses; honest pages of ten megabytes take half of it
SURVIVED = b"."


class Trial:
    """One helper, started for the first large answer and again after each that it did not survive."""

    def __init__(self) -> None:
        self._helper: Process | None = None
        self._turn = asyncio.Lock()

    async def require_readable(self, body: bytes, content_type: str) -> None:
        """Raise FetchProblem when reading the answer takes more time or memory than any honest page needs."""
        if len(body) <= SAFE_BYTES:
            return
        async with self._turn:
            has_survived = False
            try:
                has_survived = await self._ask(body, content_type)
            finally:
                if not has_survived:  # ended, or left in mid-answer by a cancelled call
                    await self.close()
        if not has_survived:
            reason = f"the answer keeps a parser busy for more than {MAX_CPU_SECONDS} s, or fills its memory"
            raise FetchProblem("malformed", reason, is_final=True)

    async def _ask(self, body: bytes, content_type: str) -> bool:
        if self._helper is None:
            self._helper = await _start_helper()
        to_helper, from_helper = self._helper.stdin, self._helper.stdout
        assert to_helper is not None
        assert from_helper is not None
        try:
            head = json.dumps({"length": len(body), "content_type": content_type[:1000]})
            to_helper.write(head.encode() + b"\n" + body)
            await to_helper.drain()
            return await from_helper.read(1) == SURVIVED
        except ConnectionError:
            return False

    async def close(self) -> None:
        """End the helper, whatever it is doing."""
        helper, self._helper = self._helper, None
        if helper is not None:
            if helper.returncode is None:
                helper.kill()
            await helper.communicate()  # waits for its end and closes both pipes


async def _start_helper() -> Process:
    # The helper must find this package wherever we found it.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pipeline.fetch.trial", stdin=PIPE, stdout=PIPE, env=environment
    )


def main() -> None:
    """The helper: one answer after the other, until we close the pipe."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while head := sys.stdin.buffer.readline():
        asked = json.loads(head)
        body = sys.stdin.buffer.read(asked["length"])
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit_seconds = math.ceil(used.ru_utime + used.ru_stime) + MAX_CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit_seconds, resource.RLIM_INFINITY))
        try:
            try_to_read(body, asked["content_type"])
        except MemoryError:
            return
        sys.stdout.buffer.write(SURVIVED)
        sys.stdout.buffer.flush()


def try_to_read(body: bytes, content_type: str) -> None:
    """All that is done with an answer later, here and in the cleaning room; what it gives does not matter."""
    text = decode_body(body, content_type)
    if is_nested_too_deep(text):
        return  # refused by its own name, before any parser
    try:
        read_findings(text, "https://example.org/", SourceKind.PAGE)
        etree.fromstring(text.encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8", huge_tree=True))
    except (FetchProblem, etree.ParseError, ValueError):
        pass  # an outcome with a name of its own; only what ends this process counts


if __name__ == "__main__":
    main()
