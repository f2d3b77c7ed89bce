"""Found items to entries: addresses resolved and recognised, each article once, no more than asked for."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from pipeline.fetch.found import Findings
from pipeline.fetch.rereading import hash_hints
from pipeline.fetch.scrub import scrub_line, scrub_text
from pipeline.fetch.settings import FetchSettings
from pipeline.fetch.urls import canonicalise_url, resolve_link
from pipeline.models import Entry, FeedHints, Source, SourceKind, make_item_id

ITEMS_PER_ENTRY = 10  # so many are looked at for each entry allowed: a list of one link a million times ends


def make_entries(
    findings: Findings, source: Source, base_url: str, settings: FetchSettings, now: datetime
) -> tuple[tuple[Entry, ...], dict[str, int]]:
    """The entries of one look in the order of the source, and reason -> number of items left out."""
    limit = settings.max_links_per_page if findings.kind is SourceKind.PAGE else settings.max_entries_per_source
    entries: dict[str, Entry] = {}
    refused: Counter[str] = Counter()
    considered = findings.items[: limit * ITEMS_PER_ENTRY]
    if unread := findings.unread + len(findings.items) - len(considered):
        refused["over_limit"] = unread
    for item in considered:
        url = resolve_link(item.link, item.base or base_url) if item.link else None
        canonical_url = canonicalise_url(url) if url is not None else None
        if url is None or canonical_url is None:
            refused["no_link" if not item.link else "bad_link"] += 1
        elif canonical_url in entries:
            refused["listed_twice"] += 1
        elif len(entries) >= limit:
            refused["over_limit"] += 1
        else:
            item_id = make_item_id(canonical_url)
            hints = _scrub_hints(item.hints)
            key = hash_hints(hints)
            entries[canonical_url] = Entry(item_id, source.id, url, canonical_url, hints, now, key)
    return tuple(entries.values()), dict(refused)


def _scrub_hints(hints: FeedHints) -> FeedHints:
    """Whatever a reader left in: escapes of JSON and character references bring any character."""
    return replace(
        hints,
        title=scrub_line(hints.title),
        summary=scrub_text(hints.summary),
        content=scrub_text(hints.content),
        authors=tuple(name for author in hints.authors if (name := scrub_line(author))),
    )
