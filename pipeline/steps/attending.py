"""Between the walks: hear what readers say, remind, let out what was held, send."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime, timedelta

from pipeline.alert.feedback import MUTE_SPAN, Reaction, derive_topics, read_reactions
from pipeline.alert.looks import OLD_READS, OLDEST, YOUNG_READS, plan_looks
from pipeline.alert.reminders import REMINDER_WINDOW, write_reminders
from pipeline.alert.slack_reactions import SlackReactions
from pipeline.alert.summary import make_summary_key, write_day, write_week
from pipeline.alert.timing import find_last_due
from pipeline.errors import DeliveryError
from pipeline.models import ItemId, Mute, MuteSubject, Verdict
from pipeline.steps.alerting import deliver_alerts
from pipeline.steps.lost import report_lost_runs
from pipeline.steps.walk import Counts, Walk, clock
from pipeline.store import feedback, labels, outbox, records, summaries, wishes
from pipeline.store.database import Transaction

log = logging.getLogger(__name__)


def attend_desk(walk: Walk) -> Counts:
    """Everything that a desk needs between two walks; raises DeliveryPostponed when messages still wait."""
    report_lost_runs(walk)
    return {**collect_feedback(walk), **remind_unseen(walk), **queue_summaries(walk), **deliver_alerts(walk)}


def collect_feedback(walk: Walk) -> Counts:
    """Keep the reactions to the alerts of the last ninety days, and do what they ask for; without Slack there are none.

    A channel that cannot be read is left out with a warning: nothing is lost, a later look finds the same. A mute
    lasts a week; useful and wrong topic become labels of the article, unless somebody has labelled it by hand.
    """
    if not walk.settings.alert.slack_token:
        return {}
    now = clock()
    reader = SlackReactions(walk.settings.alert)
    with walk.database.begin() as tx:
        young, old = plan_looks(feedback.read_places(tx, now - OLDEST), now)
    counts: Counter[str] = Counter()
    unread: set[str] = set()
    for looks, most_reads in ((young, YOUNG_READS), (old, OLD_READS)):
        last = reader.reads + most_reads
        for look in looks:
            if reader.reads >= last or look.channel in unread:
                continue
            try:
                for key, reactions in reader.read(look, last - reader.reads):
                    counts += _keep_feedback(walk, key, reactions, now)
            except DeliveryError as error:
                log.warning("reactions in %s cannot be read: %s", look.channel, error)
                unread.add(look.channel)
    counts["channels not read"] = len(unread)
    return {name: count for name, count in counts.items() if count}


def _keep_feedback(walk: Walk, key: str, reactions: tuple[Reaction, ...], now: datetime) -> Counter[str]:
    with walk.database.begin() as tx:
        change = feedback.save_feedback(tx, key, read_reactions(reactions), now)
        if change is None or not (change.new or change.withdrawn):
            return Counter()
        story_id, readers = change.alert.story_id, sorted(each.reader for each in change.new)
        if readers:
            wishes.acknowledge_story(tx, story_id, now, readers[0])
        for each in change.new:
            if each.verdict is Verdict.MUTE:
                mute = Mute(MuteSubject.STORY, story_id, now + MUTE_SPAN)
                wishes.save_mute(tx, mute, now, each.reader)
        for each in change.withdrawn:
            if each.verdict is Verdict.MUTE:
                wishes.end_mute_by(tx, MuteSubject.STORY, story_id, each.reader)
        _label_topics(tx, change.alert.item_id, now)
    return Counter({"verdicts": len(change.new), "withdrawn": len(change.withdrawn)})


def _label_topics(tx: Transaction, item_id: ItemId, now: datetime) -> None:
    known = labels.read_label(tx, item_id)
    if known is not None and known.source is not labels.LabelSource.REACTION:
        return
    given = feedback.read_item_feedback(tx, item_id)
    topics = derive_topics(given, records.read_topics(tx, item_id))
    if topics is None:
        labels.forget_label(tx, item_id)
        return
    readers = ", ".join(sorted({each.reader for each in given}))
    labels.save_label(tx, labels.TopicLabel(item_id, topics, now, readers, labels.LabelSource.REACTION))


def remind_unseen(walk: Walk) -> Counts:
    """Remind a second channel, once, of what nobody has acknowledged in the time that its route gives."""
    reminded = 0
    with walk.database.begin() as tx:
        for route in walk.settings.load_routes().routes:
            if not route.escalate_to:
                continue
            before = walk.now - timedelta(minutes=route.escalate_after_minutes)
            unseen = wishes.read_unseen(tx, route.name, before, REMINDER_WINDOW)
            for notice in write_reminders(route, unseen, walk.now):
                reminded += outbox.queue_notice(tx, notice, walk.now)
    return {"reminded": reminded} if reminded else {}


def queue_summaries(walk: Walk) -> Counts:
    """Put the digest of the last day and the report of the last week into the outbox, once each, when they are due."""
    book = walk.settings.load_routes().summaries
    if not book.channel:
        return {}
    day_at = find_last_due(book.day_at, book.time_zone, walk.now)
    week_at = find_last_due(book.week_at, book.time_zone, walk.now, book.week_on)
    day_key = make_summary_key("day", book.channel, day_at)
    week_key = make_summary_key("week", book.channel, week_at)
    queued = 0
    with walk.database.begin() as tx:
        if not summaries.has_message(tx, day_key):
            day = summaries.read_day(tx, day_at - timedelta(days=1), day_at)
            queued += outbox.queue_notice(tx, write_day(day_key, book.channel, day, walk.now), walk.now)
        if not summaries.has_message(tx, week_key):
            week = summaries.read_week(tx, week_at - timedelta(days=7), week_at)
            queued += outbox.queue_notice(tx, write_week(week_key, book.channel, week, walk.now), walk.now)
    return {"summaries": queued} if queued else {}
