"""Fetched pages into the database, many in one transaction: one by one, the disk would be what is waited for."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from types import TracebackType
from typing import Self

from pipeline.errors import WirewatchError
from pipeline.fetch import are_twins
from pipeline.models import FetchedPage, FetchFailure, ItemId, Outcome, Room
from pipeline.steps.walk import Walk, describe
from pipeline.store import items, records
from pipeline.store.database import Transaction

log = logging.getLogger(__name__)

MAX_FETCH_ATTEMPTS = 3  # a page that did not arrive in three runs is given up
ANSWERS_TOGETHER = 50  # a crash loses as many; they wait on and are fetched again
LONGEST_HELD_SECONDS = 2.0

Answer = FetchedPage | FetchFailure


class PageStore:
    """Takes answers in one thread and stores them in another, so that the network does not wait for the disk.

    At most two lots are in memory: whoever brings more waits. Use as a context manager; what the
    database raises reaches the caller with one of the next answers, or at the end.
    """

    def __init__(self, walk: Walk, waiting: Mapping[ItemId, items.WaitingEntry], on_stored: Callable[[], None]) -> None:
        self.counts: Counter[str] = Counter()
        self._walk = walk
        self._waiting = waiting
        self._on_stored = on_stored
        self._lot: list[Answer] = []
        self._lot_begun_at = 0.0
        self._writer = ThreadPoolExecutor(max_workers=1)
        self._writing: Future[None] | None = None

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

    def add(self, answer: Answer) -> None:
        """Take one answer; raises what storing an earlier one raised (StoreUnavailable)."""
        if not self._lot:
            self._lot_begun_at = monotonic()
        self._lot.append(answer)
        if len(self._lot) >= ANSWERS_TOGETHER or monotonic() - self._lot_begun_at > LONGEST_HELD_SECONDS:
            self._hand_over()

    def _hand_over(self) -> None:
        self._wait()
        lot, self._lot = self._lot, []
        if lot:
            self._writing = self._writer.submit(self._store, lot)

    def _wait(self) -> None:
        if self._writing is not None:
            self._writing.result()

    def _store(self, lot: Sequence[Answer]) -> None:
        try:
            self._store_together(lot)
        except WirewatchError:
            raise  # the database: no page is at fault
        except Exception:
            for answer in lot:
                self._store_alone(answer)

    def _store_alone(self, answer: Answer) -> None:
        try:
            self._store_together([answer])
        except WirewatchError:
            raise
        except Exception as error:
            # A fault of ours on one page must not stop the desk: it is a counted outcome, its trace in the log.
            log.exception("%s: item %s", Room.FETCH, answer.item_id)
            fault = Outcome(answer.item_id, Room.FETCH, items.FAULT, describe(error), passed=False)
            with self._walk.database.begin() as tx:
                self._count(self._settle(tx, {answer.item_id: fault}))

    def _store_together(self, lot: Sequence[Answer]) -> None:
        with self._walk.database.begin() as tx:
            mine = items.claim_items(tx, [answer.item_id for answer in lot], Room.FETCH)
            answers = {answer.item_id: answer for answer in lot if answer.item_id in mine}
            pages = [answer for answer in answers.values() if isinstance(answer, FetchedPage)]
            failures = [answer for answer in answers.values() if isinstance(answer, FetchFailure)]
            outcomes = {
                **self._keep_pages(tx, pages),
                **{each.item_id: self._keep_failure(tx, each) for each in failures},
            }
            counted = self._settle(tx, outcomes)
        self._count(counted + ["taken by another walk"] * (len(lot) - len(mine)))

    def _settle(self, tx: Transaction, outcomes: Mapping[ItemId, Outcome | None]) -> list[str]:
        final = [outcome for outcome in outcomes.values() if outcome is not None]
        items.save_outcomes(tx, self._walk.run_id, final, self._walk.now)
        return [outcome.outcome if outcome is not None else "waits" for outcome in outcomes.values()]

    def _count(self, words: Sequence[str]) -> None:
        for word in words:  # after the transaction: what was rolled back is not counted
            self.counts[word] += 1
            self._on_stored()

    def _keep_failure(self, tx: Transaction, failure: FetchFailure) -> Outcome | None:
        """None while the page waits for another try."""
        reason = f"{failure.reason}: {failure.detail}" if failure.detail else failure.reason
        is_attempt = failure.reason != "postponed"  # its host asked for rest or is unwell: nobody knocked
        attempts = self._waiting[failure.item_id].attempts
        if not is_attempt or (not failure.is_final and attempts + 1 < MAX_FETCH_ATTEMPTS):
            items.save_failed_attempt(tx, self._walk.run_id, failure.item_id, reason, is_attempt)
            return None
        return Outcome(failure.item_id, Room.FETCH, "failed", reason, passed=False)

    def _keep_pages(self, tx: Transaction, pages: Sequence[FetchedPage]) -> dict[ItemId, Outcome]:
        """Keep pages, except those that are another address of one that came before: its text is there already."""
        names = {page.item_id: self._name(page) for page in pages}
        holders = records.claim_addresses(tx, [(name, item_id) for item_id in names for name in names[item_id]])
        kept: dict[ItemId, FetchedPage] = {}
        outcomes: dict[ItemId, Outcome] = {}
        for page in pages:
            twin = next((name for name in names[page.item_id] if _is_told(tx, page, holders[name], kept)), None)
            if twin is None:
                kept[page.item_id] = page
                outcomes[page.item_id] = Outcome(page.item_id, Room.FETCH, "fetched", f"from the {page.content_from}")
            else:
                reason = f"the same page as {holders[twin]}: {twin}"
                outcomes[page.item_id] = Outcome(page.item_id, Room.FETCH, "twin", reason, passed=False)
        records.save_pages(tx, list(kept.values()))
        return outcomes

    def _name(self, page: FetchedPage) -> list[str]:
        """Its identities: the one it was found by, and the one that it names."""
        own = self._waiting[page.item_id].entry.canonical_url
        return [own, page.canonical_url] if page.canonical_url else [own]


def _is_told(tx: Transaction, page: FetchedPage, holder: ItemId, kept: Mapping[ItemId, FetchedPage]) -> bool:
    """True when the page that came first under one of its names holds the same article."""
    if holder == page.item_id:
        return False
    other = kept.get(holder) or records.read_page_if_kept(tx, holder)
    return other is not None and are_twins(page.html or "", other.html or "")
