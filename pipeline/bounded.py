"""The clean room behind bounds that no page can break: in a process of its own, with limits set by the kernel.

    with BoundedCleaner() as cleaner:
        outcome = cleaner.clean_page(page, now=now)

A page that takes too long, takes too much memory or brings a C library down costs that process, and is a
rejection like any other. The process is started for the first page, serves all that follow, and is started
again after one that it did not survive. It is a fresh interpreter and no fork, because the caller may be an
Airflow task with threads and an open database connection.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from pipeline.child import make_child_environment
from pipeline.models import Article, FetchedPage, Rejection

if TYPE_CHECKING:
    from pipeline.clean import CleanSettings, SiteMemory

OUT_OF_MEMORY_STATUS = 77  # how the process ends when an allocation was refused


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one page may cost. Processor time, because a busy machine must not turn news into rejections."""

    cpu_seconds: float = 5.0
    memory_mb: int = 500  # of address space, on top of what the process has when it starts
    wall_seconds: float = 60.0  # for a process that neither works nor answers


class CleanFault(RuntimeError):
    """A fault of ours in the clean room; the text is the trace of the other process, its last line first."""


class BoundedCleaner:
    """Cleans one page at a time in a process of its own. Not for two threads at once."""

    def __init__(self, settings: CleanSettings | None = None, bounds: Bounds = Bounds()) -> None:
        self._settings = settings
        self._bounds = bounds
        self._process: subprocess.Popen[bytes] | None = None
        self._door: Connection | None = None

    def __enter__(self) -> BoundedCleaner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """Of the cleaning process, None while there is none."""
        return self._process.pid if self._process else None

    def clean_page(self, page: FetchedPage, *, now: datetime, memory: SiteMemory | None = None) -> Article | Rejection:
        """What `pipeline.clean.clean_page` answers, or a rejection: too_slow, too_large, crashed.

        Raises CleanFault where the room raised.
        """
        door = self._send((page, now, memory))
        try:
            if not door.poll(self._bounds.wall_seconds):
                self.close(by_force=True)
                return Rejection(page.item_id, "too_slow", f"no answer within {self._bounds.wall_seconds:g} s")
            reply = door.recv()
        except (EOFError, OSError):
            return Rejection(page.item_id, *self._explain_end())
        if isinstance(reply, str):
            raise CleanFault(reply)
        outcome: Article | Rejection = reply
        return outcome

    def close(self, *, by_force: bool = False) -> None:
        """End the process; it ends by itself when nobody can ask it any more."""
        if self._door is not None:
            self._door.close()
        if self._process is not None:
            if by_force:
                self._process.kill()
            self._process.wait()
        self._process = self._door = None

    def _send(self, job: object) -> Connection:
        if self._process is not None and self._process.poll() is not None:
            self.close()  # it died between two pages: nothing of this one's doing
        door = self._door or self._start()
        with suppress(OSError):  # it ended while it read: its end is the answer
            door.send(job)
        return door

    def _start(self) -> Connection:
        ours, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pipeline.bounded_worker", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=make_child_environment(),
        )
        theirs.close()
        self._door = ours
        try:
            ours.send((self._settings, self._bounds))
            ours.recv()
        except (EOFError, OSError):
            self.close()
            raise CleanFault("the cleaning process does not start; it says why on standard error") from None
        return ours

    def _explain_end(self) -> tuple[str, str]:
        """(reason, detail) for a process that ended instead of answering."""
        process, bounds = self._process, self._bounds
        self.close()
        status = process.returncode if process else 0
        if status == -signal.SIGPROF:
            return "too_slow", f"over {bounds.cpu_seconds:g} s of processor time"
        if status == OUT_OF_MEMORY_STATUS:
            return "too_large", f"over {bounds.memory_mb} MB of memory"
        return "crashed", f"the cleaning process ended with status {status}"
