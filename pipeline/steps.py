"""The walk, one step per room: take what waits from the store, ask the room, save its record, count.

    plan_run > fetch_sources > clean_pages > classify_articles > dedupe_articles
             > group_articles > detect_developments > queue_alerts > deliver_alerts > finish_run

Every step may be repeated or resumed at any point: an item is answered once per room, and its record,
its outcome and its place in the walk are one transaction.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

from pipeline import judge
from pipeline.alert.console import ConsoleDelivery
from pipeline.alert.outbox import Delivery, deliver
from pipeline.alert.routing import open_late, plan_alert
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack import SlackDelivery
from pipeline.classify.model import TopicModel
from pipeline.clean import clean_page
from pipeline.clean.memory import SiteMemory, learn
from pipeline.config import Settings, load_alert_settings, load_settings, open_database
from pipeline.errors import DeliveryPostponed, StoreError, WirewatchError
from pipeline.fetch import check_sources, fetch_pages
from pipeline.models import (
    Alert,
    Article,
    FetchedPage,
    FetchFailure,
    ItemId,
    Outcome,
    Room,
    RunId,
    Source,
    SourceCheck,
    SourceId,
)
from pipeline.store import items, outbox, records, runs, sources, stories
from pipeline.store.database import Database, Transaction
from pipeline.store.desk import PostgresMemory, forget_memories
from pipeline.store.reports import Funnel, read_funnel
from pipeline.topic_model import load_topic_model

MAX_FETCH_ATTEMPTS = 3  # a page that did not arrive in three runs is given up
PAGES_PER_SOURCE = 200  # in one run; the others wait for the next
PAGES_KEPT = timedelta(days=30)  # the HTML of finished items, to see what a page held

Counts = dict[str, int]
log = logging.getLogger(__name__)


class Progress(Protocol):
    """Shows how far a step is; the default shows nothing."""

    def __call__(self, step: str, total: int) -> Callable[[], None]:
        """Start a bar of `total`; call what it returns once per finished item."""


def show_nothing(step: str, total: int) -> Callable[[], None]:
    """No progress bar: for workers, whose screen nobody watches."""
    return lambda: None


@dataclass(frozen=True)
class Walk:
    """One run: the instant it takes for the present, and the things it works with."""

    run_id: RunId
    now: datetime
    settings: Settings
    database: Database
    is_backfill: bool = False
    progress: Progress = field(default=show_nothing)


@contextmanager
def open_walk(
    run_id: str, now: datetime, is_backfill: bool = False, progress: Progress = show_nothing
) -> Iterator[Walk]:
    """A walk over the configured database. Raises SettingError, StoreUnavailable, StoreOutdated."""
    settings = load_settings()
    with open_database(settings) as database:
        yield Walk(RunId(run_id), now.astimezone(UTC), settings, database, is_backfill, progress)


# ---------------------------------------------------------------- plan


def plan_run(walk: Walk) -> list[list[str]]:
    """Register the run and deal the sources into batches of ids."""
    with walk.database.begin() as tx:
        runs.start_run(tx, walk.run_id, walk.now, walk.is_backfill, started_at=_clock())
        listed = [state.source for state in sources.list_sources(tx)]
    return deal_batches(listed, walk.settings.batch_size)


def deal_batches(listed: Sequence[Source], size: int) -> list[list[str]]:
    """Sources in batches of about `size`; those of one host share a batch, so that one worker paces it."""
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for source in listed:
        by_host[urlsplit(source.address).hostname or ""].append(source.id)
    batches: list[list[str]] = []
    for ids in by_host.values():
        if not batches or len(batches[-1]) + len(ids) > size:
            batches.append([])
        batches[-1].extend(ids)
    return batches


# ---------------------------------------------------------------- fetch


def fetch_sources(walk: Walk, source_ids: Sequence[str]) -> Counts:
    """Look at each source of a batch, then fetch the pages of the entries that wait."""
    ids = [SourceId(source_id) for source_id in source_ids]
    return dict(_check_sources(walk, ids) + _fetch_pages(walk, ids))


def _check_sources(walk: Walk, ids: list[SourceId]) -> Counter[str]:
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
            check = SourceCheck(source.id, walk.now, items.FAULT, _describe(error))
            _save_check(walk, source, check)
        counts["seen"] += len(check.entries)
        counts[f"sources {check.outcome}"] += 1
        advance()

    check_sources(list(todo.values()), validators, walk.settings.fetch, now=walk.now, on_done=save)
    return counts


def _save_check(walk: Walk, source: Source, check: SourceCheck) -> int:
    with walk.database.begin() as tx:
        return sources.save_check(tx, walk.run_id, source, check)


def _fetch_pages(walk: Walk, ids: list[SourceId]) -> Counter[str]:
    with walk.database.begin() as tx:
        waiting = items.read_waiting_entries(tx, walk.run_id, ids, PAGES_PER_SOURCE)
    attempts = {entry.entry.item_id: entry.attempts for entry in waiting}
    counts: Counter[str] = Counter()
    advance = walk.progress(Room.FETCH, len(waiting))

    def save(answer: FetchedPage | FetchFailure) -> None:
        def answer_fetch(tx: Transaction, item_id: ItemId) -> Outcome | None:
            return _save_fetched(tx, walk, answer, attempts[item_id])

        counts[_answer_one(walk, Room.FETCH, answer.item_id, answer_fetch)] += 1
        advance()

    fetch_pages([entry.entry for entry in waiting], walk.settings.fetch, now=walk.now, on_done=save)
    return counts


def _save_fetched(tx: Transaction, walk: Walk, answer: FetchedPage | FetchFailure, attempts: int) -> Outcome | None:
    """Keep what came of one page; None while it waits for another try."""
    if isinstance(answer, FetchedPage):
        records.save_page(tx, answer)
        return Outcome(answer.item_id, Room.FETCH, "fetched", f"from the {answer.content_from}")
    reason = f"{answer.reason}: {answer.detail}" if answer.detail else answer.reason
    is_attempt = answer.reason != "postponed"  # its host asked for rest or is unwell: nobody knocked
    if not is_attempt or (not answer.is_final and attempts + 1 < MAX_FETCH_ATTEMPTS):
        items.save_failed_attempt(tx, walk.run_id, answer.item_id, reason, is_attempt)
        return None
    return Outcome(answer.item_id, Room.FETCH, "failed", reason, passed=False)


# ---------------------------------------------------------------- clean


def clean_pages(walk: Walk) -> Counts:
    """Page to article, or a rejection with its reason."""

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        page = records.read_page(tx, item_id)
        site = urlsplit(page.url).hostname  # none: a file of a folder
        remembered, memory = PostgresMemory(tx), SiteMemory()
        if site:
            memory = remembered.recall(SiteMemory, site) or memory
        cleaned = clean_page(page, now=walk.now, memory=memory)
        if site:
            remembered.remember(site, learn(memory, cleaned), at=walk.now)
        if isinstance(cleaned, Article):
            records.save_article(tx, cleaned)
            return Outcome(item_id, Room.CLEAN, "article", f"dated by {cleaned.published_from}")
        records.save_rejection(tx, cleaned)
        reason = f"{cleaned.reason}: {cleaned.detail}" if cleaned.detail else cleaned.reason
        return Outcome(item_id, Room.CLEAN, "rejected", reason, passed=False)

    return _answer_all(walk, Room.CLEAN, answer)


# ---------------------------------------------------------------- classify


def classify_articles(walk: Walk) -> Counts:
    """Article to topics; none is an answer, and goes on: a later article may give its story one."""

    @cache  # loaded for the first article only: most runs of a quiet hour have none
    def open_model() -> TopicModel:
        return load_topic_model(walk.settings.data_dir / "models", walk.settings.seeds_dir, on_train=log.info)

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        article = records.read_article(tx, item_id)
        found = open_model().classify(item_id, article.title, article.text, article.language)
        records.save_classification(tx, found)
        if found.unsupported_language:
            return Outcome(item_id, Room.CLASSIFY, "unsupported_language", article.language)
        topics = ", ".join(f"{match.topic} {match.probability:.2f}" for match in found.topics)
        return Outcome(item_id, Room.CLASSIFY, "topics" if topics else "none", topics)

    return _answer_all(walk, Room.CLASSIFY, answer)


# ---------------------------------------------------------------- dedupe, group, detect


def dedupe_articles(walk: Walk) -> Counts:
    """Which articles say what an earlier one said, in the same words?"""

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        found = judge.judge_duplicate(records.read_report(tx, item_id), PostgresMemory(tx))
        if found is None:
            return Outcome(item_id, Room.DEDUPE, "unique")
        records.save_duplicate(tx, found)
        return Outcome(item_id, Room.DEDUPE, f"{found.kind}_duplicate", f"{found.similarity:.2f} like {found.of}")

    return _answer_all(walk, Room.DEDUPE, answer)


def group_articles(walk: Walk) -> Counts:
    """Which story does each article belong to?"""

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        report, duplicate = records.read_report(tx, item_id), records.read_duplicate(tx, item_id)
        assignment = judge.judge_story(report, duplicate, PostgresMemory(tx))
        stories.save_assignment(tx, report, assignment)
        return Outcome(item_id, Room.GROUP, "new_story" if assignment.is_new else "joined", assignment.because)

    return _answer_all(walk, Room.GROUP, answer)


def detect_developments(walk: Walk) -> Counts:
    """What is new in each article, against what its story has told already?"""

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        report, duplicate = records.read_report(tx, item_id), records.read_duplicate(tx, item_id)
        assignment = stories.read_assignment(tx, item_id)
        found = judge.judge_development(report, duplicate, assignment, PostgresMemory(tx))
        stories.save_development(tx, found, walk.now)
        return Outcome(item_id, Room.DETECT, found.label, found.because)

    return _answer_all(walk, Room.DETECT, answer)


# ---------------------------------------------------------------- alert


def queue_alerts(walk: Walk) -> Counts:
    """Put each development that a desk wants into the outbox; the others are held back, with a reason."""

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        development = stories.read_development(tx, item_id)
        article = records.read_article(tx, item_id)
        topics = stories.read_story_topics(tx, development.story_id)
        if stories.was_held(tx, development.story_id, "no_topic") and not outbox.has_story(tx, development.story_id):
            development = open_late(development, article)
        planned = plan_alert(
            development,
            article,
            publisher=records.read_report(tx, item_id).publisher,
            story_title=stories.read_story_title(tx, development.story_id),
            story_topics=topics,
            other_publishers=stories.read_other_publishers(tx, development.story_id, item_id),
            settings=walk.settings.alert,
            now=walk.now,
            is_backfill=walk.is_backfill,
        )
        if isinstance(planned, Alert):
            outbox.queue_alert(tx, walk.run_id, planned, walk.now)
            return Outcome(item_id, Room.ALERT, "queued", f"{development.label}: {development.because}")
        return Outcome(item_id, Room.ALERT, "held", planned.reason, passed=False)

    return _answer_all(walk, Room.ALERT, answer)


def deliver_alerts(walk: Walk) -> Counts:
    """Send what the outbox holds, each message once.

    Raises DeliveryPostponed when messages still wait, because Slack asked for a pause or a line broke: repeat the step.
    """
    settings = walk.settings.alert
    counts = deliver(
        outbox.PostgresOutbox(walk.database),
        open_delivery(settings),
        now_fn=_clock,
        pause=time.sleep,
        seconds_between_posts=settings.seconds_between_posts,
    )
    if "retry_after_seconds" in counts:
        seconds = counts["retry_after_seconds"]
        raise DeliveryPostponed(f"messages wait in the outbox; the next try is worth it in {seconds} s", seconds)
    return counts


def open_delivery(settings: AlertSettings) -> Delivery:
    """Slack where there is a token, else the console."""
    return SlackDelivery(settings) if settings.slack_token else ConsoleDelivery(sys.stdout)


def finish_run(walk: Walk) -> Counts:
    """Close the run and forget what nobody asks for again; returns its funnel from seen to alerted."""
    with walk.database.begin() as tx:
        runs.finish_run(tx, walk.run_id, finished_at=_clock())
        forget_memories(tx, walk.now, keep=timedelta(days=judge.KEEP_DAYS))
        records.forget_pages(tx, before=walk.now - PAGES_KEPT)
        return dict(read_funnel(tx, walk.run_id).stages)


def report_failure(run_id: str, text: str) -> None:
    """Tell the operations channel that a run failed; neither the database nor the other settings are needed for it."""
    open_delivery(load_alert_settings()).notify(text)
    try:
        with open_database(load_settings()) as database, database.begin() as tx:
            runs.finish_run(tx, RunId(run_id), finished_at=_clock(), failure=text)
    except WirewatchError as error:
        log.warning("the failed run is not marked in the database: %s", error)


# ---------------------------------------------------------------- all of it


_ROOMS = (clean_pages, classify_articles, dedupe_articles, group_articles, detect_developments, queue_alerts)


def run_walk(walk: Walk) -> Funnel:
    """The whole walk in this process; returns the funnel of the run."""
    batches = plan_run(walk)
    try:
        for batch in batches:
            fetch_sources(walk, batch)
        for answer_room in _ROOMS:
            answer_room(walk)
        _deliver_or_wait(walk)
        finish_run(walk)
    except BaseException as error:
        # Interrupted or broken: what is open stays open for the next run, and this one is not left "running".
        with suppress(StoreError), walk.database.begin() as tx:
            runs.finish_run(tx, walk.run_id, finished_at=_clock(), failure=_describe(error))
        raise
    with walk.database.begin() as tx:
        return read_funnel(tx, walk.run_id)


def _deliver_or_wait(walk: Walk) -> None:
    try:
        deliver_alerts(walk)
    except DeliveryPostponed as error:
        log.warning("%s", error)  # they are sent by the next run


Answer = Callable[[Transaction, ItemId], Outcome | None]


def _answer_all(walk: Walk, room: Room, answer: Answer) -> Counts:
    with walk.database.begin() as tx:
        waiting = items.read_waiting(tx, room)
    advance = walk.progress(room, len(waiting))
    counts: Counter[str] = Counter()
    for item_id in waiting:
        counts[_answer_one(walk, room, item_id, answer)] += 1
        advance()
    return dict(counts)


def _answer_one(walk: Walk, room: Room, item_id: ItemId, answer: Answer) -> str:
    """Take one item through one room, in one transaction; returns what to count it as."""
    try:
        return _settle(walk, room, item_id, answer)
    except WirewatchError:
        raise  # the database, a setting, a model: not this item's fault
    except Exception as error:
        # A fault of ours on one article must not stop the desk: it is a counted outcome, its trace in the log.
        log.exception("%s: item %s", room, item_id)
        fault = Outcome(item_id, room, items.FAULT, _describe(error), passed=False)
        return _settle(walk, room, item_id, lambda _tx, _item_id: fault)


def _settle(walk: Walk, room: Room, item_id: ItemId, answer: Answer) -> str:
    with walk.database.begin() as tx:
        if not items.claim_item(tx, item_id, room):
            return "taken by another walk"
        outcome = answer(tx, item_id)
        if outcome is None:
            return "waits"
        items.save_outcome(tx, walk.run_id, outcome, walk.now)
        return outcome.outcome


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _clock() -> datetime:
    return datetime.now(UTC)
