"""One walk over the tree: furniture aside, text blocks in order, containers as ranges of blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from lxml import etree

from pipeline.clean.blocks import Block, Container, Layout
from pipeline.clean.furniture import SILENT_TAGS, match_element, names_body
from pipeline.clean.rulebook import load_tags
from pipeline.clean.typography import tidy_line

_INLINE = load_tags("inline")
_STRIPPED = SILENT_TAGS - {"title", "meta", "link", "base"}  # what the metadata is read from stays
_PHRASE = _INLINE - {"span", "time", "small", "data", "font"}  # tags whose class says nothing about furniture
_LEAF = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "pre"))
_CELLS = frozenset(("td", "th"))
_TABLE_PARTS = frozenset(("table", "thead", "tbody", "tr", "td", "th"))
_SPACED = frozenset(("a", "span", "time", "small"))
MAX_CELL_CHARS = 120
MAX_CELLS = 30
_LINE_BREAK = "\x1f"
_PARAGRAPH_BREAK = re.compile(
    rf"{_LINE_BREAK}\s*{_LINE_BREAK}[\s{_LINE_BREAK}]*|(?<=[.!?:”\"»…。！？])\s*{_LINE_BREAK}"
)
_RULES_INSIDE_TEXT = frozenset(("hidden", "overlay", "share_widget"))
MAX_DEPTH = 150  # deeper elements are read as plain text; a level takes four of Python's 1,000 frames
MOST_OF_PROSE = 0.4
SOME_PROSE = 0.15
MIN_ARTICLE_CHARS = 300
MIN_PROSE_NODE_CHARS = 50
_LONG_TEXT = etree.XPath(f".//text()[string-length() >= {MIN_PROSE_NODE_CHARS}]")
_EMBEDDED_POST = re.compile(r"twitter-tweet|twitter-video|instagram-media|tiktok-embed|bluesky-embed", re.IGNORECASE)


@dataclass(slots=True)
class _Run:
    """The text collected since the last block boundary."""

    parts: list[str] = field(default_factory=list)
    link_chars: int = 0


class _Place(NamedTuple):
    """Where the walk stands: what a block that ends here belongs to. A tuple, because every element makes one."""

    tag: str = "body"
    container: int = -1
    hint: str = ""
    rule: str = ""
    depth: int = 0
    in_article: bool = False
    in_body: bool = False  # inside a container that names itself the article body
    in_link: bool = False


def read_hint(element: etree._Element) -> str:
    """Class, id, role and itemprop of an element as one string of words."""
    parts = (element.get("class"), element.get("id"), element.get("role"), element.get("itemprop"))
    return " ".join(part for part in parts if part)


def read_layout(root: etree._Element) -> Layout:
    """All blocks and containers of a page's body."""
    etree.strip_elements(root, *_STRIPPED, with_tail=False)
    body = root.find(".//body")
    start = root if body is None else body
    reader = _Reader(_weigh_elements(start), start)
    reader.read_block(start, "body", read_hint(start), _Place())
    return reader.layout


def _touches_another(element: etree._Element) -> bool:
    """True right after another element of the same level, with no text between."""
    before = element.getprevious()
    return before is not None and not before.tail and before.tag in _SPACED


def _is_data_row(cell: etree._Element) -> bool:
    """True for a cell of a row of short cells, which reads as one line; layout tables have long ones."""
    row = cell.getparent()
    if row is None or row.tag != "tr":
        return False
    cells = list(islice(row, MAX_CELLS + 1))  # len(row) counts all of them, for every one of them
    if not 2 <= len(cells) <= MAX_CELLS:
        return False
    texts = ["".join(map(str, other.itertext())).strip() for other in cells]
    return all(len(text) <= MAX_CELL_CHARS for text in texts) and cell.find(".//table") is None


def _is_inline_custom(element: etree._Element, tag: str) -> bool:
    """True for <trusted-source> and the like around a few words: browsers show unknown elements inline."""
    return "-" in tag and all(
        isinstance(inner.tag, str) and inner.tag in _INLINE for inner in element.iterdescendants()
    )


def _is_embedded_post(element: etree._Element, rule: str) -> bool:
    """True around a quoted post: what a person said on a social network is part of the article."""
    if rule not in ("share_widget", "sidebar", "video_player", "caption"):
        return False
    return any(_EMBEDDED_POST.search(quote.get("class") or "") for quote in element.iter("blockquote"))


def _weigh_elements(body: etree._Element) -> dict[etree._Element, int]:
    """Characters of prose, that is of long text nodes outside links, in every element that holds any."""
    weights: dict[etree._Element, int] = {}
    nodes: Any = _LONG_TEXT(body)  # lxml's strings know where they stand; the stubs do not
    for node in nodes:
        length = len(node.strip())
        holder = node.getparent()
        if node.is_tail and holder is not None:
            holder = holder.getparent()
        outer = [] if holder is None else [holder, *holder.iterancestors()]
        if length >= MIN_PROSE_NODE_CHARS and not any(element.tag == "a" for element in outer):
            for element in outer:
                weights[element] = weights.get(element, 0) + length
    return weights


