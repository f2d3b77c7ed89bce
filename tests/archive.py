"""Articles in a store, as the walk leaves them, without walking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from pipeline.models import Article, ItemId, PublishedFrom, RunId, make_item_id
from pipeline.store.database import Transaction
from pipeline.store.records import save_article
from pipeline.store.runs import start_run
from pipeline.store.tables import items

MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
RUN = RunId("archive")


def store_article(tx: Transaction, number: int, title: str, text: str) -> ItemId:
    """The article of an item of its own, `number` minutes after MORNING."""
    url = f"https://quay.example/{number}"
    item_id = make_item_id(url)
    start_run(tx, RUN, MORNING, False, started_at=MORNING)
    tx.execute(
        insert(items).values(
            id=item_id,
            source_id="quay",
            source_name="Quay News",
            publisher="Quay News",
            url=url,
            canonical_url=url,
            hints={},
            first_seen_at=MORNING,
            first_run_id=RUN,
        )
    )
    published_at = MORNING + timedelta(minutes=number)
    save_article(tx, Article(item_id, url, title, text, published_at, PublishedFrom.META))
    return item_id
