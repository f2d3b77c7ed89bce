"""Stories, who belongs to them, and what was new in each article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from pipeline.models import (
    Assignment,
    Classification,
    Development,
    ItemId,
    Move,
    Report,
    Room,
    StoryId,
    StoryMember,
    TopicMatch,
)
from pipeline.store.codec import clean_text, from_json, to_json
from pipeline.store.tables import (
    articles,
    classifications,
    developments,
    duplicates,
    items,
    outcomes,
    stories,
    story_members,
)
from pipeline.store.writes import insert_lot_once, write_rows

_SAVE_STORIES = text(
    """
    INSERT INTO stories (id, title, opened_at, last_at)
    SELECT id, title, opened_at, last_at FROM json_populate_recordset(CAST(NULL AS stories), CAST(:rows AS json))
    ON CONFLICT (id) DO UPDATE SET last_at = greatest(stories.last_at, excluded.last_at)
    """
)


def save_assignment(tx: Connection, report: Report, assignment: Assignment) -> None:
    """Keep which story an article belongs to; the first article of a story gives it its title.

    Earlier articles move first, with their copies and versions: what `story_members` says is always the present state.
    """
    save_assignments(tx, [(report, assignment)])


def save_assignments(tx: Connection, answered: Sequence[tuple[Report, Assignment]]) -> None:
    """The same of many articles, in the order in which they were answered."""
    start = 0
    for place, (_, assignment) in enumerate(answered):
        if assignment.moves:
            _add_members(tx, answered[start:place])
            _move_members(tx, assignment.moves)
            start = place
    _add_members(tx, answered[start:])


def _add_members(tx: Connection, answered: Sequence[tuple[Report, Assignment]]) -> None:
    rows: dict[StoryId, dict[str, Any]] = {}
    for report, assignment in answered:
        at = report.published_at
        first = {"id": assignment.story_id, "title": clean_text(report.title), "opened_at": at, "last_at": at}
        row = rows.setdefault(assignment.story_id, first)
        row["last_at"] = max(row["last_at"], at)
    if rows:
        tx.execute(_SAVE_STORIES, {"rows": write_rows(list(rows.values()))})
    members = [
        {"item_id": a.item_id, "story_id": a.story_id, "leader_id": a.leader, "record": to_json(a)} for _, a in answered
    ]
    insert_lot_once(tx, story_members, members)


def _move_members(tx: Connection, moves: Sequence[Move]) -> None:
    pairs = Counter((move.from_story, move.to_story) for move in moves)
    for (left, joined), _ in pairs.most_common():
        ids = [move.item_id for move in moves if (move.from_story, move.to_story) == (left, joined)]
        _enter_story(tx, joined, left, ids)
        moved = story_members.c.item_id.in_(ids) | story_members.c.leader_id.in_(ids)
        tx.execute(update(story_members).where(moved).values(story_id=joined))
    for left, joined in reversed(pairs):  # of several that took from a story the one that took most stands for it
        is_left = ~select(story_members.c.item_id).where(story_members.c.story_id == left).exists()
        tx.execute(update(stories).where(stories.c.id == left, is_left).values(merged_into=joined))


def _enter_story(tx: Connection, story_id: StoryId, left: StoryId, ids: Sequence[ItemId]) -> None:
    """The row of the story that articles move to: a new one is called after the earliest of them."""
    published = articles.c.published_at
    first = (
        select(articles.c.record["title"].astext, published)
        .where(articles.c.item_id.in_(ids))
        .order_by(published, articles.c.item_id)
    )
    came = tx.execute(first).all()
    span = {"opened_at": came[0][1], "last_at": came[-1][1]}
    row = insert(stories).values(id=story_id, title=clean_text(came[0][0]), split_from=left, **span)
    revived = stories.c.merged_into.is_not(None)
    changed = {
        "opened_at": func.least(stories.c.opened_at, row.excluded.opened_at),
        "last_at": func.greatest(stories.c.last_at, row.excluded.last_at),
        "split_from": case((revived, row.excluded.split_from), else_=stories.c.split_from),
        "merged_into": None,
    }
    tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=changed))


def find_standing_story(tx: Connection, story_id: StoryId) -> StoryId:
    """The story that stands for this one by now: itself, or the one that it was merged into."""
    while merged := tx.execute(select(stories.c.merged_into).where(stories.c.id == story_id)).scalar_one_or_none():
        story_id = StoryId(merged)
    return story_id


def read_story_id(tx: Connection, item_id: ItemId) -> StoryId:
    """The story that an article belongs to by now."""
    found = tx.execute(select(story_members.c.story_id).where(story_members.c.item_id == item_id)).scalar_one()
    return StoryId(found)


def read_assignment(tx: Connection, item_id: ItemId) -> Assignment:
    """The first answer on an article that was grouped."""
    row = tx.execute(select(story_members.c.record).where(story_members.c.item_id == item_id)).one()
    return from_json(Assignment, row.record)


def save_development(tx: Connection, development: Development, decided_at: datetime) -> None:
    """Keep the verdict on one article."""
    save_developments(tx, [development], decided_at)


def save_developments(tx: Connection, found: Sequence[Development], decided_at: datetime) -> None:
    """The same of many articles."""
    rows = [
        {
            "item_id": each.item_id,
            "story_id": each.story_id,
            "label": each.label.value,
            "importance": each.importance,
            "decided_at": decided_at,
            "record": to_json(each),
        }
        for each in found
    ]
    insert_lot_once(tx, developments, rows)


def read_development(tx: Connection, item_id: ItemId) -> Development:
    """The verdict on one article."""
    row = tx.execute(select(developments.c.record).where(developments.c.item_id == item_id)).one()
    return from_json(Development, row.record)


def read_story_title(tx: Connection, story_id: StoryId) -> str:
    """The title of a story: that of its first article."""
    title: str = tx.execute(select(stories.c.title).where(stories.c.id == story_id)).scalar_one()
    return title


def read_story_topics(tx: Connection, story_id: StoryId) -> tuple[TopicMatch, ...]:
    """The topics that the articles of a story were given, each as its surest article says, surest first."""
    rows = tx.execute(
        select(classifications.c.record)
        .join(story_members, story_members.c.item_id == classifications.c.item_id)
        .where(story_members.c.story_id == story_id)
        .order_by(classifications.c.item_id)
    )
    surest: dict[str, TopicMatch] = {}
    for row in rows:
        for match in from_json(Classification, row.record).topics:
            if match.topic not in surest or match.probability > surest[match.topic].probability:
                surest[match.topic] = match
    return tuple(sorted(surest.values(), key=lambda match: (-match.probability, match.topic)))


def was_held(tx: Connection, story_id: StoryId, reason: str) -> bool:
    """Whether an article of this story was held back for this reason, and none for another of age."""
    held = tx.execute(
        select(outcomes.c.reason)
        .join(story_members, story_members.c.item_id == outcomes.c.item_id)
        .where(story_members.c.story_id == story_id, outcomes.c.room == Room.ALERT.value, outcomes.c.outcome == "held")
    )
    reasons = {row.reason for row in held}
    return reason in reasons and not reasons & {"stale", "backfill"}


def read_members(tx: Connection, story_id: StoryId) -> list[StoryMember]:
    """The articles of a story in order of publication, each with the one that it copies."""
    copy_of = func.coalesce(items.c.version_of, duplicates.c.of_item_id).label("copy_of")
    rows = tx.execute(
        select(items.c.id, items.c.publisher, copy_of)
        .join(story_members, story_members.c.item_id == items.c.id)
        .join(articles, articles.c.item_id == items.c.id)
        .outerjoin(duplicates, duplicates.c.item_id == items.c.id)
        .where(story_members.c.story_id == story_id)
        .order_by(articles.c.published_at, items.c.id)
    )
    return [StoryMember(ItemId(row.id), row.publisher, row.copy_of) for row in rows]