class _Reader:
    """Walks depth first; block-level elements cut the running text into blocks."""

    def __init__(self, weights: dict[etree._Element, int], body: etree._Element) -> None:
        self.layout = Layout()
        self._weights = weights
        self._all_prose = weights.get(body, 0)
        self._run = _Run()
        self._prose_since_h1 = 0

    def read_block(self, element: etree._Element, tag: str, hint: str, outer: _Place) -> None:
        """Cut the running text here, read the element, cut again."""
        self._flush(outer)
        containers, blocks = self.layout.containers, self.layout.blocks
        index = outer.container
        if tag not in _LEAF:
            containers.append(Container(tag, hint, index, len(blocks)))
            index = len(containers) - 1
        in_article = outer.in_article or tag in ("article", "main")
        in_body = outer.in_body or names_body(hint)
        here = outer._replace(
            tag=tag, container=index, hint=hint, depth=outer.depth + 1, in_article=in_article, in_body=in_body
        )
        self._read_inside(element, here)
        self._flush(here)
        if tag not in _LEAF:
            containers[index].end = len(blocks)

    def _read_inside(self, element: etree._Element, place: _Place) -> None:
        self._add(element.text, place)
        for child in element:
            self._visit(child, place)
            self._add(child.tail, place)

    def _visit(self, element: etree._Element, place: _Place) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in SILENT_TAGS:
            return
        if tag == "br":
            self._run.parts.append(_LINE_BREAK)
        elif place.depth >= MAX_DEPTH:
            self._add(" ".join(map(str, element.itertext())), place)
        else:
            self._visit_nested(element, tag, place)

    def _visit_nested(self, element: etree._Element, tag: str, place: _Place) -> None:
        hint = read_hint(element)
        rule, keeps_blocks = self._match(element, tag, hint, place)
        if rule and not keeps_blocks:
            self._drop_whole(element, tag, rule, place)
            return
        inner = place._replace(rule=rule) if rule and not place.rule else place
        if tag in _INLINE or _is_inline_custom(element, tag) or (tag in _CELLS and _is_data_row(element)):
            if tag in _CELLS or (tag in _SPACED and place.tag not in _LEAF and _touches_another(element)):
                self._run.parts.append(" ")  # style sheets part what the markup does not: "<a>Jane Roe</a><time>May 4"
            self._read_inside(
                element,
                place._replace(
                    depth=place.depth + 1,
                    in_link=place.in_link or tag == "a",
                ),
            )
        else:
            self.read_block(element, tag, hint, inner)

    def _match(self, element: etree._Element, tag: str, hint: str, place: _Place) -> tuple[str, bool]:
        if tag in _PHRASE:
            return "", False
        if tag == "header" and (place.in_article or element.find(".//h1") is not None):
            return "", False
        rule, keeps_blocks = match_element(element, tag, hint)
        if tag in _TABLE_PARTS and rule not in ("hidden", "advertisement"):
            return "", False  # a row of results is class="player" because it is about one
        if rule == "hidden" and place.in_body and self._weights.get(element, 0):
            return "", False  # a reader who pays is shown it
        if tag in _INLINE and place.tag in _LEAF and rule not in _RULES_INSIDE_TEXT:
            return "", False
        if rule and (self._holds_article(element, tag) or _is_embedded_post(element, rule)):
            return "", False
        return rule, keeps_blocks

    def _holds_article(self, element: etree._Element, tag: str) -> bool:
        """True for an element that cannot be furniture, whatever its class says, because the article is inside."""
        prose = self._weights.get(element, 0)
        if tag in _INLINE:
            return prose >= MIN_ARTICLE_CHARS
        if prose < SOME_PROSE * self._all_prose or not prose:
            return False
        if element.find(".//*[@itemprop='articleBody']") is not None:
            return True
        # What follows the text of the article is furniture however much there is of it: comments, other articles.
        return prose >= MOST_OF_PROSE * self._all_prose and self._prose_since_h1 < MIN_ARTICLE_CHARS

    def _drop_whole(self, element: etree._Element, tag: str, rule: str, place: _Place) -> None:
        if tag not in _INLINE:
            self._flush(place)
        text = tidy_line(" ".join(map(str, element.itertext())))
        if text:
            self.layout.blocks.append(Block(text, tag, 0.0, place.container, place.rule or rule))

    def _add(self, text: str | None, place: _Place) -> None:
        if not text:
            return
        run = self._run
        run.parts.append(text)
        if place.in_link:
            run.link_chars += len(text)

    def _flush(self, place: _Place) -> None:
        run = self._run
        if not run.parts:
            return
        self._run = _Run()
        raw = "".join(run.parts)
        pieces = _PARAGRAPH_BREAK.split(raw) if _LINE_BREAK in raw else [raw]
        for piece in pieces:
            text = tidy_line(piece.replace(_LINE_BREAK, " "))
            if text:
                share = min(1.0, run.link_chars / len(text))
                self.layout.blocks.append(Block(text, place.tag, share, place.container, place.rule, place.hint))
                self._count_prose(text, place, share)

    def _count_prose(self, text: str, place: _Place, link_share: float) -> None:
        if place.tag == "h1":
            self._prose_since_h1 = 0
        elif len(text) >= MIN_PROSE_NODE_CHARS and link_share < 0.5 and not place.rule:
            self._prose_since_h1 += len(text)
