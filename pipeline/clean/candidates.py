"""Second readings of a page, for when the first one found too little: JSON-LD, the feed's full text, trafilatura.

The layout reading costs a tenth of trafilatura's and is right more often, so the
others are asked only where its quality signals are bad; they compete by how much
prose they hold after the same line rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.clean.blocks import Block
from pipeline.clean.extent import weigh_block
from pipeline.clean.layout import read_layout
from pipeline.clean.lines import LINK_LINE_SHARE, drop_lines
from pipeline.clean.markup import parse_markup
from pipeline.clean.structured import Json, read_article_body
from pipeline.clean.typography import tidy_line

ENOUGH_CHARS = 700  # of prose: a layout reading with this much is not doubted for its length alone
WHOLE_BODY_RATIO = 2.0  # an articleBody with twice the prose says that the layout reading lost most of it
BETTER_RATIO = 1.5  # a second reading must bring this much more prose to win
MIN_CHARS = 300
MAX_TRAFILATURA_CHARS = 1_500_000  # its cost grows with the markup: about 50 ms per 250,000 characters


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of a page's text."""

    name: str
    blocks: list[Block]

    @property
    def prose_chars(self) -> int:
        """Characters of prose that were kept."""
        return sum(map(weigh_block, self.blocks))


def choose_candidate(first: Candidate, markup: str, item: Json, feed_content: str, uses_trafilatura: bool) -> Candidate:
    """`first`, unless its signals are bad and another reading holds clearly more prose."""
    best = first
    for other in _list_others(first, markup, item, feed_content, uses_trafilatura):
        if other.prose_chars >= max(MIN_CHARS, BETTER_RATIO * best.prose_chars):
            best = other
    if best is first:
        return first
    lost = [block.drop("other_reading") for block in first.blocks]
    return Candidate(best.name, best.blocks + [block for block in lost if block.rule != "other_reading"])


def _list_others(
    first: Candidate, markup: str, item: Json, feed_content: str, uses_trafilatura: bool
) -> Iterator[Candidate]:
    structured = Candidate("json_ld", drop_lines([Block(line) for line in read_article_body(item)]))
    if structured.prose_chars >= WHOLE_BODY_RATIO * first.prose_chars:
        yield structured
    if first.prose_chars >= ENOUGH_CHARS:
        return
    root = parse_markup(feed_content) if feed_content else None
    if root is not None:
        yield Candidate("feed", drop_lines(read_layout(root).blocks))
    if uses_trafilatura and first.prose_chars < MIN_CHARS and len(markup) <= MAX_TRAFILATURA_CHARS:
        links = {block.text for block in first.blocks if block.link_share > LINK_LINE_SHARE}
        yield Candidate("trafilatura", drop_lines(_read_with_trafilatura(markup, links)))


def _read_with_trafilatura(markup: str, links: set[str]) -> list[Block]:
    """Its paragraphs; it does not say which lines are links, so those that the layout reading knows are marked."""
    import trafilatura  # here, because loading it costs as much as cleaning thirty pages

    try:
        found = trafilatura.bare_extraction(markup, fast=True, include_comments=False, with_metadata=False)
    except Exception:  # untrusted markup in foreign code: whatever it raises means that it found nothing
        return []
    lines = (getattr(found, "text", "") or "").split("\n")
    tidy = [line.removeprefix("- ") for line in map(tidy_line, lines) if line]
    return [Block(line, link_share=float(line in links), rule="link_line" if line in links else "") for line in tidy]
