"""Which blocks are the article: those of its container that are no furniture, and the standfirst above it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.clean.blocks import Block, Container, Layout
from pipeline.clean.extent import MIN_PARAGRAPH_CHARS, choose_extent, weigh_block
from pipeline.clean.lines import drop_lines, find_rule
from pipeline.clean.metadata import likeness

_LEAD_HINT = re.compile(
    r"(?<![a-z])(standfirst|dek|deck|sub-?_?title|sub-?_?head(ing|line)?|strap(line)?|lead|lede|intro(duction)?|summary|excerpt"
    r"|abstract|teaser|synopsis|kicker-text|description|chapo|vorspann|entradilla|bajada)(?![a-z])",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{1,3}[.)]\s")
MIN_NUMBERED = 5
_SENTENCE_GAP = re.compile(r"(?<=[.!?”\"])\s+(?=[A-ZÀ-Ž“\"])")
SUMMARY_PLACES = 2
_LEAD_TAGS = frozenset(("p", "h2", "h3", "h4"))
_NAME_LINE = re.compile(r"[A-ZÀ-Ž][a-zà-ž’'-]+( [A-ZÀ-Ž][\w’'.-]*[a-zà-ž.]){1,3}|\d{1,6}")  # or a number of readers
LEAST_LEAD_WORDS = 12
MIN_LEAD_CHARS = 60
MAX_ABOVE_SHARE = 0.15  # of the prose may stand above the headline and be dropped; more, and it is not the headline
SAME_TITLE = 0.75  # likeness of two headlines that are one
NEAR_LEAD = 12  # blocks under the headline in which a standfirst is looked for
MAX_LEAD_WORDS = 70
MAX_LINK_LINE_CHARS = 150
LINK_ONLY_SHARE = 0.8
LINK_LIST_SHARE = 0.4  # "Rankings: Clubs | Players | Coaches"


@dataclass(frozen=True, slots=True)
class Body:
    """All blocks of a page with their fate: the article's are kept."""

    blocks: list[Block]
    title_at: int  # index of the block that is the headline; of the body's first block where there is none


def find_body(layout: Layout, title: str, lead: str = "") -> Body:
    """The article's blocks; everything else dropped as "outside_body".

    `title` is the headline and `lead` the description in the page's metadata, both to be recognised on the page.
    """
    first_title = next((i for i, block in enumerate(layout.blocks) if is_title(block, title)), -1)
    start, end = choose_extent(layout, first_title)
    title_at = _find_title(layout.blocks, end, title)
    inside = [block.drop("title") if is_title(block, title) else block for block in layout.blocks[start:end]]
    inside = _trim_edges(drop_lines(_drop_repeated(inside)))
    if start <= title_at < end:
        inside = _drop_above(inside, title_at - start)
    before = _keep_lead(layout, title_at, start, lead, {block.text[:MIN_LEAD_CHARS] for block in inside})
    after = [block.drop("outside_body") for block in layout.blocks[end:]]
    return Body(_drop_summary(before + inside) + after, title_at if title_at >= 0 else start)


def is_title(block: Block, title: str) -> bool:
    """True for the headline as a block of its own."""
    if not title or len(block.text) > 2 * len(title):
        return False
    return block.text == title or likeness(block.text, title) >= SAME_TITLE


def _find_title(blocks: list[Block], end: int, title: str) -> int:
    """Index of the last headline before the text, -1 for none."""
    found = -1
    for index, block in enumerate(blocks[:end]):
        if is_title(block, title):
            found = index
        elif found >= 0 and weigh_block(block) > MIN_LEAD_CHARS:
            break
    return found


def _keep_lead(layout: Layout, title_at: int, start: int, lead: str, openings: set[str]) -> list[Block]:
    """The blocks before the body: dropped, save for the standfirst between the headline and the body.

    A standfirst that only repeats how a paragraph begins (`openings`) is none.
    """
    before = [block.drop("outside_body") for block in layout.blocks[:start]]
    first = title_at + 1 if title_at >= 0 else start - NEAR_LEAD
    for index in range(max(0, first), min(start, max(0, first) + NEAR_LEAD)):
        block = layout.blocks[index]
        opening = block.text[:MIN_LEAD_CHARS]
        if opening not in openings and _is_lead(block, layout.containers, lead):
            before[index] = replace(block, rule="")
            openings.add(opening)
    return before


