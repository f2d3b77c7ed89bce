"""From developments to messages, and messages to Slack."""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

from pipeline.alert.console import ConsoleDelivery
from pipeline.alert.digest import make_bundle_key, write_bundle
from pipeline.alert.matching import Candidate
from pipeline.alert.outbox import Delivery, deliver
from pipeline.alert.reminders import break_storm
from pipeline.alert.routes import RouteBook, explain_destination
from pipeline.alert.routing import Held, Planned, explain_mute, find_mute, open_late, plan_alerts
from pipeline.alert.settings import AlertSettings, read_destination
from pipeline.alert.slack import SlackDelivery
from pipeline.alert.thread import count_voices, describe_thread
from pipeline.config import load_alert_settings, load_settings, open_database
from pipeline.errors import DeliveryPostponed, SettingError, WirewatchError
from pipeline.models import ItemId, Outcome, Room, RunId, StoryId
from pipeline.steps.health import watch_sources
from pipeline.steps.walk import Counts, Walk, answer_all, clock
from pipeline.store import outbox, records, runs, stories, wishes
from pipeline.store.database import Transaction

log = logging.getLogger(__name__)


def queue_alerts(walk: Walk) -> Counts:
    """Put each development that a desk wants into the outbox; the others are held back, with a reason.

    Operations are told here too what changed at the sources: everything that this run has to say goes out with it.
    Raises RoutesError before anything is answered when the routes make no sense.
    """
    watch_sources(walk)
    book = walk.settings.load_routes()

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        outcome = _plan_item(walk, book, tx, item_id)
        if not walk.is_backfill:
            _refresh_threads(walk, tx, stories.read_assignment(tx, item_id).story_id)
        return outcome

    return answer_all(walk, Room.ALERT, answer)


def _plan_item(walk: Walk, book: RouteBook, tx: Transaction, item_id: ItemId) -> Outcome:
    candidate = read_candidate(tx, item_id, walk.now)
    planned = plan_alerts(candidate, book.routes, walk.settings.alert, walk.now, walk.is_backfill)
    if isinstance(planned, Held):
        return Outcome(item_id, Room.ALERT, "held", planned.reason, passed=False)
    for each in (_break_storm(walk, book, tx, one) for one in planned):
        held = None
        if each.hold:
            key = make_bundle_key(each.alert.channel, each.hold.until) if each.hold.is_digest else None
            held = outbox.HeldBack(each.hold.until, each.hold.reason, key)
        outbox.queue_alert(tx, walk.run_id, each.alert, walk.now, held)
    where = ", ".join(f"{each.alert.channel} by {each.alert.route}" for each in planned)
    development = candidate.development
    return Outcome(item_id, Room.ALERT, "queued", f"{development.label}: {development.because}; to {where}")


def _break_storm(walk: Walk, book: RouteBook, tx: Transaction, planned: Planned) -> Planned:
    since = walk.now - timedelta(minutes=book.storm.minutes)
    return break_storm(planned, outbox.count_recent(tx, planned.alert.channel, since), book.storm, walk.now)


def read_candidate(tx: Transaction, item_id: ItemId, now: datetime) -> Candidate:
    """A judged article with everything that routes look at, and what the desk wishes at this instant."""
    development = stories.read_development(tx, item_id)
    article, report = records.read_article(tx, item_id), records.read_report(tx, item_id)
    story_id = development.story_id
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
        wishes=wishes.read_wishes(tx, now),
    )


def settle_held(walk: Walk) -> Counts:
    """Drop what the desk has muted meanwhile, then let out what was held back until now: by itself after quiet hours,
    or all of it in one digest.
    """
    with walk.database.begin() as tx:
        muted = _drop_muted(tx, walk.now)
        released = outbox.release_held(tx, walk.now)
        bundles = outbox.read_due_bundles(tx, walk.now)
        for bundle in bundles:
            notice = write_bundle(bundle.key, bundle.channel, bundle.alerts, bundle.held_for, walk.now)
            outbox.queue_notice(tx, notice, walk.now)
            outbox.mark_bundled(tx, bundle.key)
    return {
        name: count for name, count in (("muted", muted), ("released", released), ("digests", len(bundles))) if count
    }


def _drop_muted(tx: Transaction, now: datetime) -> int:
    """A mute holds for what is queued already too, unless something of it may have left; returns how many."""
    mutes = wishes.read_wishes(tx, now).mutes
    dropped = 0
    for alert, source in outbox.read_unsent(tx) if mutes else ():
        topics = {match.topic for match in alert.topics}
        mute = find_mute(mutes, alert.story_id, topics, {source, alert.publisher})
        if mute:
            outbox.mark_muted(tx, alert.key, explain_mute(mute))
            dropped += 1
    return dropped


def _refresh_threads(walk: Walk, tx: Transaction, story_id: StoryId) -> None:
    """Whatever an article adds, told or not, the first message of its story's thread shows how things stand."""
    told = outbox.read_story_alerts(tx, story_id)
    if not told:
        return
    voices = count_voices(stories.read_members(tx, story_id))
    for channel, alerts in told.items():
        thread = describe_thread(alerts, voices) if read_destination(channel) is None else None
        if thread is not None:
            outbox.queue_thread(tx, walk.run_id, thread, walk.now)


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
