"""Threads in the outbox: which message opened the one of a story, and what it is to show by now.

A story belongs to a thread by where it was told, its articles to a story by where they are now: when stories are
merged or split, messages stay where they stand, and what is counted follows the articles.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, desc, func, select, true
from sqlalchemy.dialects.postgresql import insert

from pipeline.models import Alert, DeliveryState, MessageKind, StoryId, StoryThread, ThreadLink
from pipeline.store.codec import from_json, to_json
from pipeline.store.stories import read_story_title
from pipeline.store.tables import outbox, stories, story_members

IS_ALERT = outbox.c.kind == MessageKind.ALERT.value


@dataclass(frozen=True, slots=True)
class Opening:
    """The message that opened a thread."""

    channel: str
    story_id: StoryId  # that it was sent for
    ts: str
    alert: Alert


def opens_thread(rows: Any) -> Any:
    """SQL condition: an alert that has arrived where threads are, and not as a reply."""
    return and_(
        rows.c.kind == MessageKind.ALERT.value,
        rows.c.state == DeliveryState.SENT.value,
        rows.c.slack_ts != "",
        rows.c.thread_ts.is_(None),
    )


def is_told_of(story_id: StoryId) -> Any:
    """SQL condition: an alert about an article that belongs to the story by now; to a story that was merged, none."""
    members = select(story_members.c.item_id).where(story_members.c.story_id == story_id)
    return IS_ALERT & outbox.c.item_id.in_(members)


def read_family(tx: Connection, story_id: StoryId) -> list[StoryId]:
    """A story with all that were merged into it, and into those; itself first."""
    family = select(stories.c.id).where(stories.c.id == story_id).cte("family", recursive=True)
    family = family.union(select(stories.c.id).join(family, stories.c.merged_into == family.c.id))
    found = set(tx.execute(select(family.c.id)).scalars())
    return [story_id, *sorted(StoryId(each) for each in found - {story_id})]


def list_openings(tx: Connection, family: Collection[StoryId], channel: str | None = None) -> list[Opening]:
    """The message that opened the thread of each of these stories in each channel, or in one; oldest first."""
    of_channel = outbox.c.channel == channel if channel is not None else true()
    rows = tx.execute(
        select(outbox.c.channel, outbox.c.story_id, outbox.c.slack_ts, outbox.c.record)
        .where(opens_thread(outbox), outbox.c.story_id.in_(family), of_channel)
        # A first message that was refused and resent later is a reply: the earliest ts is the thread's.
        .order_by(outbox.c.slack_ts)
    )
    first: dict[tuple[str, StoryId], Opening] = {}
    for row in rows:
        opening = Opening(row.channel, StoryId(row.story_id), row.slack_ts, from_json(Alert, row.record))
        first.setdefault((opening.channel, opening.story_id), opening)
    return list(first.values())


def list_thread_ts(tx: Connection, family: Collection[StoryId], channel: str) -> list[str]:
    """The ts of every message that opened a thread for one of these stories, oldest first; a story may have two, when
    its first message was refused and resent later.
    """
    wanted = (opens_thread(outbox), outbox.c.story_id.in_(family), outbox.c.channel == channel)
    return list(tx.execute(select(outbox.c.slack_ts).where(*wanted).order_by(outbox.c.slack_ts)).scalars())


def choose_opening(openings: Sequence[Opening], story_id: StoryId, channel: str) -> Opening | None:
    """Where a story goes on in a channel: in its own thread, else in the oldest of those that were merged into it."""
    here = [each for each in openings if each.channel == channel]
    return next((each for each in here if each.story_id == story_id), here[0] if here else None)


def find_elsewhere(tx: Connection, story_id: StoryId, channel: str, own_ts: str | None) -> ThreadLink | None:
    """Another thread of the channel in which articles of this story were told, the latest; None: there is none."""
    rows = tx.execute(
        select(outbox.c.story_id, outbox.c.thread_ts)
        .where(is_told_of(story_id), outbox.c.channel == channel)
        .where(outbox.c.state == DeliveryState.SENT.value, outbox.c.slack_ts != "")
        .order_by(desc(outbox.c.sequence))
    ).all()
    opened = {each.story_id: each.ts for each in list_openings(tx, {row.story_id for row in rows}, channel)}
    for row in rows:
        ts = row.thread_ts or opened.get(row.story_id)
        if ts and ts != own_ts:
            return ThreadLink(_name_thread(tx, channel, ts, row.story_id), ts)
    return None


def _name_thread(tx: Connection, channel: str, ts: str, otherwise: StoryId) -> str:
    """The title of the story that a thread was opened for."""
    opened_for = select(outbox.c.story_id).where(outbox.c.channel == channel, outbox.c.slack_ts == ts, IS_ALERT)
    return read_story_title(tx, tx.execute(opened_for.limit(1)).scalar_one_or_none() or otherwise)


def read_story_alerts(tx: Connection, story_id: StoryId) -> dict[str, list[Alert]]:
    """The alerts about the articles of a story by channel, oldest first, without those that only a digest tells."""
    return _read_alerts(tx, is_told_of(story_id))


def read_thread_alerts(tx: Connection, story_id: StoryId) -> dict[str, list[Alert]]:
    """The alerts that were sent for the thread of a story, whatever became of their articles; like the above."""
    return _read_alerts(tx, IS_ALERT & (outbox.c.story_id == story_id) & outbox.c.first_tried_at.is_not(None))


def _read_alerts(tx: Connection, condition: Any) -> dict[str, list[Alert]]:
    rows = tx.execute(
        select(outbox.c.channel, outbox.c.record)
        .where(condition, outbox.c.bundle_key.is_(None), outbox.c.state != DeliveryState.MUTED.value)
        .order_by(outbox.c.sequence)
    )
    alerts: dict[str, list[Alert]] = {}
    for row in rows:
        alerts.setdefault(row.channel, []).append(from_json(Alert, row.record))
    return alerts


def queue_thread(tx: Connection, thread: StoryThread, queued_at: datetime) -> bool:
    """Let a thread's first message be brought up to date, to the newest state only; False when it is already."""
    row = insert(outbox).values(
        key=thread.key,
        channel=thread.channel,
        story_id=thread.story_id,
        kind=MessageKind.THREAD.value,
        record=to_json(thread),
        state=DeliveryState.PENDING.value,
        queued_at=queued_at,
    )
    renewed = row.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "record": row.excluded.record,
            "revision": outbox.c.revision + 1,
            "state": DeliveryState.PENDING.value,
        },
        where=outbox.c.record != row.excluded.record,
    )
    return tx.execute(renewed.returning(outbox.c.key)).first() is not None


def withdraw_thread(tx: Connection, key: str) -> bool:
    """Take an update of a thread back, of which nothing has left; False when there is none."""
    is_fresh = (outbox.c.state == DeliveryState.PENDING.value) & (outbox.c.attempts == 0)
    is_thread = outbox.c.kind == MessageKind.THREAD.value
    return tx.execute(delete(outbox).where(outbox.c.key == key, is_thread, is_fresh)).rowcount > 0


def has_thread(tx: Connection, key: str) -> bool:
    """Whether an update of this thread was ever queued."""
    return tx.execute(select(func.count()).where(outbox.c.key == key)).scalar_one() > 0
