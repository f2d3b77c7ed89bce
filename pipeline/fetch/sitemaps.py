"""Sitemaps (sitemaps.org/protocol.html), news sitemaps (Google's extension) and sitemap indexes."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from lxml import etree

from pipeline.fetch.dates import parse_feed_date
from pipeline.fetch.found import MAX_SITEMAP_ITEMS, Findings, FoundItem
from pipeline.fetch.markup import strip_tags
from pipeline.models import FeedHints, SourceKind

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def read_sitemap(root: etree._Element) -> Findings:
    """The pages of a <urlset>, newest first, or the children of a <sitemapindex>."""
    if name_locally(root) == "sitemapindex":
        return Findings(SourceKind.NEWS_SITEMAP, children=tuple(_read_children(root)))
    elements = [element for element in root if name_locally(element) == "url"]
    unread = max(len(elements) - MAX_SITEMAP_ITEMS, 0)
    found = _read_urls(elements[:MAX_SITEMAP_ITEMS])
    items = sorted(found, key=lambda item: item.hints.published_at or LONG_AGO, reverse=True)
    return Findings(SourceKind.NEWS_SITEMAP, _read_publication(root), tuple(items), unread=unread)


def name_locally(element: etree._Element) -> str:
    """The element's name without namespace and prefix, in lower case."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def _read_children(root: etree._Element) -> list[str]:
    """News sitemaps first, then by the date of their last change, newest first."""
    found = [
        fields for child in root if name_locally(child) == "sitemap" and (fields := _read_fields(child)).get("loc")
    ]
    found.sort(key=lambda fields: parse_feed_date(fields.get("lastmod")) or LONG_AGO, reverse=True)
    found.sort(key=lambda fields: "news" not in fields["loc"].lower())
    return [fields["loc"] for fields in found]


def _read_urls(elements: Iterable[etree._Element]) -> Iterator[FoundItem]:
    for element in elements:
        fields = _read_fields(element)
        modified_at = parse_feed_date(fields.get("lastmod"))
        hints = FeedHints(
            title=strip_tags(fields.get("title", "")),
            published_at=parse_feed_date(fields.get("publication_date")) or modified_at,
            modified_at=modified_at,
        )
        yield FoundItem(fields.get("loc", ""), hints)


def _read_fields(element: etree._Element) -> dict[str, str]:
    """Leaf texts by local name, of this element and of its <news:news>; pictures' and videos' own are left out."""
    fields: dict[str, str] = {}
    for child in element:
        if name_locally(child) in ("news", "publication"):
            fields = {**_read_fields(child), **fields}
        elif len(child) == 0:
            fields.setdefault(name_locally(child), (child.text or "").strip())
    return fields


def _read_publication(root: etree._Element) -> str:
    names = (_read_fields(element).get("name", "") for element in root)
    return next((strip_tags(name) for name in names if name), "")
