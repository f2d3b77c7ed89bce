"""Questions that people ask: where did this article go, how far did a run get, what happened today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, desc, func, select

from pipeline.models import (
    Alert,
    Article,
    Assignment,
    Classification,
    DeliveryState,
    Development,
    Duplicate,
    ItemId,
    Rejection,
    Room,
    RunId,
    StoryId,
)
from pipeline.store import records
from pipeline.store.codec import from_json
from pipeline.store.sources import SourceState, list_sources
from pipeline.store.stories import find_standing_story
from pipeline.store.tables import (
    articles,
    classifications,
    developments,
    duplicates,
    items,
    outbox,
    outcomes,
    rejections,
    runs,
    source_checks,
    stories,
    story_members,
)
from pipeline.store.threads import is_told_of
from pipeline.store.versions import VersionLine, read_versions

# States whose reason is why a message was kept back; that of the others is what went wrong.
_KEPT_BACK = (DeliveryState.HELD.value, DeliveryState.BUNDLED.value, DeliveryState.MUTED.value)

# ---------------------------------------------------------------- the life of one article


@dataclass(frozen=True, slots=True)
class RoomAnswer:
    """How an item left one room, in which run and when."""

    room: Room
    outcome: str
    reason: str
    run_id: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message about an item: where it goes, how it stands, and why it waits or failed."""

    channel: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class ItemLife:
    """Everything that is known of one item; None where a room has not seen it."""

    item_id: ItemId
    url: str
    source_name: str
    publisher: str
    first_seen_at: datetime
    waiting_for: str | None
    fetch_attempts: int
    last_fetch_reason: str
    answers: tuple[RoomAnswer, ...]
    article: Article | None
    rejection: Rejection | None
    classification: Classification | None
    duplicate: Duplicate | None
    assignment: Assignment | None
    story_id: str  # that it belongs to by now; empty before it was grouped
    development: Development | None
    messages: tuple[MessageLine, ...]
    versions: tuple[VersionLine, ...] = ()  # of the article, this one included


def read_item_life(tx: Connection, addresses: Sequence[str]) -> ItemLife | None:
    """The life of the item with one of these addresses (as listed or canonical) or ids; None when never seen.

    An address stands for the first version of its article.
    """
    hit = items.c.canonical_url.in_(addresses) | items.c.url.in_(addresses) | items.c.id.in_(addresses)
    row = tx.execute(select(items).where(hit).order_by(items.c.version, items.c.id).limit(1)).one_or_none()
    return _read_life(tx, row) if row else None


def _read_life(tx: Connection, row: Row[Any]) -> ItemLife:
    item_id = ItemId(row.id)
    sent = tx.execute(select(outbox).where(outbox.c.item_id == item_id).order_by(outbox.c.sequence))
    of_item = select(story_members.c.story_id).where(story_members.c.item_id == item_id)
    return ItemLife(
        item_id=item_id,
        url=row.url,
        source_name=row.source_name,
        publisher=row.publisher,
        first_seen_at=row.first_seen_at,
        waiting_for=row.waiting_for,
        fetch_attempts=row.fetch_attempts,
        last_fetch_reason=row.last_fetch_reason,
        answers=_read_answers(tx, item_id),
        article=records.read_if_any(tx, articles, Article, item_id),
        rejection=records.read_if_any(tx, rejections, Rejection, item_id),
        classification=records.read_if_any(tx, classifications, Classification, item_id),
        duplicate=records.read_if_any(tx, duplicates, Duplicate, item_id),
        assignment=records.read_if_any(tx, story_members, Assignment, item_id),
        story_id=tx.execute(of_item).scalar_one_or_none() or "",
        development=records.read_if_any(tx, developments, Development, item_id),
        messages=tuple(MessageLine(row.channel, row.state, _explain_state(row)) for row in sent),
        versions=read_versions(tx, item_id),
    )


