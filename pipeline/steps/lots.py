"""What the network brings, stored many at a time: one by one, the disk would be what is waited for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import Generic, Self, TypeVar

from pipeline.errors import WirewatchError
from pipeline.steps.walk import Walk
from pipeline.store.database import Transaction, commit_later

ANSWERS_TOGETHER = 100  # a crash loses as many; they wait on and are asked for again
CHARACTERS_TOGETHER = 20_000_000  # two answers of the largest size
LONGEST_HELD_SECONDS = 2.0

T = TypeVar("T")


class LotStore(ABC, Generic[T]):
    """Takes answers in one thread and stores them in another, so that the network does not wait for the disk.

    At most two lots are in memory, the one that is written and the one that grows: whoever brings more waits.
    A lot is one transaction; when an answer in it cannot be stored, each is tried alone, and costs only itself.
    Use as a context manager; what the database raises reaches the caller with one of the next answers, or at the end.
    """

    def __init__(self, walk: Walk, on_stored: Callable[[], None]) -> None:
        """`on_stored` is called once for each answer that is in the database, from the thread that writes."""
        self.counts: Counter[str] = Counter()
        self._walk = walk
        self._on_stored = on_stored
        self._lot: list[T] = []
        self._lot_begun_at = 0.0
        self._characters = 0
        self._writer = ThreadPoolExecutor(max_workers=1)
        self._writing: Future[None] | None = None

    @abstractmethod
    def _store_together(self, lot: Sequence[T]) -> None:
        """Store answers in one transaction, and count them after it: what was rolled back is not counted."""

    @abstractmethod
    def _store_fault(self, answer: T, error: Exception) -> None:
        """Store that an answer could not be stored, for a fault of ours."""

    @abstractmethod
    def _weigh(self, answer: T) -> int:
        """About how many characters an answer holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not isinstance(error, WirewatchError):  # an interrupted call stores what has arrived
                self._hand_over()
                self._wait()
        finally:
            self._writer.shutdown()

    def add(self, answer: T) -> None:
        """Take one answer; raises what storing an earlier one raised (StoreUnavailable)."""
        if not self._lot:
            self._lot_begun_at = monotonic()
        self._lot.append(answer)
        self._characters += self._weigh(answer)
        is_full = len(self._lot) >= ANSWERS_TOGETHER or self._characters >= CHARACTERS_TOGETHER
        if is_full or monotonic() - self._lot_begun_at > LONGEST_HELD_SECONDS:
            self._hand_over()

    def _hand_over(self) -> None:
        self._wait()
        lot, self._lot, self._characters = self._lot, [], 0
        if lot:
            self._writing = self._writer.submit(self._store, lot)

    def _wait(self) -> None:
        if self._writing is not None:
            self._writing.result()

    def _store(self, lot: Sequence[T]) -> None:
        try:
            self._store_together(lot)
        except WirewatchError:
            raise  # the database: no answer is at fault
        except Exception:
            for answer in lot:
                self._store_alone(answer)

    def _store_alone(self, answer: T) -> None:
        try:
            self._store_together([answer])
        except WirewatchError:
            raise
        except Exception as error:
            self._store_fault(answer, error)

    @contextmanager
    def _begin(self) -> Iterator[Transaction]:
        """A transaction whose commit does not wait for the disk.

        When the server crashes, PostgreSQL loses the last of such commits, each as a whole, and never one before
        a commit that did wait. The items (or sources) so stand where they stood, and are asked for again.
        """
        with self._walk.database.begin() as tx:
            commit_later(tx)
            yield tx
