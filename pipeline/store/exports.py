"""Judged articles as they went through the rooms: the input of a replay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from pipeline.models import Article, Development
from pipeline.store.codec import from_json
from pipeline.store.tables import articles, developments, items

_TOGETHER = 200  # rows that are read in one go: an archive does not fit into the memory


def read_judged_articles(tx: Connection, since: datetime, until: datetime | None) -> Iterator[dict[str, Any]]:
    """Articles published from `since` on and before `until`, in the order in which the rooms judge them.

    Each with the keys that replay reads, and label, story and because of the answer at the time.
    """
    asked = (
        select(articles.c.record.label("article"), items.c.source_name, items.c.publisher, developments.c.record)
        .join(items, items.c.id == articles.c.item_id)
        .join(developments, developments.c.item_id == articles.c.item_id)
        .where(articles.c.published_at >= since)
        .order_by(articles.c.published_at, articles.c.item_id)
        .execution_options(yield_per=_TOGETHER)
    )
    for row in tx.execute(asked if until is None else asked.where(articles.c.published_at < until)):
        article, development = from_json(Article, row.article), from_json(Development, row.record)
        yield {
            "id": article.item_id,
            "published_at": article.published_at.isoformat(),
            "source": row.source_name,
            "publisher": row.publisher,
            "url": article.url,
            "title": article.title,
            "text": article.text,
            "label": development.label.value,
            "story": development.story_id,
            "because": development.because,
        }
