"""One record per room and item: written once, read whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, delete, select

from pipeline.models import (
    Article,
    Assignment,
    Classification,
    Duplicate,
    EarlierVersions,
    FetchedPage,
    ItemId,
    Rejection,
    Report,
)
from pipeline.store.codec import clean_text, from_json, to_json
from pipeline.store.packing import pack_text, unpack_text
from pipeline.store.tables import (
    articles,
    classifications,
    duplicates,
    items,
    page_addresses,
    pages,
    rejections,
    story_members,
)
from pipeline.store.versions import is_version_of, make_earlier, read_earlier_articles
from pipeline.store.writes import insert_all_once, insert_lot_once, insert_once

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


def read_last_page(tx: Connection, first_id: ItemId, before: ItemId) -> FetchedPage | None:
    """The newest page that an article was read from, but for the version `before`; None when it was forgotten."""
    row = tx.execute(
        select(pages.c.record, pages.c.html)
        .join(items, items.c.id == pages.c.item_id)
        .where(is_version_of(items, first_id), items.c.id != before)
        .order_by(items.c.version.desc())
        .limit(1)
    ).one_or_none()
    return _unpack_page(row) if row else None


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
    save_duplicates(tx, [duplicate])


def save_duplicates(tx: Connection, found: Sequence[Duplicate]) -> None:
    """The same of many items."""
    rows = [{"item_id": each.item_id, "of_item_id": each.of, "record": to_json(each)} for each in found]
    insert_lot_once(tx, duplicates, rows)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What the judging rooms are to judge an item by, as it lies in the store: read in lots, opened one by one."""

    article: Any
    source_name: str
    publisher: str
    duplicate: Any  # none: the article is no copy, or has not been asked
    assignment: Any  # none: it was not grouped yet
    earlier: EarlierVersions | None = None

    def open_report(self) -> Report:
        """The article as the judging rooms read it."""
        article = from_json(Article, self.article)
        return Report(
            item_id=article.item_id,
            published_at=article.published_at,
            source=self.source_name,
            publisher=self.publisher,
            url=article.url,
            title=article.title,
            text=article.text,
            earlier=self.earlier,
        )

    def open_duplicate(self) -> Duplicate | None:
        """The earlier article that this one repeats, if it does."""
        return from_json(Duplicate, self.duplicate) if self.duplicate else None

    def open_assignment(self) -> Assignment:
        """The story of an article that was grouped."""
        return from_json(Assignment, self.assignment)


def read_case_files(tx: Connection, ids: Sequence[ItemId]) -> dict[ItemId, CaseFile]:
    """What is known of articles that wait for a judging room."""
    rows = tx.execute(
        select(
            items.c.id,
            articles.c.record.label("article"),
            items.c.source_name,
            items.c.publisher,
            items.c.version_of,
            duplicates.c.record.label("duplicate"),
            story_members.c.record.label("assignment"),
        )
        .join(articles, articles.c.item_id == items.c.id)
        .outerjoin(duplicates, duplicates.c.item_id == items.c.id)
        .outerjoin(story_members, story_members.c.item_id == items.c.id)
        .where(items.c.id.in_(ids))
    ).all()
    edited = [ItemId(row.id) for row in rows if row.version_of]
    earlier = {item_id: make_earlier(said) for item_id, said in read_earlier_articles(tx, edited).items()}
    return {
        ItemId(row.id): CaseFile(
            row.article, row.source_name, row.publisher, row.duplicate, row.assignment, earlier.get(row.id)
        )
        for row in rows
    }


def read_report(tx: Connection, item_id: ItemId) -> Report:
    """An article as the judging rooms read it."""
    return read_case_files(tx, [item_id])[item_id].open_report()


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
