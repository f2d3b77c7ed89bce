"""The process behind a BoundedCleaner: pages in, articles and rejections out, until nobody asks any more.

usage: python -m pipeline.bounded_worker FILE_DESCRIPTOR   (started by pipeline.bounded, not by hand)
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from pipeline.bounded import OUT_OF_MEMORY_STATUS, Bounds
from pipeline.clean import DEFAULT_SETTINGS, CleanSettings, clean_page
from pipeline.models import Article, Rejection

_STATM = Path("/proc/self/statm")  # Linux; elsewhere only the time is bounded


def main() -> None:
    """Serve until the other side closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks; this one ends with it
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # the kernel ends the process, also inside a C library
    try:
        with suppress(EOFError, ConnectionError), Connection(int(sys.argv[1])) as door:
            settings, bounds = door.recv()
            _limit_memory(bounds.memory_mb)
            door.send("ready")
            while True:
                door.send(_answer(door, settings or DEFAULT_SETTINGS, bounds))
    except MemoryError:
        os._exit(OUT_OF_MEMORY_STATUS)


def _answer(door: Connection, settings: CleanSettings, bounds: Bounds) -> Article | Rejection | str:
    """The outcome for the next page, or the trace of a fault of ours."""
    page, now, memory = door.recv()
    signal.setitimer(signal.ITIMER_PROF, bounds.cpu_seconds)
    try:
        return clean_page(page, settings, now=now, memory=memory)
    except MemoryError:
        raise
    except Exception as error:  # the asking side counts it as a fault on this one page
        return f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _limit_memory(megabytes: int) -> None:
    if not _STATM.exists():
        return
    now = int(_STATM.read_text().split()[0]) * resource.getpagesize()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    asked = now + megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (asked if most == resource.RLIM_INFINITY else min(asked, most), most))


if __name__ == "__main__":
    main()
