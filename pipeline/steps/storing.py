"""Answers of the front door into the database: looks at sources, fetched pages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from pipeline.fetch import are_twins
from pipeline.models import (
    FetchedPage,
    FetchFailure,
    ItemId,
    Outcome,
    Room,
    Source,
    SourceCheck,
    SourceId,
    UnchangedPage,
)
from pipeline.steps.edits import save_looks
from pipeline.steps.lots import LotStore
from pipeline.steps.walk import Walk, describe
from pipeline.store import items, records, versions
from pipeline.store.database import Transaction

log = logging.getLogger(__name__)

MAX_FETCH_ATTEMPTS = 3  # a page that did not arrive in three runs is given up

Answer = FetchedPage | UnchangedPage | FetchFailure


class CheckStore(LotStore[SourceCheck]):
    """Keeps looks at sources with the entries that they brought."""

    def __init__(self, walk: Walk, todo: Mapping[SourceId, Source], on_stored: Callable[[], None]) -> None:
        super().__init__(walk, on_stored)
        self._todo = todo

    def _weigh(self, answer: SourceCheck) -> int:
        return sum(len(entry.hints.summary) + len(entry.hints.content) + len(entry.url) for entry in answer.entries)

    def _store_together(self, lot: Sequence[SourceCheck]) -> None:
        with self._begin() as tx:
            looks = [(self._todo[check.source_id], check) for check in lot]
            new, edited = save_looks(tx, self._walk.run_id, looks, self._walk.now)
        for check in lot:
            self.counts["new"] += new[check.source_id]
            self.counts["edited"] += edited[check.source_id]
            self.counts["seen"] += len(check.entries)
            self.counts[f"sources {check.outcome}"] += 1
            self._on_stored()

    def _store_fault(self, answer: SourceCheck, error: Exception) -> None:
        # What this source sent cannot be stored: its outcome, not that of its neighbours in the batch.
        log.error("source %s", answer.source_id, exc_info=error)
        self._store_together([SourceCheck(answer.source_id, self._walk.now, items.FAULT, describe(error))])


class PageStore(LotStore[Answer]):
    """Keeps fetched pages, and why others did not arrive."""

    def __init__(self, walk: Walk, waiting: Mapping[ItemId, items.WaitingEntry], on_stored: Callable[[], None]) -> None:
        super().__init__(walk, on_stored)
        self._waiting = waiting

    def _weigh(self, answer: Answer) -> int:
        return len(answer.html or answer.text or "") if isinstance(answer, FetchedPage) else 0

    def _store_fault(self, answer: Answer, error: Exception) -> None:
        # A fault of ours on one page must not stop the desk: it is a counted outcome, its trace in the log.
        log.error("%s: item %s", Room.FETCH, answer.item_id, exc_info=error)
        fault = Outcome(answer.item_id, Room.FETCH, items.FAULT, describe(error), passed=False)
        with self._begin() as tx:
            words = self._settle(tx, {answer.item_id: fault})
        self._count(words)

    def _store_together(self, lot: Sequence[Answer]) -> None:
        with self._begin() as tx:
            mine = items.claim_items(tx, [answer.item_id for answer in lot], Room.FETCH)
            answers = {answer.item_id: answer for answer in lot if answer.item_id in mine}
            pages = [answer for answer in answers.values() if isinstance(answer, FetchedPage)]
            failures = [answer for answer in answers.values() if isinstance(answer, FetchFailure)]
            same = [answer for answer in answers.values() if isinstance(answer, UnchangedPage)]
            outcomes = {
                **self._keep_pages(tx, pages),
                **{each.item_id: _find_unchanged(each.item_id, "the server says so") for each in same},
                **{each.item_id: self._keep_failure(tx, each) for each in failures},
            }
            counted = self._settle(tx, outcomes)
        self._count(counted + ["taken by another walk"] * (len(lot) - len(mine)))

    def _settle(self, tx: Transaction, outcomes: Mapping[ItemId, Outcome | None]) -> list[str]:
        final = [outcome for outcome in outcomes.values() if outcome is not None]
        items.save_outcomes(tx, self._walk.run_id, final, self._walk.now)
        return [outcome.outcome if outcome is not None else "waits" for outcome in outcomes.values()]

    def _count(self, words: Sequence[str]) -> None:
        for word in words:
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
        again = [page for page in pages if self._waiting[page.item_id].version_of]
        outcomes = {page.item_id: self._keep_version(tx, page) for page in again}
        return outcomes | self._keep_first(tx, [page for page in pages if page.item_id not in outcomes])

    def _keep_version(self, tx: Transaction, page: FetchedPage) -> Outcome:
        last = records.read_last_page(tx, self._waiting[page.item_id].version_of or page.item_id, page.item_id)
        if last is not None and (page.html, page.text) == (last.html, last.text):
            return _find_unchanged(page.item_id, f"the page is that of {last.item_id}")
        records.save_pages(tx, [page])
        return Outcome(page.item_id, Room.FETCH, "fetched", f"from the {page.content_from}")

    def _keep_first(self, tx: Transaction, pages: Sequence[FetchedPage]) -> dict[ItemId, Outcome]:
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


def _find_unchanged(item_id: ItemId, reason: str) -> Outcome:
    return Outcome(item_id, Room.FETCH, versions.UNCHANGED, reason, passed=False)


def _is_told(tx: Transaction, page: FetchedPage, holder: ItemId, kept: Mapping[ItemId, FetchedPage]) -> bool:
    """True when the page that came first under one of its names holds the same article."""
    if holder == page.item_id:
        return False
    other = kept.get(holder) or records.read_page_if_kept(tx, holder)
    return other is not None and are_twins(page.html or "", other.html or "")
