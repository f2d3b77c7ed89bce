"""Look at the sources, fetch the pages that wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.fetch import check_sources, stream_pages
from pipeline.models import Room, SourceId
from pipeline.steps.storing import CheckStore, PageStore
from pipeline.steps.walk import Counts, Walk
from pipeline.store import items, sources
from pipeline.store.hosts import HostBook

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
    advance = walk.progress("sources", len(todo))
    with CheckStore(walk, todo, advance) as store:
        check_sources(list(todo.values()), validators, walk.settings.fetch, now=walk.now, on_done=store.add, book=book)
    return store.counts


def _fetch_pages(walk: Walk, ids: list[SourceId], book: HostBook) -> Counter[str]:
    with walk.database.begin() as tx:
        waiting = items.read_waiting_entries(tx, walk.run_id, ids, PAGES_PER_SOURCE, walk.now)
    advance = walk.progress(Room.FETCH, len(waiting))
    with PageStore(walk, {entry.entry.item_id: entry for entry in waiting}, advance) as store:
        entries = [entry.entry for entry in waiting]
        stream_pages(entries, walk.settings.fetch, now=walk.now, on_done=store.add, book=book)
    return store.counts
