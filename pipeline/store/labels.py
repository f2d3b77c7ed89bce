"""What readers said about articles: their topics, who said so and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, desc, func, select
from sqlalchemy.dialects.postgresql import insert

from pipeline.models import Article, ItemId, StoryId
from pipeline.store.codec import clean_text, from_json
from pipeline.store.tables import articles, items, story_members, topic_labels


class LabelSource(StrEnum):
    """How a label was given."""

    TERMINAL = "terminal"
    REACTION = "reaction"  # to a message in Slack


@dataclass(frozen=True, slots=True)
class TopicLabel:
    """All topics of an article as a reader sees it; an empty tuple means that none fits."""

    item_id: ItemId
    topics: tuple[str, ...]
    labelled_at: datetime
    labelled_by: str
    source: LabelSource


@dataclass(frozen=True, slots=True)
class LabelledArticle:
    """A label with the text it is about, and its story where there is one."""

    label: TopicLabel
    title: str
    text: str
    story_id: StoryId | None


def save_label(tx: Connection, label: TopicLabel) -> None:
    """Keep a label, in place of an earlier one of the same article."""
    values = {
        "topics": sorted(set(label.topics)),
        "labelled_at": label.labelled_at,
        "labelled_by": clean_text(label.labelled_by),
        "source": label.source.value,
    }
    row = insert(topic_labels).values(item_id=label.item_id, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["item_id"], set_=values))


def read_label(tx: Connection, item_id: ItemId) -> TopicLabel | None:
    """The label of an article, if it has one."""
    row = tx.execute(select(topic_labels).where(topic_labels.c.item_id == item_id)).one_or_none()
    if row is None:
        return None
    return TopicLabel(item_id, tuple(row.topics), row.labelled_at, row.labelled_by, LabelSource(row.source))


def forget_label(tx: Connection, item_id: ItemId) -> None:
    """Take a label back."""
    tx.execute(delete(topic_labels).where(topic_labels.c.item_id == item_id))


def count_labels(tx: Connection, since: datetime | None = None) -> int:
    """How many articles are labelled, or were since an instant."""
    query = select(func.count()).select_from(topic_labels)
    return int(tx.execute(query if since is None else query.where(topic_labels.c.labelled_at > since)).scalar_one())


def read_labelled_articles(tx: Connection) -> list[LabelledArticle]:
    """Every label with its article, in a fixed order."""
    rows = tx.execute(
        select(topic_labels, articles.c.record, story_members.c.story_id)
        .join(articles, articles.c.item_id == topic_labels.c.item_id)
        .outerjoin(story_members, story_members.c.item_id == topic_labels.c.item_id)
        .order_by(topic_labels.c.item_id)
    )
    found = []
    for row in rows:
        article = from_json(Article, row.record)
        label = TopicLabel(
            article.item_id, tuple(row.topics), row.labelled_at, row.labelled_by, LabelSource(row.source)
        )
        found.append(LabelledArticle(label, article.title, article.text, row.story_id))
    return found


def read_unlabelled_articles(tx: Connection, limit: int) -> Sequence[tuple[Article, StoryId | None]]:
    """The newest articles that nobody has labelled, with their stories."""
    rows = tx.execute(
        select(articles.c.record, story_members.c.story_id)
        .outerjoin(topic_labels, topic_labels.c.item_id == articles.c.item_id)
        .outerjoin(story_members, story_members.c.item_id == articles.c.item_id)
        .join(items, (items.c.id == articles.c.item_id) & (items.c.version == 1))
        .where(topic_labels.c.item_id.is_(None))
        .order_by(desc(articles.c.published_at), articles.c.item_id)
        .limit(limit)
    )
    return [(from_json(Article, row.record), row.story_id) for row in rows]
