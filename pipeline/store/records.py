"""One record per room and item: written once, read whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, delete, select

from pipeline.models import Article, Classification, Duplicate, FetchedPage, ItemId, Rejection, Report
from pipeline.store.codec import clean_text, from_json, to_json
from pipeline.store.packing import pack_text, unpack_text
from pipeline.store.tables import articles, classifications, duplicates, items, page_addresses, pages, rejections
from pipeline.store.writes import insert_all_once, insert_once

T = TypeVar("T")


def save_pages(tx: Connection, arrived: Sequence[FetchedPage]) -> None:
    """Keep pages as they arrived."""
    rows = [
        {
            "item_id": page.item_id,
            "record": to_json(replace(page, html=None)),
            "html": pack_text(page.html) if page.html is not None else None,
            "fetched_at": page.fetched_at,
        }
        for page in arrived
    ]
    insert_all_once(tx, pages, rows)


def claim_addresses(tx: Connection, claims: Sequence[tuple[str, ItemId]]) -> dict[str, ItemId]:
    """Identity -> the item whose page came first under it: the first claim, unless an item has it already."""
    rows = [{"canonical_url": clean_text(url), "item_id": item_id} for url, item_id in claims]
    insert_all_once(tx, page_addresses, rows)
    urls = [row["canonical_url"] for row in rows]
    held = tx.execute(select(page_addresses).where(page_addresses.c.canonical_url.in_(urls)))
    holders = {row.canonical_url: ItemId(row.item_id) for row in held}
    return {url: holders[clean_text(url)] for url, _ in claims}


def read_page_if_kept(tx: Connection, item_id: ItemId) -> FetchedPage | None:
    """The page of an item; None when it was forgotten after its time."""
    row = tx.execute(select(pages.c.record, pages.c.html).where(pages.c.item_id == item_id)).one_or_none()
    return _unpack_page(row) if row else None


def read_page(tx: Connection, item_id: ItemId) -> FetchedPage:
    """The page of an item that passed the front door."""
    return _unpack_page(tx.execute(select(pages.c.record, pages.c.html).where(pages.c.item_id == item_id)).one())


def save_article(tx: Connection, article: Article) -> None:
    """Keep a cleaned article."""
    _save(tx, articles, article, title=clean_text(article.title), published_at=article.published_at)


def read_article(tx: Connection, item_id: ItemId) -> Article:
    """The article of an item that passed cleaning."""
    return _read(tx, articles, Article, item_id)


def save_rejection(tx: Connection, rejection: Rejection) -> None:
    """Keep why a page held no article."""
    _save(tx, rejections, rejection, reason=rejection.reason)


def save_classification(tx: Connection, classification: Classification) -> None:
    """Keep the topics of an article and the version of the model that said so."""
    topics = [match.topic for match in classification.topics]
    _save(tx, classifications, classification, model_version=classification.model_version, topics=topics)


def read_topics(tx: Connection, item_id: ItemId) -> tuple[str, ...]:
    """The topics that an article was given; none when it was not sorted."""
    found = tx.execute(
        select(classifications.c.topics).where(classifications.c.item_id == item_id)
    ).scalar_one_or_none()
    return tuple(found or ())


def save_duplicate(tx: Connection, duplicate: Duplicate) -> None:
    """Keep which article an item repeats."""
    _save(tx, duplicates, duplicate, of_item_id=duplicate.of)


def read_duplicate(tx: Connection, item_id: ItemId) -> Duplicate | None:
    """The earlier article that this one repeats, if it does."""
    return read_if_any(tx, duplicates, Duplicate, item_id)


def read_report(tx: Connection, item_id: ItemId) -> Report:
    """An article as the judging rooms read it."""
    article = read_article(tx, item_id)
    who = tx.execute(select(items.c.source_name, items.c.publisher).where(items.c.id == item_id)).one()
    return Report(
        item_id=item_id,
        published_at=article.published_at,
        source=who.source_name,
        publisher=who.publisher,
        url=article.url,
        title=article.title,
        text=article.text,
    )


def forget_pages(tx: Connection, before: datetime) -> int:
    """Delete the pages of finished items that were fetched before an instant; returns how many went.

    What was made of them stays: article, reasons, dropped blocks.
    """
    finished = select(items.c.id).where(items.c.waiting_for.is_(None))
    return tx.execute(delete(pages).where(pages.c.fetched_at < before, pages.c.item_id.in_(finished))).rowcount


def read_if_any(tx: Connection, table: Table, kind: type[T], item_id: ItemId) -> T | None:
    """The record of an item in a table of records, if there is one."""
    row = tx.execute(select(table.c.record).where(table.c.item_id == item_id)).one_or_none()
    return from_json(kind, row.record) if row else None


def _unpack_page(row: Row[Any, Any]) -> FetchedPage:
    page = from_json(FetchedPage, row.record)
    return replace(page, html=unpack_text(row.html)) if row.html is not None else page


def _read(tx: Connection, table: Table, kind: type[T], item_id: ItemId) -> T:
    return from_json(kind, tx.execute(select(table.c.record).where(table.c.item_id == item_id)).one().record)


def _save(tx: Connection, table: Table, record: Any, **columns: Any) -> None:
    insert_once(tx, table, item_id=record.item_id, record=to_json(record), **columns)
