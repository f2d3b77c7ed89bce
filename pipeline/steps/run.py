"""Plan a run, walk it, close it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from pipeline import judge
from pipeline.errors import DeliveryPostponed, StoreError
from pipeline.fetch import canonicalise_url
from pipeline.models import Source
from pipeline.steps.alerting import deliver_alerts, queue_alerts
from pipeline.steps.attending import attend_desk
from pipeline.steps.fetching import fetch_sources
from pipeline.steps.judging import dedupe_articles, detect_developments, group_articles
from pipeline.steps.lost import report_lost_runs
from pipeline.steps.reading import classify_articles, clean_pages
from pipeline.steps.walk import Counts, Walk, clock, describe
from pipeline.store import health, hosts, records, runs, sources
from pipeline.store.memory_rows import forget_memories
from pipeline.store.reports import Funnel, read_funnel

log = logging.getLogger(__name__)

PAGES_KEPT = timedelta(days=30)  # the HTML of finished items, to see what a page held

LOOKS_KEPT = timedelta(days=30)  # single looks at sources; what they said of its health is remembered beside it
CHANGES_KEPT = timedelta(days=400)  # what became of sources, and one year before


def plan_run(walk: Walk) -> list[list[str]]:
    """Register the run and deal the sources into batches of ids; tell of earlier runs that were lost."""
    report_lost_runs(walk)
    with walk.database.begin() as tx:
        runs.start_run(tx, walk.run_id, walk.now, walk.is_backfill, started_at=clock())
        listed = [state.source for state in sources.list_sources(tx)]
    return deal_batches(listed, walk.settings.batch_size)


def deal_batches(listed: Sequence[Source], size: int) -> list[list[str]]:
    """Sources in batches of about `size`; those of one host share a batch, so that one worker paces it."""
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for source in listed:
        address = canonicalise_url(source.address) or source.address  # www and plain name are one host
        by_host[urlsplit(address).hostname or ""].append(source.id)
    batches: list[list[str]] = []
    for ids in by_host.values():
        if not batches or len(batches[-1]) + len(ids) > size:
            batches.append([])
        batches[-1].extend(ids)
    return batches


def finish_run(walk: Walk) -> Counts:
    """Close the run and forget what nobody asks for again; returns its funnel from seen to alerted."""
    with walk.database.begin() as tx:
        runs.finish_run(tx, walk.run_id, finished_at=clock())
        forget_memories(tx, walk.now, keep=timedelta(days=judge.KEEP_DAYS))
        hosts.forget_hosts(tx)
        records.forget_pages(tx, before=walk.now - PAGES_KEPT)
        health.forget_looks(tx, before=walk.now - LOOKS_KEPT)
        health.forget_changes(tx, before=walk.now - CHANGES_KEPT)
        return dict(read_funnel(tx, walk.run_id).stages)


_ROOMS = (clean_pages, classify_articles, dedupe_articles, group_articles, detect_developments, queue_alerts)


def run_walk(walk: Walk) -> Funnel:
    """The whole walk in this process; returns the funnel of the run."""
    batches = plan_run(walk)
    try:
        for batch in batches:
            fetch_sources(walk, batch)
        for answer_room in _ROOMS:
            answer_room(walk)
        _attend_or_wait(walk)
        finish_run(walk)
    except BaseException as error:
        # Interrupted or broken: what is open stays open for the next run, and this one is not left "running".
        with suppress(StoreError), walk.database.begin() as tx:
            runs.finish_run(tx, walk.run_id, finished_at=clock(), failure=describe(error))
        raise
    with walk.database.begin() as tx:
        return read_funnel(tx, walk.run_id)


def _attend_or_wait(walk: Walk) -> None:
    """What the DAG `desk` does between the walks, for those who have one command only; a backfill says nothing new."""
    send = deliver_alerts if walk.is_backfill else attend_desk
    try:
        send(walk)
    except DeliveryPostponed as error:
        log.warning("%s", error)  # they are sent by the next run
