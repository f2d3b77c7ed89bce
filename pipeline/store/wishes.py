"""What the desk has muted, follows and has seen."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from pipeline.models import Alert, DeliveryState, DeskWishes, MessageKind, Mute, MuteSubject, StoryId
from pipeline.store.codec import clean_text, from_json
from pipeline.store.tables import outbox, wishes

_MUTE, _FOLLOW = "mute", "follow"


def save_mute(tx: Connection, mute: Mute, at: datetime, by: str) -> None:
    """Mute something, in place of an earlier mute of the same."""
    _save(tx, _MUTE, mute.subject, mute.name, mute.until, at, by)


def save_follow(tx: Connection, story_id: StoryId, until: datetime | None, at: datetime, by: str) -> None:
    """Follow a story, in place of an earlier wish to."""
    _save(tx, _FOLLOW, MuteSubject.STORY, story_id, until, at, by)


def end_mute(tx: Connection, subject: MuteSubject, name: str) -> bool:
    """Hear of it again; False when it was not muted."""
    return _end(tx, _MUTE, subject, name)


def end_mute_by(tx: Connection, subject: MuteSubject, name: str, by: str) -> bool:
    """Take back the mute that somebody wished for; False when there is none of theirs."""
    is_it = (wishes.c.kind == _MUTE) & (wishes.c.subject == subject.value) & (wishes.c.name == name)
    return tx.execute(delete(wishes).where(is_it, wishes.c.wished_by == by)).rowcount > 0


def end_follow(tx: Connection, story_id: StoryId) -> bool:
    """Leave a story to its routes again; False when it was not followed."""
    return _end(tx, _FOLLOW, MuteSubject.STORY, story_id)


def read_wishes(tx: Connection, now: datetime) -> DeskWishes:
    """What is muted and followed at an instant, in a fixed order."""
    rows = tx.execute(
        select(wishes)
        .where(or_(wishes.c.until.is_(None), wishes.c.until > now))
        .order_by(wishes.c.subject, wishes.c.name)
    ).all()
    mutes = tuple(Mute(MuteSubject(row.subject), row.name, row.until) for row in rows if row.kind == _MUTE)
    return DeskWishes(mutes, frozenset(StoryId(row.name) for row in rows if row.kind == _FOLLOW))


def acknowledge_story(tx: Connection, story_id: StoryId, at: datetime, by: str) -> int:
    """Somebody has seen every alert of this story that was sent; returns how many nobody had before."""
    is_open = (outbox.c.story_id == story_id) & outbox.c.acknowledged_at.is_(None)
    is_sent = (outbox.c.kind == MessageKind.ALERT.value) & (outbox.c.state == DeliveryState.SENT.value)
    seen = update(outbox).where(is_open, is_sent).values(acknowledged_at=at, acknowledged_by=clean_text(by))
    return tx.execute(seen).rowcount


def read_unseen(tx: Connection, route: str, sent_before: datetime, window: timedelta) -> list[Alert]:
    """The alerts of a route that were sent in the window before an instant and that nobody has seen, oldest first."""
    rows = tx.execute(
        select(outbox.c.record)
        .where(
            outbox.c.kind == MessageKind.ALERT.value,
            outbox.c.state == DeliveryState.SENT.value,
            outbox.c.record["route"].astext == route,
            outbox.c.acknowledged_at.is_(None),
            outbox.c.sent_at <= sent_before,
            outbox.c.sent_at > sent_before - window,
        )
        .order_by(outbox.c.sequence)
    )
    return [from_json(Alert, row.record) for row in rows]


def _save(
    tx: Connection, kind: str, subject: MuteSubject, name: str, until: datetime | None, at: datetime, by: str
) -> None:
    values = {"until": until, "wished_at": at, "wished_by": clean_text(by)}
    row = insert(wishes).values(kind=kind, subject=subject.value, name=clean_text(name), **values)
    tx.execute(row.on_conflict_do_update(index_elements=["kind", "subject", "name"], set_=values))


def _end(tx: Connection, kind: str, subject: MuteSubject, name: str) -> bool:
    is_it = (wishes.c.kind == kind) & (wishes.c.subject == subject.value) & (wishes.c.name == name)
    return tx.execute(delete(wishes).where(is_it)).rowcount > 0
