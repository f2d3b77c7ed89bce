"""What happened on a day or in a week, for the digest and the report of a desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, distinct, func, select

from pipeline.models import (
    Alert,
    DaySummary,
    DeliveryState,
    Label,
    Room,
    UntoldStory,
    Verdict,
    WeekSummary,
)
from pipeline.store.codec import from_json
from pipeline.store.tables import classifications, feedback, items, outbox, outcomes, runs, stories, story_members
from pipeline.store.threads import IS_ALERT

MANY_PUBLISHERS = 3  # that report a story which nobody was told of
_SAID_BEFORE = frozenset({Label.REPEAT.value, Label.NEAR_DUPLICATE.value})
_ASKED_FOR = frozenset({"muted", "stale", "backfill"})
_NO_TOPIC = "no_topic"


def has_message(tx: Connection, key: str) -> bool:
    """Whether a message with this key was ever queued."""
    return tx.execute(select(outbox.c.key).where(outbox.c.key == key)).first() is not None


def read_day(tx: Connection, start: datetime, end: datetime) -> DaySummary:
    """What was decided from `start` to before `end`: alerts (one for each development), articles, reasons."""
    rows = tx.execute(
        select(outbox.c.item_id, outbox.c.record, story_members.c.story_id)
        .join(story_members, story_members.c.item_id == outbox.c.item_id)
        .where(_is_alert(start, end))
        .order_by(outbox.c.sequence)
    )
    alerts = {row.item_id: replace(from_json(Alert, row.record), story_id=row.story_id) for row in rows}
    decided = (outcomes.c.decided_at >= start) & (outcomes.c.decided_at < end)
    topic = func.unnest(classifications.c.topics).label("topic")
    of_day = select(outcomes.c.item_id).where(decided, outcomes.c.room == Room.CLASSIFY.value)
    first = select(items.c.id).where(items.c.version == 1)  # a later version is no further article
    counted = classifications.c.item_id.in_(of_day) & classifications.c.item_id.in_(first)
    topics = select(topic).where(counted).subquery()
    volumes = tx.execute(select(topics.c.topic, func.count().label("number")).group_by(topics.c.topic))
    reason = func.split_part(outcomes.c.reason, ":", 1).label("reason")
    held = tx.execute(
        select(reason, func.count().label("number"))
        .where(decided, outcomes.c.room == Room.ALERT.value, outcomes.c.outcome == "held")
        .group_by(reason)
    )
    return DaySummary(
        alerts=tuple(alerts.values()),
        articles_by_topic={row.topic: row.number for row in volumes},
        held_by_reason={row.reason: row.number for row in held if row.reason != "backfill"},
    )


def read_week(tx: Connection, start: datetime, end: datetime) -> WeekSummary:
    """What was queued from `start` to before `end`, what readers say of it, and what was told to nobody."""
    states = tx.execute(
        select(outbox.c.state, func.count().label("number")).where(_is_alert(start, end)).group_by(outbox.c.state)
    )
    by_state = {row.state: row.number for row in states}
    of_week = select(outbox.c.key).where(_is_alert(start, end))
    verdicts = tx.execute(
        select(feedback.c.verdict, func.count(distinct(feedback.c.message_key)).label("number"))
        .where(feedback.c.message_key.in_(of_week))
        .group_by(feedback.c.verdict)
    )
    judged = select(func.count(distinct(feedback.c.message_key))).where(
        feedback.c.message_key.in_(of_week), feedback.c.verdict != Verdict.SEEN.value
    )
    return WeekSummary(
        sent=by_state.get(DeliveryState.SENT.value, 0) + by_state.get(DeliveryState.BUNDLED.value, 0),
        dead=by_state.get(DeliveryState.DEAD.value, 0),
        judged_messages=tx.execute(judged).scalar_one(),
        messages_by_verdict={Verdict(row.verdict): row.number for row in verdicts},
        untold_stories=_read_untold(tx, start, end),
    )


def _read_untold(tx: Connection, start: datetime, end: datetime) -> tuple[UntoldStory, ...]:
    """Stories that moved in the time and that nobody was told of, though many report them.

    Left out is what the desk itself muted, and what was old when it came.
    """
    publishers = func.count(distinct(items.c.publisher))
    reason = func.split_part(outcomes.c.reason, ":", 1)
    rows = tx.execute(
        select(
            stories.c.title,
            publishers.label("publishers"),
            func.min(items.c.url).label("url"),
            func.array_remove(func.array_agg(distinct(reason)), None).label("reasons"),
        )
        .join(story_members, story_members.c.story_id == stories.c.id)
        .join(items, items.c.id == story_members.c.item_id)
        .join(runs, runs.c.id == items.c.first_run_id)
        .outerjoin(outcomes, (outcomes.c.item_id == items.c.id) & (outcomes.c.room == Room.ALERT.value))
        .where(stories.c.last_at >= start, stories.c.last_at < end, ~runs.c.is_backfill)
        .where(~_is_told(stories.c.id))
        .group_by(stories.c.id)
        .having(publishers >= MANY_PUBLISHERS)
        .order_by(publishers.desc(), stories.c.id)
    )
    found = [UntoldStory(row.title, row.url, row.publishers, _choose_reason(row.reasons)) for row in rows]
    missed = [story for story in found if story.reason not in _ASKED_FOR]
    return tuple(sorted(missed, key=lambda story: story.reason == _NO_TOPIC))


def _is_told(story_id: ColumnElement[str]) -> ColumnElement[bool]:
    of_story = story_members.alias("of_story")
    alerts = select(outbox.c.key).join(of_story, of_story.c.item_id == outbox.c.item_id)
    return alerts.where(of_story.c.story_id == story_id).exists()


def _choose_reason(reasons: Sequence[str]) -> str:
    """What kept a story back, of all that kept its articles back: a repeat was only kept back because it was one."""
    kept = sorted(reason for reason in reasons if reason and reason not in _SAID_BEFORE)
    return next((reason for reason in kept if reason not in _ASKED_FOR), kept[0] if kept else "")


def _is_alert(start: datetime, end: datetime) -> ColumnElement[bool]:
    return IS_ALERT & (outbox.c.queued_at >= start) & (outbox.c.queued_at < end)
