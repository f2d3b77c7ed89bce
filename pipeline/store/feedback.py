"""What readers said about alerts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from pipeline.models import Alert, DeliveryState, Development, Given, ItemId, MessageKind, Posted, Verdict
from pipeline.store.codec import clean_text, from_json
from pipeline.store.tables import developments, feedback, items, outbox
from pipeline.store.threads import IS_ALERT
from pipeline.store.writes import insert_once


@dataclass(frozen=True, slots=True)
class FeedbackChange:
    """What is different since the last look at one message."""

    alert: Alert
    new: frozenset[Given]
    withdrawn: frozenset[Given]


@dataclass(frozen=True, slots=True)
class JudgedDevelopment:
    """A development with what readers said about the alerts of it."""

    item_id: ItemId
    url: str
    development: Development
    given: tuple[Given, ...]


def read_places(tx: Connection, since: datetime) -> list[tuple[str, Posted]]:
    """Where the alerts stand that were sent to Slack since an instant: channel and place, oldest first."""
    rows = tx.execute(
        select(outbox.c.channel, outbox.c.story_id, outbox.c.slack_ts, outbox.c.thread_ts)
        .where(IS_ALERT, outbox.c.state == DeliveryState.SENT.value)
        .where(outbox.c.slack_ts != "", outbox.c.sent_at > since)
        .order_by(outbox.c.slack_ts)
    )
    places: list[tuple[str, Posted]] = []
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        # Of what was sent before threads were kept, the first message of a story is the thread of the others.
        opened = first.setdefault((row.channel, row.story_id), row.slack_ts)
        thread_ts = row.thread_ts or (opened if opened != row.slack_ts else None)
        places.append((row.channel, Posted(row.slack_ts, thread_ts)))
    return places


def save_feedback(tx: Connection, key: str, given: Collection[Given], at: datetime) -> FeedbackChange | None:
    """Keep exactly what readers say now about the alert with this key; None when the key is no alert's."""
    row = tx.execute(select(outbox.c.record, outbox.c.kind).where(outbox.c.key == key).with_for_update()).one_or_none()
    if row is None or row.kind != MessageKind.ALERT.value:
        return None
    alert = from_json(Alert, row.record)
    known = frozenset(_read_given(tx, feedback.c.message_key == key))
    withdrawn, new = known - frozenset(given), frozenset(given) - known
    for each in withdrawn:
        is_it = (feedback.c.verdict == each.verdict.value) & (feedback.c.reader == each.reader)
        tx.execute(delete(feedback).where(feedback.c.message_key == key, is_it))
    for each in new:
        values = {"verdict": each.verdict.value, "reader": clean_text(each.reader), "given_at": at}
        insert_once(tx, feedback, message_key=key, item_id=alert.item_id, **values)
    return FeedbackChange(alert, new, withdrawn)


def read_item_feedback(tx: Connection, item_id: ItemId) -> list[Given]:
    """What readers say about all alerts of an article, in a fixed order."""
    return _read_given(tx, feedback.c.item_id == item_id)


def read_judged(tx: Connection) -> list[JudgedDevelopment]:
    """Every development that readers said something about, oldest verdict first: labels for detection thresholds."""
    rows = tx.execute(
        select(developments.c.item_id, developments.c.record, items.c.url)
        .join(items, items.c.id == developments.c.item_id)
        .where(developments.c.item_id.in_(select(feedback.c.item_id)))
        .order_by(developments.c.decided_at, developments.c.item_id)
    ).all()
    found = []
    for row in rows:
        given = tuple(read_item_feedback(tx, row.item_id))
        found.append(JudgedDevelopment(row.item_id, row.url, from_json(Development, row.record), given))
    return found


def _read_given(tx: Connection, condition: ColumnElement[bool]) -> list[Given]:
    rows = tx.execute(
        select(feedback.c.verdict, feedback.c.reader)
        .where(condition)
        .distinct()
        .order_by(feedback.c.verdict, feedback.c.reader)
    )
    return [Given(Verdict(row.verdict), row.reader) for row in rows]
