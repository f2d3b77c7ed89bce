"""Large and odd answers are read by a helper process first: one that keeps a parser busy ends the helper and not us.

No list of known traps is complete (nesting, 60,000 attributes in one tag, ...) and nothing
stops a parser written in C from outside. So its process has a limit of CPU time and memory.
Small answers need none of this, because the work of the traps grows with the square of the size.
Up to SAFE_BYTES one kind of trap only costs more than a second, attributes in their thousands
(five seconds for each parser at 199 kB): whatever could be one is tried as well.

    us: {"length": 300000, "content_type": "text/html"}, newline, the bytes      helper: "."
"""

import asyncio
import json
import math
import re
import resource
import sys
from asyncio.subprocess import PIPE, Process

from lxml import etree

from pipeline.child import make_child_environment
from pipeline.fetch.decode import decode_body
from pipeline.fetch.markup import is_nested_too_deep
from pipeline.fetch.problems import FetchProblem
from pipeline.fetch.sniff import read_findings
from pipeline.models import SourceKind

HARMLESS_BYTES = 50_000  # whatever it holds: 12,000 attributes take a parser 0.3 s
SAFE_BYTES = 200_000
# A tag of 250 attributes, as HTML cuts them; scripts may look like one. Atomic groups: it never goes back.
MANY_ATTRIBUTES = re.compile(
    rb"""<[a-z][^\s/>]{0,19}+(?>(?>[\s/]*+[^\s/>][^\s/>=]{0,99}+"""
    rb"""(?:\s*+=\s*+(?>"[^"]*+"|'[^']*+'|[^\s>]{0,99}+))?+){250})""",
    re.IGNORECASE,
)
ROOT_TAG = re.compile(rb"<(?:html|body)\b", re.IGNORECASE)  # each further one adds its attributes to the first
MAX_ROOT_TAGS = 20
MAX_CPU_SECONDS = 3  # honest pages of ten megabytes take under one
MAX_MEMORY_BYTES = 2_000_000_000  # of addresses; honest pages of ten megabytes take half of it
SURVIVED = b"."


def may_run_away(body: bytes) -> bool:
    """True for an answer whose attributes may keep a parser busy, and for one of two bytes a letter."""
    return b"\0" in body or MANY_ATTRIBUTES.search(body) is not None or len(ROOT_TAG.findall(body)) > MAX_ROOT_TAGS


class Trial:
    """One helper, started for the first large answer and again after each that it did not survive."""

    def __init__(self) -> None:
        self._helper: Process | None = None
        self._turn = asyncio.Lock()

    async def require_readable(self, body: bytes, content_type: str) -> None:
        """Raise FetchProblem when reading the answer takes more time or memory than any honest page needs."""
        if len(body) <= HARMLESS_BYTES or (len(body) <= SAFE_BYTES and not may_run_away(body)):
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
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pipeline.fetch.trial", stdin=PIPE, stdout=PIPE, env=make_child_environment()
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
