"""Small sources, entries and feeds for the front door's tests."""

from __future__ import annotations

import html
from datetime import UTC, datetime

from pipeline.fetch import FetchSettings, canonicalise_url, check_sources, fetch_pages
from pipeline.models import (
    Entry,
    FeedHints,
    FetchedPage,
    FetchFailure,
    Source,
    SourceCheck,
    SourceId,
    SourceKind,
    UnchangedPage,
    make_item_id,
)
from tests.fetch.hostile_server import HostileServer

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


def make_source(address: str, kind: SourceKind = SourceKind.RSS, name: str = "") -> Source:
    name = name or address
    return Source(SourceId(name), name, name, kind, address)


def make_entry(url: str, **hints: str) -> Entry:
    canonical_url = canonicalise_url(url) or url
    return Entry(make_item_id(canonical_url), SourceId("s"), url, canonical_url, FeedHints(**hints), NOW)  # type: ignore[arg-type]


def make_rss(*links: str, title: str = "Harbour Gazette") -> str:
    items = "".join(
        f"<item><title>About {html.escape(link)}</title><link>{html.escape(link)}</link></item>" for link in links
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'


def check_one(source: Source, settings: FetchSettings) -> SourceCheck:
    (checked,) = check_sources([source], {}, settings, NOW)
    return checked


def check_among_good(server: HostileServer, source: Source, settings: FetchSettings) -> SourceCheck:
    """The check of one bad source; asserts a reason, and that the good ones on another host arrived."""
    server.serve("/good.xml", make_rss("/good/1", "/good/2"))
    server.serve("/fine.xml", make_rss("/fine/1"))
    good, fine = (make_source(f"http://localhost:{server.port}{path}") for path in ("/good.xml", "/fine.xml"))
    first, checked, last = check_sources([good, source, fine], {}, settings, NOW)
    assert (first.outcome, len(first.entries)) == ("ok", 2)
    assert (last.outcome, len(last.entries)) == ("ok", 1)
    assert checked.source_id == source.id
    assert checked.reason or checked.outcome == "ok"
    return checked


def fetch_among_good(server: HostileServer, entry: Entry, settings: FetchSettings) -> FetchedPage | FetchFailure:
    """The answer for one bad page; asserts that the good ones around it, on another host, arrived."""
    server.serve("/good/1", "<html><body><p>The first good page.</p></body></html>")
    server.serve("/good/2", "<html><body><p>The second good page.</p></body></html>")
    good = [make_entry(f"http://localhost:{server.port}{path}") for path in ("/good/1", "/good/2")]
    first, answer, last = fetch_pages([good[0], entry, good[1]], settings, NOW)
    assert isinstance(first, FetchedPage)
    assert isinstance(last, FetchedPage)
    assert answer.item_id == entry.item_id
    assert not isinstance(answer, UnchangedPage)
    assert isinstance(answer, FetchedPage) or answer.detail
    return answer
