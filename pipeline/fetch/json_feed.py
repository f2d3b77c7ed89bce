"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

import json
from collections.abc import Mapping
from typing import Any

from pipeline.fetch.dates import parse_feed_date
from pipeline.fetch.found import MAX_ITEMS, Findings, FoundItem
from pipeline.fetch.markup import strip_tags
from pipeline.fetch.scrub import scrub_text
from pipeline.models import FeedHints, SourceKind


def read_json_feed(text: str) -> Findings | None:
    """The items of the feed; None when the text is no JSON or no feed."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return None
    records = [item for item in feed["items"] if isinstance(item, dict)]
    items = tuple(map(_read_item, records[:MAX_ITEMS]))
    unread = max(len(records) - MAX_ITEMS, 0)
    return Findings(SourceKind.JSON_FEED, strip_tags(_text(feed, "title")), items, unread=unread)


def _read_item(item: Mapping[str, Any]) -> FoundItem:
    identity = _text(item, "id")
    link = _text(item, "url") or _text(item, "external_url") or (identity if identity.startswith("http") else "")
    modified_at = parse_feed_date(_text(item, "date_modified"))
    hints = FeedHints(
        title=strip_tags(_text(item, "title")),
        published_at=parse_feed_date(_text(item, "date_published")) or modified_at,
        modified_at=modified_at,
        summary=_text(item, "summary"),
        content=_text(item, "content_html") or _text(item, "content_text"),
        authors=_read_authors(item),
    )
    return FoundItem(link, hints)


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return scrub_text(value).strip() if isinstance(value, str) else ""


def _read_authors(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Version 1.1 has a list, version 1.0 one object."""
    listed = item.get("authors")
    records = listed if isinstance(listed, list) else [item.get("author")]
    names = (strip_tags(_text(record, "name")) for record in records if isinstance(record, dict))
    return tuple(dict.fromkeys(name for name in names if name))
