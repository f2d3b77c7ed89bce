"""Where the article is: the container that holds the prose, and the blocks of it that are the article."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.clean.blocks import Block, Container, Layout
from pipeline.clean.lines import LINK_LINE_SHARE, drop_lines
from pipeline.clean.metadata import likeness

_BODY_HINT = re.compile(
    r"(?<![a-z])(article-?_?(body|content|text|copy)|articlebody|entry-?_?content|post-?_?(content|body|text)|story-?_?(body|content|text)|"
    r"body-?copy|body-?text|td-post-content|rich-?text|content-?body|main-?content|story|caas-body|page-content|"
    r"single-content|news-?_?(text|body|content)|detail-?(content|text|body))(?![a-z])",
    re.IGNORECASE,
)
DOMINANT_SHARE = 0.85  # a container is entered while one child holds this share of its prose
HINTED_SHARE = 0.6  # a container that names itself the article body needs only this much
MIN_PARAGRAPH_CHARS = 25
MIN_LEAD_CHARS = 60
MAX_ABOVE_SHARE = 0.15
SAME_TITLE = 0.75


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of the chosen container with their fate, and how sure the choice is."""

    blocks: list[Block]  # of the whole page: those outside are dropped as such
    prose_share: float  # 0..1, of the page's prose that is inside
    title_at: int  # index of the block that is the headline; of the body's first block where there is none

    @property
    def text(self) -> str:
        """The kept paragraphs, separated by blank lines."""
        return "\n\n".join(block.text for block in self.blocks if not block.rule)


def weigh_block(block: Block) -> int:
    """How much prose a block holds, in characters outside links."""
    if block.rule or block.is_heading or len(block.text) < MIN_PARAGRAPH_CHARS:
        return 0
    if block.link_share > LINK_LINE_SHARE:
        return 0
    own = int(len(block.text) * (1 - block.link_share))
    if len(block.text) >= 80 or block.text[-1] in ".!?”\"'»…。！？:":
        return own
    return own // 4


def find_body(layout: Layout, title: str) -> Body:
    """The article's blocks; everything else dropped as "outside_body"."""
    _weigh_containers(layout)
    start, end = _choose_range(layout)
    title_at = _find_title(layout.blocks, end, title)
    inside = [block.drop("title") if is_title(block, title) else block for block in layout.blocks[start:end]]
    inside = _trim_edges(drop_lines(inside))
    if start <= title_at < end:
        inside = _drop_above(inside, title_at - start)
    outside = [block.drop("outside_body") for block in layout.blocks]
    total = sum(map(weigh_block, layout.blocks))
    share = sum(map(weigh_block, inside)) / total if total else 0.0
    return Body(outside[:start] + inside + outside[end:], share, title_at if title_at >= 0 else start)


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


def _drop_above(blocks: list[Block], title_at: int) -> list[Block]:
    """Nothing above the headline is part of the article, as long as little prose stands there."""
    above = sum(map(weigh_block, blocks[:title_at]))
    if above > MAX_ABOVE_SHARE * sum(map(weigh_block, blocks)):
        return blocks
    return [block.drop("above_title") for block in blocks[:title_at]] + blocks[title_at:]


def _weigh_containers(layout: Layout) -> None:
    for block in layout.blocks:
        weight = weigh_block(block)
        index = block.container
        while weight and index >= 0:
            layout.containers[index].prose_chars += weight
            index = layout.containers[index].parent


def _choose_range(layout: Layout) -> tuple[int, int]:
    if not layout.containers:
        return 0, len(layout.blocks)
    children = _list_children(layout.containers)
    index = 0
    while True:
        here = layout.containers[index]
        best = max(children[index], key=lambda i: layout.containers[i].prose_chars, default=-1)
        if best < 0 or not here.prose_chars:
            break
        share = layout.containers[best].prose_chars / here.prose_chars
        hinted = _BODY_HINT.search(layout.containers[best].hint) or layout.containers[best].tag in ("article", "main")
        if share < (HINTED_SHARE if hinted else DOMINANT_SHARE):
            break
        if layout.containers[best].tag in ("li", "blockquote", "td") and share < 1:
            break
        index = best
    return layout.containers[index].start, layout.containers[index].end


def _list_children(containers: list[Container]) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in containers]
    for index, container in enumerate(containers):
        if container.parent >= 0:
            children[container.parent].append(index)
    return children


def _trim_edges(blocks: list[Block]) -> list[Block]:
    """Link lines anywhere, headings with nothing under them, and labels before the first paragraph go."""
    result = [b.drop("link_line") if b.link_share > 0.8 and len(b.text) < 150 else b for b in blocks]
    prose = [i for i, b in enumerate(result) if weigh_block(b) >= MIN_PARAGRAPH_CHARS]
    if not prose:
        return result
    for index in range(prose[-1] + 1, len(result)):
        if result[index].is_heading:
            result[index] = result[index].drop("heading_without_text")
    return result
