"""What a channel would hear all at once, and what is told in a digest instead."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, update

from pipeline.models import DeliveryState, Rush, StoryId, WaitingAlert
from pipeline.store.codec import clean_text
from pipeline.store.outbox import HeldBack
from pipeline.store.tables import developments, outbox, story_members
from pipeline.store.threads import IS_ALERT

# Nothing of it has left, or could have: what was tried once goes on by itself.
_IS_FRESH = IS_ALERT & (outbox.c.state == DeliveryState.PENDING.value) & (outbox.c.attempts == 0)
_TOLD = (
    DeliveryState.PENDING.value,
    DeliveryState.SENDING.value,
    DeliveryState.UNKNOWN.value,
    DeliveryState.SENT.value,
)


def read_rushes(tx: Connection, since: datetime, now: datetime) -> list[Rush]:
    """What each channel would hear by itself now, each about the story that its article belongs to by now, with how
    much it has heard since an instant; the rows stay locked until the transaction ends.
    """
    rows = tx.execute(
        select(
            outbox.c.channel,
            outbox.c.key,
            story_members.c.story_id,
            func.coalesce(developments.c.importance, 0.0).label("importance"),
        )
        .join(story_members, story_members.c.item_id == outbox.c.item_id)
        .outerjoin(developments, developments.c.item_id == outbox.c.item_id)
        .where(_IS_FRESH)
        .order_by(outbox.c.channel, outbox.c.sequence)
        .with_for_update(of=outbox)
    )
    waiting: dict[str, list[WaitingAlert]] = {}
    for row in rows:
        alert = WaitingAlert(row.key, StoryId(row.story_id), row.importance)
        waiting.setdefault(row.channel, []).append(alert)
    return [Rush(channel, tuple(alerts), _count_told(tx, channel, since, now)) for channel, alerts in waiting.items()]


def _count_told(tx: Connection, channel: str, since: datetime, now: datetime) -> int:
    """Alerts that were queued since an instant, or let out of quiet hours since, and left by themselves."""
    was_let_out = (outbox.c.held_for != "") & (outbox.c.sent_at > since) & (outbox.c.sent_at <= now)
    told = and_(
        IS_ALERT,
        ~_IS_FRESH,
        outbox.c.channel == channel,
        outbox.c.state.in_(_TOLD),
        or_(outbox.c.queued_at > since, was_let_out),
    )
    return tx.execute(select(func.count()).where(told)).scalar_one()


def hold_fresh(tx: Connection, keys: Collection[str], held: HeldBack) -> int:
    """Hold back alerts of which nothing has left; returns how many."""
    values = {"not_before": held.until, "held_for": clean_text(held.reason), "bundle_key": held.bundle_key}
    fresh = update(outbox).where(_IS_FRESH, outbox.c.key.in_(keys))
    return tx.execute(fresh.values(state=DeliveryState.HELD.value, **values)).rowcount
