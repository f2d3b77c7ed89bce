"""Whose turn it is in the outbox, and where it goes: to the thread of the story that holds its article by now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, func, select, union_all

from pipeline.models import Alert, DeliveryState, MessageKind, OutboxRow, StoryThread, ThreadLink
from pipeline.store.stories import find_standing_story, read_story_id, read_story_title
from pipeline.store.tables import outbox, story_members
from pipeline.store.threads import (
    choose_opening,
    find_elsewhere,
    list_openings,
    list_thread_ts,
    opens_thread,
    read_family,
)

WAITING: Final = (DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.UNKNOWN.value)
DUE: Final = (DeliveryState.PENDING.value, DeliveryState.UNKNOWN.value)


def select_turns(columns: Any) -> Any:
    """The rows whose turn it is: an alert when no older one of its story and channel waits, a thread when none at all
    does and it is open. The story is the one that holds the article by now; what may have arrived for another keeps
    that waiting, too.
    """
    member = story_members.alias()
    story_id = func.coalesce(member.c.story_id, outbox.c.story_id)
    is_thread = outbox.c.kind == MessageKind.THREAD.value
    first = _select_first_waiting().subquery()
    of_story = (first.c.channel == outbox.c.channel) & (first.c.story_id == story_id)
    is_blocked = select(first).where(of_story, is_thread | (first.c.sequence < outbox.c.sequence)).exists()
    alerts = outbox.alias("alerts")
    of_thread = (alerts.c.story_id == outbox.c.story_id) & (alerts.c.channel == outbox.c.channel)
    is_open = select(alerts.c.key).where(of_thread, opens_thread(alerts)).exists()
    return (
        select(columns)
        .outerjoin_from(outbox, member, member.c.item_id == outbox.c.item_id)
        .where(outbox.c.state.in_(DUE), ~is_blocked, ~is_thread | is_open)
    )


def _select_first_waiting() -> Any:
    """Channel, story, and the sequence of the oldest alert that waits there or in quiet hours."""
    alerts = outbox.alias("waiting")
    is_in_quiet_hours = (alerts.c.state == DeliveryState.HELD.value) & alerts.c.bundle_key.is_(None)
    waits = (alerts.c.kind == MessageKind.ALERT.value) & (alerts.c.state.in_(WAITING) | is_in_quiet_hours)
    by_article = (
        select(alerts.c.channel, story_members.c.story_id, alerts.c.sequence)
        .join(story_members, story_members.c.item_id == alerts.c.item_id)
        .where(waits)
    )
    tried = select(alerts.c.channel, alerts.c.story_id, alerts.c.sequence).where(
        waits, alerts.c.first_tried_at.is_not(None)
    )
    either = union_all(by_article, tried).subquery()
    return select(either.c.channel, either.c.story_id, func.min(either.c.sequence).label("sequence")).group_by(
        either.c.channel, either.c.story_id
    )


def place_alert(tx: Connection, row: Any, alert: Alert, found: OutboxRow) -> OutboxRow:
    """The alert about the story that holds its article by now, with the thread of that, and the others in which it
    may stand: where it was sent to last, and those of the story that it was sent for.
    """
    story_id = find_standing_story(tx, read_story_id(tx, alert.item_id))
    if story_id != alert.story_id:
        alert = replace(alert, story_id=story_id, story_title=read_story_title(tx, story_id))
    family = read_family(tx, story_id)
    opening = choose_opening(list_openings(tx, family, row.channel), story_id, row.channel)
    sent_for = read_family(tx, find_standing_story(tx, row.story_id))
    threads = list_thread_ts(tx, {*family, *sent_for}, row.channel)
    return replace(
        found,
        message=alert,
        thread_ts=opening.ts if opening else None,
        opening=opening.alert if opening else None,
        threads=tuple(dict.fromkeys(filter(None, [row.thread_ts, *threads]))),
        elsewhere=None if opening else find_elsewhere(tx, story_id, row.channel, None),
    )


def place_thread(tx: Connection, row: Any, thread: StoryThread, found: OutboxRow) -> OutboxRow:
    """The thread's first message, and where else its story was told, or goes on."""
    stands = find_standing_story(tx, row.story_id)
    openings = list_openings(tx, read_family(tx, stands), row.channel)
    opening = choose_opening(openings, row.story_id, row.channel)
    own_ts = opening.ts if opening else None
    if thread.goes_on_in:
        goes_on = choose_opening(openings, stands, row.channel)
        elsewhere = ThreadLink(thread.goes_on_in, goes_on.ts) if goes_on else None
    else:
        elsewhere = find_elsewhere(tx, stands, row.channel, own_ts)
    return replace(found, thread_ts=own_ts, opening=opening.alert if opening else None, elsewhere=elsewhere)
