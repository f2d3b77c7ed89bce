"""schema.org JSON-LD of a page: the object that describes the article, if one does (https://schema.org/Article)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from pipeline.clean.typography import tidy_line

MAX_JSON_CHARS = 2_000_000
MAX_OBJECTS = 2_000
_ARTICLE_TYPE = re.compile(r"(Article|BlogPosting|Report|Posting|Review|Recipe|LiveBlog|Question|Claim)", re.IGNORECASE)
_NOISE = re.compile(r"^\s*(<!\[CDATA\[|//\s*<!\[CDATA\[|<!--)|(//\s*\]\]>|\]\]>|-->)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_MARKUP = re.compile(r"<[^>]{1,400}>")

Json = dict[str, Any]


def read_structured(root: etree._Element) -> list[Json]:
    """Every JSON-LD object of the page, outer before inner; broken scripts are left out."""
    objects: list[Json] = []
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            objects.extend(_walk(_parse(script.text), MAX_OBJECTS - len(objects)))
    return objects


def find_article(objects: list[Json], title_words: frozenset[str]) -> Json:
    """The object that describes this article: of an article type, its headline nearest to the page's; {} for none."""
    found = [item for item in objects if _ARTICLE_TYPE.search(_type_of(item))]
    if not found:
        found = [item for item in objects if item.get("datePublished") and item.get("headline")]
    return max(found, key=lambda item: _likeness(item, title_words), default={})


def _likeness(item: Json, title_words: frozenset[str]) -> tuple[float, bool]:
    words = frozenset(read_text(item, "headline", "name").lower().split())
    overlap = len(words & title_words) / max(1, len(words | title_words))
    return (overlap, bool(item.get("datePublished")))


def read_text(item: Json, *keys: str) -> str:
    """The first key that holds text, as one tidy line without markup."""
    for key in keys:
        value = item.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("@value") or value.get("name")
        if isinstance(value, str) and value.strip():
            return tidy_line(_MARKUP.sub("", html.unescape(value)))
    return ""


def read_article_body(item: Json) -> list[str]:
    """The paragraphs of articleBody; one paragraph where the publisher lost the line breaks."""
    value = item.get("articleBody")
    if not isinstance(value, str):
        return []
    text = html.unescape(value)
    if "<p" in text.lower() or "<br" in text.lower():
        text = re.sub(r"(?i)<(p|br|div|h\d|li)\b[^>]{0,400}>", "\n", text)
    lines = _MARKUP.sub("", text).split("\n")
    return [line for line in map(tidy_line, lines) if line]


def read_names(item: Json, key: str) -> list[str]:
    """Names of the people or organisations under a key, in order."""
    value = item.get(key)
    names: list[str] = []
    for entry in value if isinstance(value, list) else [value]:
        name = entry.get("name") if isinstance(entry, dict) else entry
        names.extend(map(str, name) if isinstance(name, list) else [name] if isinstance(name, str) else [])
    return [tidy_line(html.unescape(name)) for name in names]


def read_image(item: Json) -> str:
    """The address of the main image, as given."""
    value = item.get("image")
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
    while isinstance(value, list) and value:
        value = value[0]
    return value.strip() if isinstance(value, str) else ""


def _type_of(item: Json) -> str:
    value = item.get("@type")
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _parse(text: str) -> object:
    if len(text) > MAX_JSON_CHARS:
        return None
    clean = _NOISE.sub("", text.strip()).strip()
    try:
        return json.loads(clean, strict=False)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_TRAILING_COMMA.sub(r"\1", clean).rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _walk(value: object, budget: int) -> Iterator[Json]:
    queue = [value]
    for _ in range(max(0, budget) * 10):
        if not queue:
            return
        item = queue.pop(0)
        if isinstance(item, dict):
            yield item
            queue.extend(inner for inner in item.values() if isinstance(inner, dict | list))
        elif isinstance(item, list):
            queue.extend(inner for inner in item if isinstance(inner, dict | list))
