"""What waits in the outbox, put in order before it is sent: mutes, storms, quiet hours and digests that are over."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.alert.digest import make_bundle_key, write_bundle
from pipeline.alert.reminders import break_storm, explain_storm
from pipeline.alert.routes import Storm
from pipeline.alert.routing import explain_mute, find_mute
from pipeline.alert.settings import read_destination
from pipeline.alert.thread import (
    Voices,
    close_thread,
    count_voices,
    describe_thread,
    make_thread_key,
    says_it_all,
)
from pipeline.errors import SettingError
from pipeline.models import Alert, StoryId
from pipeline.steps.walk import Counts, Walk
from pipeline.store import outbox, stories, storms, threads, wishes
from pipeline.store.database import Transaction

log = logging.getLogger(__name__)


def settle_held(walk: Walk) -> Counts:
    """Drop what the desk has muted meanwhile, then let out what was held back until now: by itself after quiet hours,
    or all of it in one digest. What is too much for a channel comes in a digest, too.
    """
    storm = _read_storm(walk)
    with walk.database.begin() as tx:
        muted = _drop_muted(walk, tx)
        released = outbox.release_held(tx, walk.now)
        _hold_storms(walk, tx, storm)
        bundles = outbox.read_due_bundles(tx, walk.now)
        for bundle in bundles:
            notice = write_bundle(bundle.key, bundle.channel, bundle.alerts, bundle.held_for, walk.now)
            outbox.queue_notice(tx, notice, walk.now)
            outbox.mark_bundled(tx, bundle.key)
    return {
        name: count for name, count in (("muted", muted), ("released", released), ("digests", len(bundles))) if count
    }


def break_storms(walk: Walk, storm: Storm) -> None:
    """Of all that waits now, leave each channel the weightiest that its window has room for; hold the rest for a
    digest that goes out with the next sending.
    """
    with walk.database.begin() as tx:
        _hold_storms(walk, tx, storm)


def _read_storm(walk: Walk) -> Storm:
    try:
        return walk.settings.load_routes().storm
    except SettingError as error:  # what is queued already must not wait until somebody mends the file
        log.warning("the usual limit of storms holds: %s", error)
        return Storm()


def _hold_storms(walk: Walk, tx: Transaction, storm: Storm) -> None:
    since = walk.now - timedelta(minutes=storm.minutes)
    for rush in storms.read_rushes(tx, since, walk.now):
        keys = break_storm(rush, storm)
        if keys:
            held = outbox.HeldBack(walk.now, explain_storm(storm), make_bundle_key(rush.channel, walk.now))
            storms.hold_fresh(tx, keys, held)
            for story_id in sorted({alert.story_id for alert in rush.waiting if alert.key in keys}):
                threads.withdraw_thread(tx, make_thread_key(rush.channel, story_id))  # it counts what is held now
                refresh_threads(tx, story_id, walk.now)


def _drop_muted(walk: Walk, tx: Transaction) -> int:
    """A mute holds for what is queued already too, unless something of it may have left; returns how many."""
    mutes = wishes.read_wishes(tx, walk.now).mutes
    dropped = 0
    for alert, source in outbox.read_unsent(tx) if mutes else ():
        topics = {match.topic for match in alert.topics}
        mute = find_mute(mutes, alert.story_id, topics, {source, alert.publisher})
        if mute:
            outbox.mark_muted(tx, alert.key, explain_mute(mute))
            dropped += 1
    return dropped


def refresh_threads(tx: Transaction, story_id: StoryId, now: datetime) -> None:
    """Whatever an article adds, told or not, the first message of its story's thread shows how things stand.

    Of stories that were merged, the thread that goes on shows the whole; the others say where it goes on.
    """
    stands = stories.find_standing_story(tx, story_id)
    told = threads.read_story_alerts(tx, stands)
    if not told:
        return
    openings = threads.list_openings(tx, threads.read_family(tx, stands))
    voices = count_voices(stories.read_members(tx, stands))
    for channel, alerts in told.items():
        if read_destination(channel) is None:
            _refresh_thread(tx, stands, threads.choose_opening(openings, stands, channel), alerts, voices, now)
    for each in openings:
        goes_on = threads.choose_opening(openings, stands, each.channel)
        if goes_on and goes_on.story_id != each.story_id:
            alerts = threads.read_thread_alerts(tx, each.story_id)[each.channel]
            title = stories.read_story_title(tx, goes_on.story_id)
            threads.queue_thread(tx, close_thread(each.story_id, alerts, title), now)


def _refresh_thread(
    tx: Transaction,
    story_id: StoryId,
    opening: threads.Opening | None,
    alerts: Sequence[Alert],
    voices: Voices,
    now: datetime,
) -> None:
    thread = describe_thread(opening.story_id if opening else story_id, alerts, voices)
    is_as_sent = opening is None or opening.alert.key == alerts[0].key
    if not (is_as_sent and says_it_all(alerts, voices)) or threads.has_thread(tx, thread.key):
        threads.queue_thread(tx, thread, now)
