"""One walk over the tree: furniture aside, text blocks in order, containers as ranges of blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from lxml import etree

from pipeline.clean.blocks import Block, Container, Layout
from pipeline.clean.furniture import SILENT_TAGS, match_element
from pipeline.clean.typography import tidy_line

_INLINE = frozenset(
    ["a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "nobr", "time"]
)
_BOLD = frozenset(("b", "strong"))
_PHRASE = _INLINE - {"span", "time", "small", "data", "font"}  # tags whose class says nothing about furniture
_LEAF = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "pre"))
_LINE_BREAK = "\x1f"
_PARAGRAPH_BREAK = re.compile(
    rf"{_LINE_BREAK}\s*{_LINE_BREAK}[\s{_LINE_BREAK}]*|(?<=[.!?:”\"»…。！？])\s*{_LINE_BREAK}"
)
MAX_DEPTH = 300  # deeper elements are read as plain text; Python's own stack ends at 1,000
MOST_OF_PROSE = 0.4
MIN_PROSE_NODE_CHARS = 60


@dataclass(slots=True)
class _Run:
    """The text collected since the last block boundary."""

    parts: list[str] = field(default_factory=list)
    link_chars: int = 0
    bold_chars: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: what a block that ends here belongs to."""

    tag: str = "body"
    container: int = -1
    rule: str = ""
    depth: int = 0
    in_article: bool = False
    in_link: bool = False
    in_bold: bool = False


def read_hint(element: etree._Element) -> str:
    """Class, id and role of an element as one string of words."""
    name, ident, role = element.get("class"), element.get("id"), element.get("role")
    return " ".join(part for part in (name, ident, role) if part)


def read_layout(root: etree._Element) -> Layout:
    """All blocks and containers of a page's body."""
    etree.strip_elements(root, *SILENT_TAGS - {"head", "meta", "link", "base"}, with_tail=False)
    body = root.find(".//body")
    start = root if body is None else body
    reader = _Reader(_count_prose(start))
    reader.read_block(start, "body", read_hint(start), _Place())
    return reader.layout


def _count_prose(element: etree._Element) -> int:
    """Characters in long text nodes: what a furniture rule is weighed against."""
    return sum(len(text) for text in element.itertext() if len(text) >= MIN_PROSE_NODE_CHARS)


class _Reader:
    """Walks depth first; block-level elements cut the running text into blocks."""

    def __init__(self, prose_chars: int) -> None:
        self.layout = Layout()
        self._prose_chars = prose_chars
        self._run = _Run()

    def read_block(self, element: etree._Element, tag: str, hint: str, outer: _Place) -> None:
        """Cut the running text here, read the element, cut again."""
        self._flush(outer)
        containers, blocks = self.layout.containers, self.layout.blocks
        index = outer.container
        if tag not in _LEAF:
            containers.append(Container(tag, hint, index, len(blocks)))
            index = len(containers) - 1
        in_article = outer.in_article or tag in ("article", "main")
        here = replace(outer, tag=tag, container=index, depth=outer.depth + 1, in_article=in_article)
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
        inner = replace(place, rule=rule) if rule and not place.rule else place
        if tag in _INLINE:
            self._read_inside(
                element,
                replace(
                    inner,
                    rule=place.rule,
                    depth=place.depth + 1,
                    in_link=place.in_link or tag == "a",
                    in_bold=place.in_bold or tag in _BOLD,
                ),
            )
        else:
            self.read_block(element, tag, hint, inner)

    def _match(self, element: etree._Element, tag: str, hint: str, place: _Place) -> tuple[str, bool]:
        if tag in _PHRASE or (tag in _INLINE and place.tag in _LEAF):
            return "", False
        if tag == "header" and place.in_article:
            return "", False
        rule, keeps_blocks = match_element(element, tag, hint)
        if rule and self._holds_most_prose(element):
            return "", False
        return rule, keeps_blocks

    def _holds_most_prose(self, element: etree._Element) -> bool:
        return self._prose_chars > 0 and _count_prose(element) >= MOST_OF_PROSE * self._prose_chars

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
        if place.in_bold:
            run.bold_chars += len(text)

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
                is_bold = run.bold_chars >= 0.9 * len(text)
                self.layout.blocks.append(Block(text, place.tag, share, place.container, place.rule, is_bold))
