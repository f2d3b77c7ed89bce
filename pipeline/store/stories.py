"""Stories, who belongs to them, and what was new in each article."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from pipeline.models import (
    Assignment,
    Classification,
    Development,
    ItemId,
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
from pipeline.store.writes import insert_once


def save_assignment(tx: Connection, report: Report, assignment: Assignment) -> None:
    """Keep which story an article belongs to; the first article of a story gives it its title."""
    story = insert(stories).values(
        id=assignment.story_id,
        title=clean_text(report.title),
        opened_at=report.published_at,
        last_at=report.published_at,
    )
    later = func.greatest(stories.c.last_at, story.excluded.last_at)
    tx.execute(story.on_conflict_do_update(index_elements=["id"], set_={"last_at": later}))
    record = to_json(assignment)
    insert_once(tx, story_members, item_id=assignment.item_id, story_id=assignment.story_id, record=record)


def read_assignment(tx: Connection, item_id: ItemId) -> Assignment:
    """The story of an article that was grouped."""
    row = tx.execute(select(story_members.c.record).where(story_members.c.item_id == item_id)).one()
    return from_json(Assignment, row.record)


def save_development(tx: Connection, development: Development, decided_at: datetime) -> None:
    """Keep the verdict on one article."""
    insert_once(
        tx,
        developments,
        item_id=development.item_id,
        story_id=development.story_id,
        label=development.label.value,
        importance=development.importance,
        decided_at=decided_at,
        record=to_json(development),
    )


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
    rows = tx.execute(
        select(items.c.id, items.c.publisher, duplicates.c.of_item_id)
        .join(story_members, story_members.c.item_id == items.c.id)
        .join(articles, articles.c.item_id == items.c.id)
        .outerjoin(duplicates, duplicates.c.item_id == items.c.id)
        .where(story_members.c.story_id == story_id)
        .order_by(articles.c.published_at, items.c.id)
    )
    return [StoryMember(ItemId(row.id), row.publisher, row.of_item_id) for row in rows]
