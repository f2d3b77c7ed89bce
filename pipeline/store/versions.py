"""Versions of edited articles: each is an item of its own, which names the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, text, update

from pipeline.models import (
    Article,
    EarlierVersions,
    Entry,
    ItemId,
    PageHistory,
    Reading,
    Room,
    RunId,
    Source,
    SourceId,
    make_version_id,
)
from pipeline.store.codec import clean_text, from_json, to_json
from pipeline.store.tables import articles, items, outcomes, pages
from pipeline.store.writes import insert_once

UNCHANGED = "unchanged"  # the outcome of a version whose text is that of the one before
_TWIN = "twin"
_FIRST = func.coalesce(items.c.version_of, items.c.id)

# What a source says of an entry that it pointed at itself; of an entry of another source the words differ anyway.
_READ_SAID_OTHERWISE = text(
    """
    SELECT items.id, items.source_id, items.hints_key FROM items
    JOIN unnest(CAST(:ids AS text[]), CAST(:sources AS text[]), CAST(:keys AS text[])) AS said (id, source_id, key)
      ON items.id = said.id AND items.source_id = said.source_id AND items.hints_key <> said.key
    WHERE items.version_of IS NULL
    ORDER BY items.id FOR UPDATE OF items
    """
)


@dataclass(frozen=True, slots=True)
class SaidOtherwise:
    """A known article of which its source says something else by now."""

    source_id: SourceId
    is_edit: bool  # False: what was said before is not known, the article was stored before anybody asked


def read_said_otherwise(tx: Connection, found: Sequence[tuple[Entry, Source]]) -> dict[ItemId, SaidOtherwise]:
    """The known ones of these entries of which the source that found them says something else by now, locked."""
    asked = [(entry, source) for entry, source in found if entry.hints_key]
    wanted = {
        "ids": [entry.item_id for entry, _ in asked],
        "sources": [source.id for _, source in asked],
        "keys": [entry.hints_key for entry, _ in asked],
    }
    rows = tx.execute(_READ_SAID_OTHERWISE, wanted)
    return {ItemId(row.id): SaidOtherwise(SourceId(row.source_id), bool(row.hints_key)) for row in rows}


def save_said(tx: Connection, entry: Entry) -> None:
    """Remember what its source says of a known article by now."""
    tx.execute(update(items).where(items.c.id == entry.item_id).values(hints_key=entry.hints_key))


def read_histories(tx: Connection, firsts: Iterable[ItemId]) -> dict[ItemId, PageHistory]:
    """First version -> how often its page was read."""
    ids = list(firsts)
    rows = tx.execute(
        select(
            _FIRST.label("first"),
            items,
            outcomes.c.outcome,
            articles.c.published_at,
            func.coalesce(pages.c.fetched_at, items.c.read_after, items.c.first_seen_at).label("read_at"),
        )
        .outerjoin(outcomes, (outcomes.c.item_id == items.c.id) & outcomes.c.outcome.in_((UNCHANGED, _TWIN)))
        .outerjoin(articles, articles.c.item_id == items.c.id)
        .outerjoin(pages, pages.c.item_id == items.c.id)
        .where(or_(items.c.id.in_(ids), items.c.version_of.in_(ids)))
        .order_by(items.c.version)
    )
    readings: defaultdict[ItemId, list[Reading]] = defaultdict(list)
    published: dict[ItemId, datetime] = {}
    twins = set()
    for row in rows:
        room = Room(row.waiting_for) if row.waiting_for else None
        reading = Reading(ItemId(row.id), row.version, row.read_at, room, row.outcome == UNCHANGED)
        readings[row.first].append(reading)
        published.setdefault(row.first, row.published_at or row.first_seen_at)
        twins |= {row.first} if row.outcome == _TWIN else set()
    return {first: PageHistory(tuple(readings[first]), published[first], first in twins) for first in readings}


def read_edited_at(tx: Connection, item_id: ItemId) -> datetime | None:
    """When the source of a later version was seen to have changed; None for a first version."""
    edited = select(items.c.first_seen_at).where(items.c.id == item_id, items.c.version > 1)
    at: datetime | None = tx.execute(edited).scalar_one_or_none()
    return at


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A page that is to be read again."""

    entry: Entry  # as its source lists it now
    source: Source
    version: int
    read_after: datetime


