"""Versions of edited articles: each is an item of its own, which names the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, any_, case, cast, func, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import ARRAY

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
from pipeline.store.codec import from_json, to_json
from pipeline.store.sources import make_item_row
from pipeline.store.tables import articles, items, outcomes, pages
from pipeline.store.writes import insert_once

UNCHANGED = "unchanged"  # the outcome of a version whose text is that of the one before
_TWIN = "twin"
_TELLING = tuple(room for room in Room if room is not Room.ALERT)  # what the alert room says is about messages
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
_SAVE_SAID = text(
    """
    UPDATE items SET hints_key = said.key
    FROM unnest(CAST(:ids AS text[]), CAST(:keys AS text[])) AS said (id, key) WHERE items.id = said.id
    """
)
# As arrays: a folder may hold more files than a statement may have parameters.
_READ_KNOWN = text("SELECT id FROM items WHERE id = ANY(CAST(:ids AS text[]))")
_FIND_FORMER_FILES = text(
    """
    SELECT new.path, min(coalesce(items.version_of, items.id)) AS first, max(items.version) AS version
    FROM items JOIN unnest(CAST(:paths AS text[])) AS new (path) ON split_part(items.canonical_url, '?', 1) = new.path
    WHERE items.source_id = :source_id
    GROUP BY new.path
    """
)


def is_version_of(rows: Any, first: Any) -> ColumnElement[bool]:
    """SQL condition: an item is the first version of an article, or a later one of it."""
    return or_(rows.c.id == first, rows.c.version_of == first)


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


def save_said(tx: Connection, entries: Sequence[Entry]) -> None:
    """Remember what their source says of known articles by now."""
    said = {"ids": [entry.item_id for entry in entries], "keys": [entry.hints_key for entry in entries]}
    tx.execute(_SAVE_SAID, said)


def read_histories(tx: Connection, firsts: Iterable[ItemId]) -> dict[ItemId, PageHistory]:
    """First version -> how often its page was read."""
    ids = any_(cast(list(firsts), ARRAY(Text)))
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
        .where(is_version_of(items, ids))
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


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of an article and how far it came."""

    item_id: ItemId
    version: int
    noticed_at: datetime  # when its source pointed at this text
    outcome: str  # its last one; its label once it was judged; empty while no room has answered
    reason: str
    waiting_for: str | None
    read_after: datetime | None

    @property
    def is_unchanged(self) -> bool:
        """True for a page that was read again for nothing."""
        return self.outcome == UNCHANGED


def read_versions(tx: Connection, item_id: ItemId) -> tuple[VersionLine, ...]:
    """All versions of the article that an item is one of, in order; one alone is listed too."""
    family = select(_FIRST).where(items.c.id == item_id).scalar_subquery()
    order = case({room.value: n for n, room in enumerate(_TELLING)}, value=outcomes.c.room, else_=-1)
    last = (
        select(outcomes.c.outcome, outcomes.c.reason)
        .where(outcomes.c.item_id == items.c.id)
        .order_by(order.desc())
        .limit(1)
        .lateral()
    )
    rows = tx.execute(
        select(items, last.c.outcome, last.c.reason)
        .outerjoin(last, true())
        .where(is_version_of(items, family))
        .order_by(items.c.version)
    )
    return tuple(
        VersionLine(
            item_id=ItemId(row.id),
            version=row.version,
            noticed_at=row.first_seen_at,
            outcome=row.outcome or "",
            reason=row.reason or "",
            waiting_for=row.waiting_for,
            read_after=row.read_after,
        )
        for row in rows
    )


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
    first = wanted.entry.item_id
    version = {
        "id": make_version_id(first, wanted.version),
        "hints_key": "",  # what was said last is kept with the first version
        "version_of": first,
        "version": wanted.version,
        "read_after": wanted.read_after,
    }
    return insert_once(tx, items, **make_item_row(run_id, wanted.entry, wanted.source) | version)


def renew_hints(tx: Connection, item_id: ItemId, entry: Entry) -> None:
    """A page that still waits to be read is read with what its source says now; others stay as they are."""
    waits = (items.c.id == item_id) & (items.c.waiting_for == Room.FETCH.value)
    tx.execute(update(items).where(waits).values(hints=to_json(entry.hints)))


def find_former_files(tx: Connection, source_id: SourceId, paths: Iterable[str]) -> dict[str, tuple[ItemId, int]]:
    """Path -> first version and number of the last one, of those files of a folder that were seen before.

    A path is the identity of a file without the hash of its content.
    """
    rows = tx.execute(_FIND_FORMER_FILES, {"source_id": source_id, "paths": sorted(set(paths))})
    return {row.path: (ItemId(row.first), row.version) for row in rows}


def link_file(tx: Connection, item_id: ItemId, first: ItemId, version: int) -> None:
    """Make a new file of a folder a later version of one that had its path."""
    tx.execute(update(items).where(items.c.id == item_id).values(version_of=first, version=version))


def read_known(tx: Connection, ids: Sequence[ItemId]) -> set[ItemId]:
    """Those of the items that are there."""
    return {ItemId(item_id) for item_id in tx.execute(_READ_KNOWN, {"ids": list(ids)}).scalars()}


def read_earlier_articles(tx: Connection, ids: Sequence[ItemId]) -> Mapping[ItemId, tuple[Article, ...]]:
    """The articles of the versions before each of these items, oldest first; an item without any is left out."""
    if not ids:
        return {}
    known = items.alias("known")
    rows = tx.execute(
        select(items.c.id, articles.c.record)
        .join(known, is_version_of(known, items.c.version_of))
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