def _is_lead(block: Block, containers: list[Container], lead: str) -> bool:
    words = block.text.count(" ") + 1
    if block.link_share > 0.3 or not 5 <= words <= MAX_LEAD_WORDS or find_rule(block.text):
        return False
    is_announced = bool(lead) and (likeness(block.text, lead) > SAME_TITLE or lead.startswith(block.text[:60]))
    if block.rule or is_announced:
        return is_announced and block.rule in ("", "byline")  # some sites print both in one box
    hint = containers[block.container].hint if block.container >= 0 else ""
    return bool(_LEAD_HINT.search(f"{block.hint} {hint}")) or (
        words >= LEAST_LEAD_WORDS and block.tag in _LEAD_TAGS and block.text[-1] in ".!?"
    )


def _drop_above(blocks: list[Block], title_at: int) -> list[Block]:
    """Nothing above the headline is part of the article, as long as little prose stands there."""
    above = sum(map(weigh_block, blocks[:title_at]))
    if above > MAX_ABOVE_SHARE * sum(map(weigh_block, blocks)):
        return blocks
    return [block.drop("above_title") for block in blocks[:title_at]] + blocks[title_at:]


def _drop_repeated(blocks: list[Block]) -> list[Block]:
    """A paragraph that the page prints twice (a summary, a caption under two pictures) counts once."""
    seen: set[str] = set()
    result = []
    for block in blocks:
        is_repeated = len(block.text) >= MIN_LEAD_CHARS and block.text in seen
        result.append(block.drop("repeated") if is_repeated else block)
        if not block.rule:
            seen.add(block.text)
    return result


def _is_link_line(block: Block) -> bool:
    if block.is_heading or len(block.text) >= MAX_LINK_LINE_CHARS:
        return False
    if block.text[-1] == "." and block.text.count(" ") >= LEAST_LEAD_WORDS:
        return False  # headlines have no full stop: a sentence that is a link through and through
    return block.link_share > LINK_ONLY_SHARE or (block.link_share > LINK_LIST_SHARE and block.text.count(" | ") > 1)


def _drop_name(block: Block) -> Block:
    """Dropped where it is nothing but the author's name, or a count, between the headline and the text."""
    is_name = not block.is_heading and _NAME_LINE.fullmatch(block.text)
    return block.drop("byline") if is_name else block


def _drop_summary(blocks: list[Block]) -> list[Block]:
    """An opening block all of whose sentences stand in the text below as well is a summary made from it."""
    kept = [i for i, block in enumerate(blocks) if not block.rule]
    for place, index in enumerate(kept[:SUMMARY_PLACES]):
        sentences = [part for part in _SENTENCE_GAP.split(blocks[index].text) if len(part) >= MIN_LEAD_CHARS]
        below = " ".join(blocks[i].text for i in kept[place + 1 :]) if sentences else ""
        if sentences and all(sentence in below for sentence in sentences):
            return [*blocks[:index], blocks[index].drop("repeated"), *blocks[index + 1 :]]
    return blocks


def _own_numbered(blocks: list[Block]) -> list[Block]:
    """The same blocks, with the lines of a list that the author numbered told apart from links to other pages."""
    numbered = {i for i, block in enumerate(blocks) if not block.rule and _NUMBERED.match(block.text)}
    if len(numbered) < MIN_NUMBERED:
        return blocks
    return [replace(block, link_share=0.0) if i in numbered else block for i, block in enumerate(blocks)]


def _trim_edges(blocks: list[Block]) -> list[Block]:
    """Link lines anywhere, headings with nothing under them, and labels before the first paragraph go."""
    result = [block.drop("link_line") if _is_link_line(block) else block for block in _own_numbered(blocks)]
    prose = [i for i, b in enumerate(result) if weigh_block(b) >= MIN_PARAGRAPH_CHARS]
    if not prose:
        return result
    if not result[prose[0]].rule:
        result[: prose[0]] = map(_drop_name, result[: prose[0]])
    for index in range(prose[-1] + 1, len(result)):
        if result[index].is_heading:
            result[index] = result[index].drop("heading_without_text")
    return result
