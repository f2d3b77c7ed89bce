"""What the desk has muted, follows and has seen."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from pipeline.models import Alert, DeliveryState, DeskWishes, Mute, MuteSubject, StoryId
from pipeline.store.codec import clean_text, from_json
from pipeline.store.stories import find_standing_story
from pipeline.store.tables import outbox, wishes
from pipeline.store.threads import IS_ALERT, is_told_of, read_family

_MUTE, _FOLLOW = "mute", "follow"


def save_mute(tx: Connection, mute: Mute, at: datetime, by: str) -> None:
    """Mute something, in place of an earlier mute of the same."""
    _save(tx, _MUTE, mute.subject, mute.name, mute.until, at, by)


def save_follow(tx: Connection, story_id: StoryId, until: datetime | None, at: datetime, by: str) -> None:
    """Follow a story, in place of an earlier wish to."""
    _save(tx, _FOLLOW, MuteSubject.STORY, story_id, until, at, by)


def end_mute(tx: Connection, subject: MuteSubject, name: str) -> bool:
    """Hear of it again, a story also by the names of those that were merged into it; False when it was not muted."""
    return _end(tx, _MUTE, subject, name)


def end_mute_by(tx: Connection, subject: MuteSubject, name: str, by: str) -> bool:
    """Take back the mute that somebody wished for; False when there is none of theirs."""
    is_it = (wishes.c.kind == _MUTE) & (wishes.c.subject == subject.value) & (wishes.c.name == name)
    return tx.execute(delete(wishes).where(is_it, wishes.c.wished_by == by)).rowcount > 0


def end_follow(tx: Connection, story_id: StoryId) -> bool:
    """Leave a story to its routes again, like `end_mute`; False when it was not followed."""
    return _end(tx, _FOLLOW, MuteSubject.STORY, story_id)


def read_wishes(tx: Connection, now: datetime) -> DeskWishes:
    """What is muted and followed at an instant, in a fixed order; what was wished of a story that was merged into
    another holds for that one.
    """
    rows = tx.execute(
        select(wishes)
        .where(or_(wishes.c.until.is_(None), wishes.c.until > now))
        .order_by(wishes.c.subject, wishes.c.name)
    ).all()
    mutes = tuple(
        Mute(MuteSubject(row.subject), _find_meant(tx, row.subject, row.name), row.until)
        for row in rows
        if row.kind == _MUTE
    )
    follows = (_find_meant(tx, row.subject, row.name) for row in rows if row.kind == _FOLLOW)
    return DeskWishes(mutes, frozenset(map(StoryId, follows)))


def _find_meant(tx: Connection, subject: str, name: str) -> str:
    return find_standing_story(tx, StoryId(name)) if subject == MuteSubject.STORY.value else name


def acknowledge_story(tx: Connection, story_id: StoryId, at: datetime, by: str) -> int:
    """Somebody has seen every alert of this story that was sent, with those of the stories that were merged into it;
    returns how many nobody had before.
    """
    stands = find_standing_story(tx, story_id)
    is_of_story = outbox.c.story_id.in_(read_family(tx, stands)) | is_told_of(stands)
    is_sent = IS_ALERT & (outbox.c.state == DeliveryState.SENT.value)
    seen = (
        update(outbox)
        .where(is_of_story, outbox.c.acknowledged_at.is_(None), is_sent)
        .values(acknowledged_at=at, acknowledged_by=clean_text(by))
    )
    return tx.execute(seen).rowcount


def read_unseen(tx: Connection, route: str, sent_before: datetime, window: timedelta) -> list[Alert]:
    """The alerts of a route that were sent in the window before an instant and that nobody has seen, oldest first."""
    rows = tx.execute(
        select(outbox.c.record)
        .where(
            IS_ALERT,
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
    names = [name]
    if subject is MuteSubject.STORY:
        names += read_family(tx, find_standing_story(tx, StoryId(name)))
    is_it = (wishes.c.kind == kind) & (wishes.c.subject == subject.value) & wishes.c.name.in_(names)
    return tx.execute(delete(wishes).where(is_it)).rowcount > 0