def _explain_state(row: Row[Any]) -> str:
    is_kept_back = row.state in _KEPT_BACK
    reason: str = row.held_for if is_kept_back else row.last_error
    return reason


def find_judged_item(tx: Connection, addresses: Sequence[str]) -> ItemId | None:
    """The item with one of these addresses or ids, or the last article of the story with one of these ids.

    A story that was merged stands for the one that it went into. None when there is no such item, or it was not
    judged yet.
    """
    meant = [find_standing_story(tx, StoryId(address)) for address in addresses]
    hit = items.c.canonical_url.in_(addresses) | items.c.url.in_(addresses) | items.c.id.in_(addresses)
    row = tx.execute(
        select(developments.c.item_id)
        .join(items, items.c.id == developments.c.item_id)
        .join(articles, articles.c.item_id == items.c.id)
        .join(story_members, story_members.c.item_id == items.c.id)
        .where(hit | story_members.c.story_id.in_(meant))
        .order_by(desc(articles.c.published_at), desc(items.c.version), items.c.id)
        .limit(1)
    ).one_or_none()
    return ItemId(row.item_id) if row else None


def _read_answers(tx: Connection, item_id: ItemId) -> tuple[RoomAnswer, ...]:
    walking_order = list(Room)
    answers = [
        RoomAnswer(Room(row.room), row.outcome, row.reason, row.run_id, row.decided_at)
        for row in tx.execute(select(outcomes).where(outcomes.c.item_id == item_id))
    ]
    return tuple(sorted(answers, key=lambda answer: walking_order.index(answer.room)))


# ---------------------------------------------------------------- the funnel of one run


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many entries got how far in one run, and what became of the others."""

    run_id: str
    now: datetime
    state: str
    reason: str
    stages: tuple[tuple[str, int], ...]  # ("seen", 120), ("new", 40), ...
    outcomes: tuple[tuple[str, str, int], ...]  # (room, outcome, count), in walking order

    def count(self, stage: str) -> int:
        """The number at one stage."""
        return dict(self.stages)[stage]


def read_last_run(tx: Connection) -> RunId | None:
    """The run that started last."""
    row = tx.execute(select(runs.c.id).order_by(desc(runs.c.started_at)).limit(1)).one_or_none()
    return RunId(row.id) if row else None


def read_funnel(tx: Connection, run_id: RunId) -> Funnel:
    """From seen to alerted, for one run."""
    run = tx.execute(select(runs).where(runs.c.id == run_id)).one()
    checks = tx.execute(
        select(
            func.coalesce(func.sum(source_checks.c.entries_seen), 0).label("seen"),
            func.coalesce(func.sum(source_checks.c.entries_new), 0).label("new"),
        ).where(source_checks.c.run_id == run_id)
    ).one()
    counted = _count_outcomes(tx, run_id)
    return Funnel(
        run_id=run_id,
        now=run.now,
        state=run.state,
        reason=run.reason,
        stages=(("seen", checks.seen), ("new", checks.new), *_stages(counted)),
        outcomes=tuple((room, outcome, count) for room, outcome, _, count in counted),
    )


def _count_outcomes(tx: Connection, run_id: RunId) -> list[tuple[str, str, bool, int]]:
    walking_order = [room.value for room in Room]
    rows = tx.execute(
        select(outcomes.c.room, outcomes.c.outcome, outcomes.c.passed, func.count().label("number"))
        .where(outcomes.c.run_id == run_id)
        .group_by(outcomes.c.room, outcomes.c.outcome, outcomes.c.passed)
    )
    counted = [(row.room, row.outcome, row.passed, row.number) for row in rows]
    return sorted(counted, key=lambda line: (walking_order.index(line[0]), -line[3], line[1]))


def _stages(counted: list[tuple[str, str, bool, int]]) -> list[tuple[str, int]]:
    def total(room: Room, *only: str) -> int:
        return sum(
            count
            for where, outcome, passed, count in counted
            if where == room and (outcome in only if only else passed)
        )

    return [
        ("fetched", total(Room.FETCH)),
        ("articles", total(Room.CLEAN)),
        ("on a topic", total(Room.CLASSIFY, "topics")),
        ("not copies", total(Room.DEDUPE, "unique")),
        ("developments", total(Room.DETECT, "new_story", "development", "correction")),
        ("alerted", total(Room.ALERT, "queued")),
    ]


# ---------------------------------------------------------------- the page of the day


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One development that was told, and where its messages stand: one for each channel."""

    alert: Alert  # as the first channel has it; the others say the same
    queued_at: datetime
    messages: tuple[MessageLine, ...]


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One article of a story that was not told, and why."""

    title: str
    url: str
    publisher: str
    reason: str


@dataclass(frozen=True, slots=True)
class StoryCard:
    """A story that moved on the day."""

    story_id: str
    title: str
    last_at: datetime
    alerts: tuple[AlertLine, ...]
    held: tuple[HeldLine, ...]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What the desk sees: the stories of one day (UTC), the sources, the last run."""

    day: date
    stories: tuple[StoryCard, ...]
    sources: tuple[SourceState, ...]
    funnel: Funnel | None


