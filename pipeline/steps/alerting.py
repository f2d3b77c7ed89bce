"""From developments to messages, and messages to Slack."""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from pipeline.alert.console import ConsoleDelivery
from pipeline.alert.digest import make_bundle_key
from pipeline.alert.matching import Candidate
from pipeline.alert.outbox import Delivery, deliver
from pipeline.alert.routes import RouteBook, explain_destination
from pipeline.alert.routing import Held, open_late, plan_alerts
from pipeline.alert.settings import AlertSettings, read_destination
from pipeline.alert.slack import SlackDelivery
from pipeline.config import load_alert_settings, load_settings, open_database
from pipeline.errors import DeliveryPostponed, SettingError, WirewatchError
from pipeline.fetch import YOUNG_FOR
from pipeline.models import Article, DeskWishes, ItemId, Outcome, Room, RunId, StoryId
from pipeline.steps.health import watch_sources
from pipeline.steps.settling import break_storms, refresh_threads, settle_held
from pipeline.steps.walk import Counts, Walk, answer_all, clock
from pipeline.store import outbox, records, runs, stories, versions, wishes
from pipeline.store.database import Transaction

log = logging.getLogger(__name__)


def queue_alerts(walk: Walk) -> Counts:
    """Put each development that a desk wants into the outbox; the others are held back, with a reason.

    Operations are told here too what changed at the sources: everything that this run has to say goes out with it.
    Raises RoutesError before anything is answered when the routes make no sense.
    """
    watch_sources(walk)
    book = walk.settings.load_routes()
    with walk.database.begin() as tx:
        wished = wishes.read_wishes(tx, walk.now)

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        outcome = _plan_item(walk, book, wished, tx, item_id)
        for story_id in _list_changed(walk, tx, item_id):
            refresh_threads(tx, story_id, walk.now)
        return outcome

    counts = answer_all(walk, Room.ALERT, answer)
    break_storms(walk, book.storm)
    return counts


def _list_changed(walk: Walk, tx: Transaction, item_id: ItemId) -> list[StoryId]:
    """The stories that other articles left or joined because of this one, and its own: but what a backfill adds to
    a story is no reason to touch a thread.
    """
    moves = stories.read_assignment(tx, item_id).moves
    moved = (story_id for move in moves for story_id in (move.from_story, move.to_story))
    stand = (stories.find_standing_story(tx, story_id) for story_id in moved)
    own = [] if walk.is_backfill else [stories.read_story_id(tx, item_id)]
    return list(dict.fromkeys([*own, *stand]))


def _plan_item(walk: Walk, book: RouteBook, wished: DeskWishes, tx: Transaction, item_id: ItemId) -> Outcome:
    candidate = read_candidate(tx, item_id, wished)
    planned = plan_alerts(candidate, book.routes, walk.settings.alert, walk.now, walk.is_backfill)
    if isinstance(planned, Held):
        return Outcome(item_id, Room.ALERT, "held", planned.reason, passed=False)
    for each in planned:
        held = None
        if each.hold:
            key = make_bundle_key(each.alert.channel, each.hold.until) if each.hold.is_digest else None
            held = outbox.HeldBack(each.hold.until, each.hold.reason, key)
        outbox.queue_alert(tx, walk.run_id, each.alert, walk.now, held)
    where = ", ".join(f"{each.alert.channel} by {each.alert.route}" for each in planned)
    development = candidate.development
    return Outcome(item_id, Room.ALERT, "queued", f"{development.label}: {development.because}; to {where}")