def open_version(tx: Connection, run_id: RunId, wanted: NewVersion) -> bool:
    """Let a page wait to be read again; False when that version is there already."""
    entry, source = wanted.entry, wanted.source
    return insert_once(
        tx,
        items,
        id=make_version_id(entry.item_id, wanted.version),
        source_id=source.id,
        source_name=clean_text(source.name),
        publisher=clean_text(source.publisher),
        url=clean_text(entry.url),
        canonical_url=clean_text(entry.canonical_url),
        hints=to_json(entry.hints),
        first_seen_at=entry.first_seen_at,
        first_run_id=run_id,
        waiting_for=Room.FETCH.value,
        version_of=entry.item_id,
        version=wanted.version,
        read_after=wanted.read_after,
    )


def renew_hints(tx: Connection, item_id: ItemId, entry: Entry) -> None:
    """A page that still waits to be read is read with what its source says now; others stay as they are."""
    waits = (items.c.id == item_id) & (items.c.waiting_for == Room.FETCH.value)
    tx.execute(update(items).where(waits).values(hints=to_json(entry.hints)))


def link_files(tx: Connection, source_id: SourceId, files: Mapping[ItemId, str]) -> int:
    """Make new files of a folder (item -> path) later versions of those that had their path; returns how many are.

    A path is the identity of a file without the hash of its content.
    """
    former = _find_former_files(tx, source_id, files)
    for item_id, path in files.items():
        if path in former:
            first, last = former[path]
            tx.execute(update(items).where(items.c.id == item_id).values(version_of=first, version=last + 1))
    return sum(path in former for path in files.values())


def _find_former_files(tx: Connection, source_id: SourceId, new: Mapping[ItemId, str]) -> dict[str, tuple[ItemId, int]]:
    """Path -> first version and number of the last one."""
    path = func.split_part(items.c.canonical_url, "?", 1)
    rows = tx.execute(
        select(path.label("path"), func.min(_FIRST).label("first"), func.max(items.c.version).label("version"))
        .where(items.c.source_id == source_id, path.in_(set(new.values())), items.c.id.not_in(list(new)))
        .group_by(path)
    )
    return {row.path: (ItemId(row.first), row.version) for row in rows}


def read_known(tx: Connection, ids: Sequence[ItemId]) -> set[ItemId]:
    """Those of the items that are there."""
    return {ItemId(item_id) for item_id in tx.execute(select(items.c.id).where(items.c.id.in_(ids))).scalars()}


def read_earlier_articles(tx: Connection, ids: Sequence[ItemId]) -> Mapping[ItemId, tuple[Article, ...]]:
    """The articles of the versions before each of these items, oldest first; an item without any is left out."""
    if not ids:
        return {}
    known = items.alias("known")
    rows = tx.execute(
        select(items.c.id, articles.c.record)
        .join(known, or_(known.c.id == items.c.version_of, known.c.version_of == items.c.version_of))
        .join(articles, articles.c.item_id == known.c.id)
        .where(items.c.id.in_(ids), items.c.version_of.is_not(None), known.c.version < items.c.version)
        .order_by(known.c.version)
    )
    earlier: defaultdict[ItemId, tuple[Article, ...]] = defaultdict(tuple)
    for row in rows:
        earlier[ItemId(row.id)] += (from_json(Article, row.record),)
    return earlier


def make_earlier(earlier: Sequence[Article]) -> EarlierVersions:
    """What an article said before, as the judging rooms read it."""
    return EarlierVersions(tuple(each.item_id for each in earlier), earlier[-1].title, earlier[-1].text)
