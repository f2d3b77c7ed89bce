"""When an article was published, and who says so: JSON-LD, meta tags, the feed, a visible line, the URL; in that order.

Never today's date in a page header, never a date in the body, never the future.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from pipeline.clean.blocks import Block, Layout
from pipeline.clean.dates import find_written_date, is_plausible, parse_when
from pipeline.clean.structured import Json, read_text

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
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?:(?P<sep>[/_-])(?P<m>0?[1-9]|1[0-2]|[a-z]{3})(?P=sep)(?P<d>0?[1-9]|[12]\d|3[01])"
    r"|(?P<m2>0[1-9]|1[0-2])(?P<d2>0[1-9]|[12]\d|3[01]))(?!\d)",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"\b(updated|modified|last|aktualisiert|mis à jour|actualizado|atualizado|aggiornato|обновлено)\b", re.I
)
_PUBLISHED = re.compile(
    r"\b(published|posted|created|veröffentlicht|erstellt|publié|publicado|pubblicato|opublikowan[oy]|опубликовано|yayın\w*)\b",
    re.I,
)
MAX_LINE_WORDS = 24
MAX_LINE_CHARS = 200
LINES_AFTER_TITLE = 30
LINES_BEFORE_TITLE = 6
PROSE_AFTER_TITLE = 2  # paragraphs read into the text: datelines may stand under the standfirst
PROSE_CHARS = 160


@dataclass(frozen=True, slots=True)
class Dateline:
    """A date that the page shows its readers beside the headline."""

    at: datetime
    is_update: bool = False  # labelled "updated"


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


def find_dateline(layout: Layout, title_at: int, now: datetime) -> Dateline | None:
    """The date a reader sees beside the headline: the first that is not labelled as an update, else the first."""
    found = [line for line in _list_datelines(layout, title_at) if is_plausible(line.at, now)]
    return next((line for line in found if not line.is_update), found[0] if found else None)


def _list_datelines(layout: Layout, title_at: int) -> Iterator[Dateline]:
    prose = 0
    for block in layout.blocks[title_at + 1 : title_at + 1 + LINES_AFTER_TITLE]:
        if block.rule not in ("", "byline") and (prose or block.rule != "author_box"):
            continue  # a box under the headline that names author and day; the one under the text is about the author
        line = read_dateline(block.text)
        if line is not None:
            yield line
        prose += len(block.text) >= PROSE_CHARS
        if prose >= PROSE_AFTER_TITLE:
            break
    for block in reversed(layout.blocks[max(0, title_at - LINES_BEFORE_TITLE) : max(0, title_at)]):
        line = read_dateline(block.text) if block.rule in ("", "byline") else None
        if line is not None and not _is_in_page_header(layout, block, title_at):
            yield line


def _is_in_page_header(layout: Layout, block: Block, title_at: int) -> bool:
    """True in a page header that is not the headline's own: there sites print today's date."""
    index = block.container
    while index >= 0:
        outer = layout.containers[index]
        if outer.tag in ("article", "main"):
            return False
        if outer.tag == "header":
            return not outer.start <= title_at < outer.end
        index = outer.parent
    return False


def read_dateline(text: str) -> Dateline | None:
    """The date of a line that is about nothing else: "Posted on March 4, 2024 at 9:41 am."."""
    if len(text) > MAX_LINE_CHARS or text.count(" ") >= MAX_LINE_WORDS:
        return None
    first_update = _UPDATED.search(text)
    when = _find_published(text, first_update.start()) if first_update else None
    if when is not None:
        return Dateline(when)
    when = find_written_date(text)
    return Dateline(when, bool(first_update)) if when else None


def _find_published(text: str, update_at: int) -> datetime | None:
    """The other date of "Published 4 May, updated 5 May" and of "Updated 5 May / Published 4 May" (years left out)."""
    before = find_written_date(text[:update_at])
    label = _PUBLISHED.search(text, update_at)
    return before or (find_written_date(text[label.end() :]) if label else None)


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
    yield from root.iterfind(".//*[@itemprop='datePublished']")
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


def from_url(url: str, now: datetime) -> datetime | None:
    """A full day in the path: /2024/06/25/ or -20240625."""
    path = url.split("://", 1)[-1].split("?", 1)[0]
    for found in _URL_DAY.finditer(path):
        month, day = found["m"] or found["m2"], found["d"] or found["d2"]
        when = find_written_date(f"{found['y']}-{month}-{day}") or find_written_date(f"{day} {month} {found['y']}")
        if when is not None and is_plausible(when, now):
            return when
    return None


def _first_plausible(texts: Iterator[str], now: datetime) -> datetime | None:
    for text in texts:
        when = parse_when(text)
        if when is not None and is_plausible(when, now):
            return when
    return None