def read_candidate(tx: Transaction, item_id: ItemId, wished: DeskWishes) -> Candidate:
    """A judged article with everything that routes look at, as part of the story that it belongs to by now."""
    story_id = stories.read_story_id(tx, item_id)
    development = replace(stories.read_development(tx, item_id), story_id=story_id)
    article, report = _date_version(tx, records.read_article(tx, item_id)), records.read_report(tx, item_id)
    if stories.was_held(tx, story_id, "no_topic") and not outbox.has_story(tx, story_id):
        development = open_late(development, article)
    return Candidate(
        development=development,
        article=article,
        source=report.source,
        publisher=report.publisher,
        story_title=stories.read_story_title(tx, story_id),
        topics=stories.read_story_topics(tx, story_id),
        members=tuple(stories.read_members(tx, story_id)),
        told_routes=outbox.read_told_routes(tx, story_id),
        wishes=wished,
    )


def _date_version(tx: Transaction, article: Article) -> Article:
    """A later version of a young article is as new as the edit; that of an old one stays as old as the article."""
    edited_at = versions.read_edited_at(tx, article.item_id)
    is_young = edited_at is not None and timedelta(0) < edited_at - article.published_at <= YOUNG_FOR
    return replace(article, published_at=edited_at) if edited_at and is_young else article


def deliver_alerts(walk: Walk) -> Counts:
    """Send what the outbox holds, each message once; what was held back until now, too.

    Raises DeliveryPostponed when messages still wait, because Slack asked for a pause or a line broke: repeat the step.
    """
    settle_held(walk)
    with walk.database.begin() as tx:
        destinations = outbox.list_destinations(tx)
    counts: Counter[str] = Counter()
    waits: list[int] = []
    trouble: list[WirewatchError] = []
    for channel in (None, *destinations):  # what is wrong with one must not keep the others waiting
        try:
            found = _deliver_line(walk, channel)
        except WirewatchError as error:
            trouble.append(error)
            continue
        waits += [found.pop("retry_after_seconds")] if "retry_after_seconds" in found else []
        counts.update(found)
    if trouble:
        raise trouble[0]
    if waits:
        raise DeliveryPostponed(f"messages wait in the outbox; the next try is worth it in {min(waits)} s", min(waits))
    return dict(counts)


def _deliver_line(walk: Walk, channel: str | None) -> Counts:
    """What waits for one destination; None: for Slack."""
    settings = walk.settings.alert
    return deliver(
        outbox.PostgresOutbox(walk.database, channel),
        _open_line(settings, channel),
        now_fn=clock,
        pause=time.sleep,
        seconds_between_posts=settings.seconds_between_posts,
        tell_operations=lambda text: tell_operations(settings, text),
    )


def open_delivery(settings: AlertSettings) -> Delivery:
    """Slack where there is a token, else the console."""
    return SlackDelivery(settings) if settings.slack_token else ConsoleDelivery(sys.stdout)


def open_destination(settings: AlertSettings, channel: str) -> Delivery:
    """The service behind to:NAME; raises SettingError when its address is missing or cannot be read."""
    # Half a second of imports that most desks never need.
    from pipeline.alert.destination import DestinationDelivery

    if wrong := explain_destination(channel, settings.destinations):
        raise SettingError(wrong)
    name = read_destination(channel) or ""
    if name not in settings.destinations:
        return ConsoleDelivery(sys.stdout)
    return DestinationDelivery(name, settings.destinations[name])


def tell_operations(settings: AlertSettings, text: str) -> None:
    """A message to those who keep it running, in Slack or at a destination; raises SettingError and DeliveryError."""
    _open_line(settings, settings.operations_channel).notify(text)


def _open_line(settings: AlertSettings, channel: str | None) -> Delivery:
    if channel is None or read_destination(channel) is None:
        return open_delivery(settings)
    return open_destination(settings, channel)


def report_failure(run_id: str, text: str) -> None:
    """Tell the operations channel that a run failed; neither the database nor the other settings are needed for it."""
    tell_operations(load_alert_settings(), text)
    try:
        with open_database(load_settings()) as database, database.begin() as tx:
            runs.finish_run(tx, RunId(run_id), finished_at=clock(), failure=text)
    except WirewatchError as error:
        log.warning("the failed run is not marked in the database: %s", error)
