"""Look at the sources, fetch the pages that wait."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from pipeline.errors import WirewatchError
from pipeline.fetch import are_twins, check_sources, stream_pages
from pipeline.models import Entry, FetchedPage, FetchFailure, ItemId, Outcome, Room, Source, SourceCheck, SourceId
from pipeline.steps.walk import Counts, Walk, answer_one, describe
from pipeline.store import items, records, sources
from pipeline.store.database import Transaction
from pipeline.store.hosts import HostBook

log = logging.getLogger(__name__)

MAX_FETCH_ATTEMPTS = 3  # a page that did not arrive in three runs is given up
PAGES_PER_SOURCE = 200  # in one run; the others wait for the next


def fetch_sources(walk: Walk, source_ids: Sequence[str]) -> Counts:
    """Look at each source of a batch, then fetch the pages of the entries that wait."""
    ids = [SourceId(source_id) for source_id in source_ids]
    book = HostBook(walk.database)
    return dict(_check_sources(walk, ids, book) + _fetch_pages(walk, ids, book))


def _check_sources(walk: Walk, ids: list[SourceId], book: HostBook) -> Counter[str]:
    with walk.database.begin() as tx:
        todo = {source.id: source for source in sources.read_unchecked(tx, walk.run_id, ids)}
        validators = sources.read_validators(tx, list(todo))
    counts: Counter[str] = Counter()
    advance = walk.progress("sources", len(todo))

    def save(check: SourceCheck) -> None:
        source = todo[check.source_id]
        try:
            counts["new"] += _save_check(walk, source, check)
        except WirewatchError:
            raise
        except Exception as error:
            # What this source sent cannot be stored: its outcome, not that of its neighbours in the batch.
            log.exception("source %s", source.id)
            check = SourceCheck(source.id, walk.now, items.FAULT, describe(error))
            _save_check(walk, source, check)
        counts["seen"] += len(check.entries)
        counts[f"sources {check.outcome}"] += 1
        advance()

    check_sources(list(todo.values()), validators, walk.settings.fetch, now=walk.now, on_done=save, book=book)
    return counts


def _save_check(walk: Walk, source: Source, check: SourceCheck) -> int:
    with walk.database.begin() as tx:
        return sources.save_check(tx, walk.run_id, source, check)


def _fetch_pages(walk: Walk, ids: list[SourceId], book: HostBook) -> Counter[str]:
    with walk.database.begin() as tx:
        waiting = items.read_waiting_entries(tx, walk.run_id, ids, PAGES_PER_SOURCE)
    by_id = {entry.entry.item_id: entry for entry in waiting}
    counts: Counter[str] = Counter()
    advance = walk.progress(Room.FETCH, len(waiting))

    def save(answer: FetchedPage | FetchFailure) -> None:
        def answer_fetch(tx: Transaction, item_id: ItemId) -> Outcome | None:
            return _save_fetched(tx, walk, answer, by_id[item_id])

        counts[answer_one(walk, Room.FETCH, answer.item_id, answer_fetch)] += 1
        advance()

    stream_pages([entry.entry for entry in waiting], walk.settings.fetch, now=walk.now, on_done=save, book=book)
    return counts


def _save_fetched(
    tx: Transaction, walk: Walk, answer: FetchedPage | FetchFailure, waiting: items.WaitingEntry
) -> Outcome | None:
    """Keep what came of one page; None while it waits for another try."""
    if isinstance(answer, FetchedPage):
        return _save_page(tx, answer, waiting.entry)
    reason = f"{answer.reason}: {answer.detail}" if answer.detail else answer.reason
    is_attempt = answer.reason != "postponed"  # its host asked for rest or is unwell: nobody knocked
    if not is_attempt or (not answer.is_final and waiting.attempts + 1 < MAX_FETCH_ATTEMPTS):
        items.save_failed_attempt(tx, walk.run_id, answer.item_id, reason, is_attempt)
        return None
    return Outcome(answer.item_id, Room.FETCH, "failed", reason, passed=False)


def _save_page(tx: Transaction, page: FetchedPage, entry: Entry) -> Outcome:
    """Keep a page, unless it is another address of one that came before: its text is there already."""
    for identity in filter(None, (entry.canonical_url, page.canonical_url)):
        holder = records.claim_address(tx, identity, page.item_id)
        if holder != page.item_id and _hold_one_article(tx, page, holder):
            return Outcome(page.item_id, Room.FETCH, "twin", f"the same page as {holder}: {identity}", passed=False)
    records.save_page(tx, page)
    return Outcome(page.item_id, Room.FETCH, "fetched", f"from the {page.content_from}")


def _hold_one_article(tx: Transaction, page: FetchedPage, holder: ItemId) -> bool:
    other = records.read_page_if_kept(tx, holder)
    return other is not None and are_twins(page.html or "", other.html or "")
