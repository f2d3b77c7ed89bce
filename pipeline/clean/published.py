"""When an article was published, and who says so: JSON-LD, meta tags, the feed, a visible line, the URL; in that order.

Never today's date in a page header, never a date in the body, never the future.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from pipeline.clean.blocks import Block
from pipeline.clean.dates import find_written_date, is_plausible, parse_when
from pipeline.clean.structured import Json, read_text
from pipeline.models import PublishedFrom

_PUBLISHED_META = (
    "article:published_time", "article:published", "og:article:published_time", "og:published_time", "datepublished",
    "publishdate", "publish_date", "publish-date", "published_time", "published-date", "publication_date",
    "publication-date", "pubdate", "pub_date", "parsely-pub-date", "sailthru.date", "article.published",
    "article_date_original", "originalpublicationdate", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "bt:pubdate", "dc.date.issued", "dcterms.created", "dcterms.issued", "dcterms.date", "dc.date", "dc.date.created",
    "citation_publication_date", "citation_date", "article:created", "datecreated", "date_published", "displaydate",
    "rnews:datepublished", "vr:published_time", "article:publicationdate", "og:pubdate", "date", "ptime", "timestamp",
    "article:publish_date", "created", "eomportal-uuid-date", "prism.publicationdate", "published",
    "og:article:published",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:updated_time", "og:modified_time", "last-modified", "lastmod", "datemodified",
    "article:modified", "modified_time", "dcterms.modified", "article.updated",
)  # fmt: skip
_URL_DAY = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)[/_-]?(?P<m>0?[1-9]|1[0-2]|[a-z]{3})[/_-]?(?P<d>0?[1-9]|[12]\d|3[01])(?!\d)", re.I
)
_UPDATED = re.compile(
    r"\b(updated|modified|last|aktualisiert|mis à jour|actualizado|atualizado|aggiornato|обновлено)\b", re.I
)
MAX_LINE_WORDS = 24
LINES_AFTER_TITLE = 12


@dataclass(frozen=True, slots=True)
class Published:
    """A publication time and the kind of its witness."""

    at: datetime
    said_by: PublishedFrom


def read_meta(root: etree._Element) -> dict[str, str]:
    """Meta tags by lower-case name, property or itemprop; the first of a name counts."""
    found: dict[str, str] = {}
    for tag in root.iter("meta"):
        content = tag.get("content")
        if content:
            for key in ("property", "name", "itemprop", "http-equiv"):
                name = tag.get(key)
                if name:
                    found.setdefault(name.strip().lower(), content.strip())
    return found


def from_structured(item: Json, now: datetime) -> datetime | None:
    """datePublished of the article's JSON-LD object."""
    return _first_plausible((read_text(item, key) for key in ("datePublished", "dateCreated", "uploadDate")), now)


def from_meta(meta: dict[str, str], now: datetime) -> datetime | None:
    """The first publication date among the meta tags, most specific name first."""
    return _first_plausible((meta.get(name, "") for name in _PUBLISHED_META), now)


def find_modified(item: Json, meta: dict[str, str], now: datetime) -> datetime | None:
    """When the publisher says the article was last changed."""
    texts = [read_text(item, "dateModified"), *(meta.get(name, "") for name in _MODIFIED_META)]
    return _first_plausible(iter(texts), now)


def from_elements(root: etree._Element, now: datetime) -> datetime | None:
    """<time datetime> and itemprop=datePublished outside page headers, footers and lists of other articles."""
    texts = (
        element.get("datetime")
        or element.get("content")
        or element.get("title")
        or "".join(map(str, element.itertext()))
        for element in _list_time_elements(root)
    )
    return _first_plausible(texts, now)


def _list_time_elements(root: etree._Element) -> Iterator[etree._Element]:
    marked = [e for e in root.iter() if "datepublished" in (e.get("itemprop") or "").lower()]
    yield from marked[:1]
    times = [e for e in root.iter("time") if not _is_elsewhere(e)]
    yield from (e for e in times if e.get("pubdate") is not None)
    yield from (e for e in times if "updat" not in _hint(e) and "modif" not in _hint(e))


def _hint(element: etree._Element) -> str:
    return f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()


def _is_elsewhere(element: etree._Element) -> bool:
    """True inside a footer, sidebar, navigation, or a page header that is not the article's own."""
    in_header = False
    for outer in element.iterancestors():
        if outer.tag in ("footer", "aside", "nav"):
            return True
        if outer.tag == "header":
            in_header = True
        if outer.tag in ("article", "main"):
            return False
    return in_header


def from_lines(blocks: list[Block], start: int, now: datetime) -> datetime | None:
    """A date that stands alone as a metadata line near the headline; `start` is the index of the headline."""
    updated: datetime | None = None
    for block in blocks[start : start + LINES_AFTER_TITLE]:
        when = read_date_line(block.text)
        if when is None or not is_plausible(when, now):
            continue
        if not _UPDATED.search(block.text):
            return when
        updated = updated or when
    return updated


def read_date_line(text: str) -> datetime | None:
    """The date of a line that is about nothing else: "Posted on September 18, 2023 at 2:17 pm."."""
    if text.count(" ") >= MAX_LINE_WORDS or len(text) > 200:
        return None
    return find_written_date(text)


def from_url(url: str, now: datetime) -> datetime | None:
    """A full day in the path: /2024/06/25/ or -20240625."""
    path = url.split("://", 1)[-1].split("?", 1)[0]
    for found in _URL_DAY.finditer(path):
        when = parse_when(f"{found['y']}-{found['m']:0>2}-{found['d']:0>2}") or find_written_date(
            f"{found['d']} {found['m']} {found['y']}"
        )
        if when is not None and is_plausible(when, now):
            return when
    return None


def _first_plausible(texts: Iterator[str], now: datetime) -> datetime | None:
    for text in texts:
        when = parse_when(text)
        if when is not None and is_plausible(when, now):
            return when
    return None
