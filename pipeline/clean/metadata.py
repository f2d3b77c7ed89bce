"""Title, authors, site name and main image of a page, each from its ranked witnesses."""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml import etree

from pipeline.clean.structured import Json, read_image, read_names, read_text
from pipeline.clean.typography import tidy_line

_SEPARATOR = re.compile(r"\s+[|\-–—·•»:/~]+\s+|\s*\|\s*")
_WORD = re.compile(r"\w+")
_BY = re.compile(
    r"^\s*(?:analysis |opinion |review |words )?(by|von|par|por|di|text by|written by|автор:?)\s+", re.IGNORECASE
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|^\W*$|\d{3,}|^(admin|staff|editor|editors|newsroom|guest|author|user|unknown|null|none)$"
    r"|\b(writer|editor|reporter|correspondent|editor-at-large|contributor|columnist|ph\.? ?d\.?|m\.?d\.)(?!\w)",
    re.IGNORECASE,
)
_SPLIT_NAMES = re.compile(r"\s*(?:,|;|&| and | und | et | y | e |\|)\s*")
_BYLINE_HINT = re.compile(r"(?<![a-z])(byline|author|attribution)(?![a-z])", re.IGNORECASE)
MAX_BYLINE_WORDS = 10
MAX_MARKED_AUTHORS = 3
MAX_TITLE_CHARS = 400
MAX_AUTHORS = 12
ALIKE = 0.5
RELATED = 0.15  # a headline and the other headline that the same editor wrote for search engines


def words_of(text: str) -> frozenset[str]:
    """The lower-case words of a line, to compare two titles."""
    return frozenset(_WORD.findall(text.lower()))


def likeness(left: str, right: str) -> float:
    """Jaccard overlap of the words of two lines, 0..1."""
    a, b = words_of(left), words_of(right)
    return len(a & b) / len(a | b) if a and b else 0.0


def find_site_name(meta: dict[str, str], item: Json, url: str) -> str:
    """og:site_name, the publisher in JSON-LD, application-name, else the host."""
    publisher = read_names(item, "publisher")
    named = meta.get("og:site_name") or (publisher[0] if publisher else "") or meta.get("application-name")
    if named:
        return tidy_line(named).lstrip("@")[:120]
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def find_title(root: etree._Element, meta: dict[str, str], item: Json, site_name: str, hint: str) -> str:
    """The headline without the site's name.

    og:title, the JSON-LD headline, <title> and the feed's title are witnesses; a heading
    of the page that agrees with one of them wins, because it is what a reader sees.
    A heading that no witness supports may be the site's own name and never counts.
    """
    witnesses = [
        strip_site_name(tidy_line(text), site_name)
        for text in (
            meta.get("og:title"),
            read_text(item, "headline"),
            meta.get("twitter:title"),
            _title_tag(root),
            hint,
        )
        if text
    ]
    witnesses = [text for text in witnesses if text and likeness(text, site_name) < 1]
    return _find_heading(root, witnesses, site_name)[:MAX_TITLE_CHARS]


def _find_heading(root: etree._Element, witnesses: list[str], site_name: str) -> str:
    first, second = ([tidy_line(" ".join(map(str, h.itertext()))) for h in root.iter(tag)] for tag in ("h1", "h2"))
    for heading in first + second:
        if 2 < len(heading) <= MAX_TITLE_CHARS and any(likeness(heading, text) > ALIKE for text in witnesses):
            return heading
    own = [heading for heading in first if likeness(heading, site_name) < ALIKE]
    only = [heading for heading in own if len(heading.split()) >= 4]
    if len(only) == 1 and any(likeness(only[0], text) > RELATED for text in witnesses):
        return only[0]
    lone = [heading for heading in own + second if heading and likeness(heading, site_name) < ALIKE]
    return next(iter(witnesses or lone), "")


def _title_tag(root: etree._Element) -> str:
    return tidy_line(root.findtext(".//title") or "")


def strip_site_name(title: str, site_name: str) -> str:
    """The part of a <title> that is the headline: "Bridge opens | Example News" -> "Bridge opens"."""
    parts = [part.strip() for part in _SEPARATOR.split(title) if part.strip()]
    if len(parts) < 2:
        return title
    for edge in (parts[-1], parts[0]):
        if site_name and (likeness(edge, site_name) >= ALIKE or _squash(edge) in _squash(site_name)):
            return _cut(title, edge)
    if " | " in title or (len(parts[-1].split()) <= 3 and len(parts[0].split()) >= 5):
        return max(parts, key=len) if " | " in title else _cut(title, parts[-1])
    return title


def _squash(text: str) -> str:
    return "".join(_WORD.findall(text.lower()))


def _cut(title: str, edge: str) -> str:
    if title.endswith(edge):
        rest = title[: -len(edge)]
    elif title.startswith(edge):
        rest = title[len(edge) :]
    else:
        return title
    return rest.strip(" |-–—·•»:/~\t") or title


def find_authors(root: etree._Element, meta: dict[str, str], item: Json) -> tuple[str, ...]:
    """JSON-LD authors, else meta author, else what the page marks or shows as its byline."""
    names = read_names(item, "author")
    if not names:
        given = (
            meta.get("author")
            or meta.get("article:author")
            or meta.get("parsely-author")
            or meta.get("dc.creator")
            or ""
        )
        names = [given]
    found = _clean_names(names)
    return found or _clean_names(_read_author_elements(root))


def _read_author_elements(root: etree._Element) -> list[str]:
    """rel=author and itemprop=author, else "By Jane Roe" in an element that calls itself a byline."""
    marked = [a for a in root.iter("a") if "author" in (a.get("rel") or "").split()]
    marked = marked or root.findall(".//*[@itemprop='author']")
    names = [_read_words(element) for element in marked[:MAX_MARKED_AUTHORS]]
    if names:
        return names
    lines = (_read_words(element) for element in root.iter("p", "div", "span", "address") if _is_byline(element))
    return list(islice((line for line in lines if _BY.match(line) and line.count(" ") < MAX_BYLINE_WORDS), 1))


def _read_words(element: etree._Element) -> str:
    return tidy_line(" ".join(map(str, element.itertext())))


def _is_byline(element: etree._Element) -> bool:
    return bool(_BYLINE_HINT.search(element.get("class") or "")) and len(element) < MAX_BYLINE_WORDS


def _clean_names(names: list[str]) -> tuple[str, ...]:
    single = [tidy_line(part) for name in names for part in _SPLIT_NAMES.split(_BY.sub("", name))]
    kept = [name for name in single if 2 < len(name) <= 60 and not _NOT_A_NAME.search(name)]
    return tuple(dict.fromkeys(kept))[:MAX_AUTHORS]


def find_image(meta: dict[str, str], item: Json, url: str) -> str:
    """Absolute address of the main image: og:image, JSON-LD, twitter:image."""
    given = meta.get("og:image") or meta.get("og:image:url") or read_image(item) or meta.get("twitter:image") or ""
    try:
        address = urljoin(url, given.strip()) if given else ""
    except ValueError:
        return ""
    return address if address.startswith(("http://", "https://")) else ""