def read_desk(tx: Connection, day: date | None = None) -> DeskPage:
    """The page of a day; without one, of the last day on which anything was decided."""
    if day is None:
        last = tx.execute(select(func.max(developments.c.decided_at))).scalar_one()
        day = last.astimezone(UTC).date() if last else datetime.now(UTC).date()
    run_id = read_last_run(tx)
    return DeskPage(
        day=day,
        stories=_read_stories(tx, day),
        sources=tuple(list_sources(tx)),
        funnel=read_funnel(tx, run_id) if run_id else None,
    )


def _read_stories(tx: Connection, day: date) -> tuple[StoryCard, ...]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = start + timedelta(days=1) if day < date.max else datetime.max.replace(tzinfo=UTC)
    rows = tx.execute(
        select(stories.c.id, stories.c.title, stories.c.last_at)
        .where(
            stories.c.id.in_(
                select(story_members.c.story_id)
                .join(developments, developments.c.item_id == story_members.c.item_id)
                .where(developments.c.decided_at >= start, developments.c.decided_at < end)
            )
        )
        .order_by(desc(stories.c.last_at), stories.c.id)
    )
    return tuple(
        StoryCard(row.id, row.title, row.last_at, read_story_lines(tx, row.id), _read_held(tx, row.id)) for row in rows
    )


def read_story_lines(tx: Connection, story_id: str) -> tuple[AlertLine, ...]:
    """What was told of a story, oldest first: one line for each development, however many channels heard of it."""
    by_item: dict[str, list[Row[Any]]] = {}
    of_story = is_told_of(StoryId(story_id))
    for row in tx.execute(select(outbox).where(of_story).order_by(outbox.c.sequence)):
        by_item.setdefault(row.item_id, []).append(row)
    return tuple(
        AlertLine(
            from_json(Alert, rows[0].record),
            rows[0].queued_at,
            tuple(MessageLine(row.channel, row.state, _explain_state(row)) for row in rows),
        )
        for rows in by_item.values()
    )


def _read_held(tx: Connection, story_id: str) -> tuple[HeldLine, ...]:
    rows = tx.execute(
        select(articles.c.title, items.c.url, items.c.publisher, outcomes.c.reason)
        .join(items, items.c.id == articles.c.item_id)
        .join(outcomes, (outcomes.c.item_id == items.c.id) & (outcomes.c.room == Room.ALERT.value))
        .join(story_members, story_members.c.item_id == items.c.id)
        .where(story_members.c.story_id == story_id, outcomes.c.outcome != "queued")
        .where(items.c.version == 1)  # a later version is no further article
        .order_by(articles.c.published_at, items.c.id)
    )
    return tuple(HeldLine(row.title, row.url, row.publisher, row.reason) for row in rows)
