"""Where the article is: the container that holds the prose, and the blocks of it that are the article."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.clean.blocks import Block, Container, Layout
from pipeline.clean.furniture import may_name_body, names_body
from pipeline.clean.lines import LINK_LINE_SHARE, drop_lines, find_rule
from pipeline.clean.metadata import likeness

_LEAD_HINT = re.compile(
    r"(?<![a-z])(standfirst|dek|deck|sub-?_?title|sub-?_?head(ing|line)?|strap(line)?|lead|lede|intro(duction)?|summary|excerpt"
    r"|abstract|teaser|synopsis|kicker-text|description|chapo|vorspann|entradilla|bajada)(?![a-z])",
    re.IGNORECASE,
)
DOMINANT_SHARE = 0.85  # a container is entered while one child holds this share of its prose
HINTED_SHARE = 0.6  # a container that names itself the article body needs only this much
WHOLE_SHARE = 0.98  # what names itself the body is left only for a child with everything in it
MIN_PARAGRAPH_CHARS = 25
MIN_LEAD_CHARS = 60
MAX_ABOVE_SHARE = 0.15
SAME_TITLE = 0.75
FAIR_SHARE = 0.35
NEAR_TITLE = 40  # blocks between a headline and its text
NEAR_LEAD = 12
MAX_LEAD_WORDS = 70
MIN_BODY_CHARS = 400
MIN_MAIN_CHARS = 800
MAX_LINK_LINE_CHARS = 150
LINK_ONLY_SHARE = 0.8
LINK_LIST_SHARE = 0.4  # "Rankings: Clubs | Players | Coaches"
NARROW_RATIO = 4.0
NARROW_SHARE = 0.35
_PARTIAL = frozenset(("li", "blockquote", "td", "tr"))


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


def find_body(layout: Layout, title: str, lead: str = "") -> Body:
    """The article's blocks; everything else dropped as "outside_body".

    `title` is the headline and `lead` the description in the page's metadata, both to be recognised on the page.
    """
    _weigh_containers(layout)
    first_title = next((i for i, block in enumerate(layout.blocks) if is_title(block, title)), -1)
    start, end = _narrow(layout, *_choose_range(layout, first_title))
    title_at = _find_title(layout.blocks, end, title)
    inside = [block.drop("title") if is_title(block, title) else block for block in layout.blocks[start:end]]
    inside = _trim_edges(drop_lines(_drop_repeated(inside)))
    if start <= title_at < end:
        inside = _drop_above(inside, title_at - start)
    before = _keep_lead(layout, title_at, start, lead, {block.text[:MIN_LEAD_CHARS] for block in inside})
    after = [block.drop("outside_body") for block in layout.blocks[end:]]
    total = sum(map(weigh_block, layout.blocks))
    share = sum(map(weigh_block, inside)) / total if total else 0.0
    return Body(before + inside + after, share, title_at if title_at >= 0 else start)


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
            before[index] = block
            openings.add(opening)
    return before


def _is_lead(block: Block, containers: list[Container], lead: str) -> bool:
    words = block.text.count(" ") + 1
    if block.rule or block.link_share > 0.3 or not 5 <= words <= MAX_LEAD_WORDS or find_rule(block.text):
        return False
    if lead and (likeness(block.text, lead) > SAME_TITLE or lead.startswith(block.text[:60])):
        return True
    hint = containers[block.container].hint if block.container >= 0 else ""
    return bool(_LEAD_HINT.search(f"{block.hint} {hint}")) or (
        words >= 12 and block.tag == "p" and block.text[-1] in ".!?"
    )


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


def _choose_range(layout: Layout, title_at: int) -> tuple[int, int]:
    containers = layout.containers
    if not containers:
        return 0, len(layout.blocks)
    children = _list_children(containers)
    found = _descend(containers, children, 0, title_at)
    hinted = _find_hinted(containers, title_at)
    if hinted >= 0 and _is_better(containers, hinted, found, title_at):
        parts = _list_parts(layout, hinted, title_at)
        if len(parts) > 1:
            return parts[0].start, parts[-1].end
        found = _descend(containers, children, hinted, title_at)
    return containers[found].start, containers[found].end


def _narrow(layout: Layout, start: int, end: int) -> tuple[int, int]:
    """The range cut to the one container that holds its paragraphs directly, where what follows it is scattered.

    An article's paragraphs are siblings; comments, teasers and contact lines sit each in a box of its own.
    """
    direct: dict[int, int] = {}
    for block in layout.blocks[start:end]:
        direct[block.container] = direct.get(block.container, 0) + weigh_block(block)
    if not direct:
        return start, end
    main = max(direct, key=lambda index: direct[index])
    others = [mass for index, mass in direct.items() if index != main]
    model = layout.containers[main] if main >= 0 else None
    if model is None or direct[main] < MIN_MAIN_CHARS or direct[main] < NARROW_RATIO * max(others, default=0):
        return start, end
    if direct[main] < NARROW_SHARE * sum(direct.values()):
        return start, end
    alike = [
        c for c in layout.containers[main:] if c.start < end and c.tag == model.tag and c.hint == model.hint and c.hint
    ]
    return start, max([model.end, *(c.end for c in alike if c.prose_chars)])


def _list_parts(layout: Layout, hinted: int, title_at: int) -> list[Container]:
    """The parts of a body that is cut by advertisements: containers of the same kind under the same headline."""
    model = layout.containers[hinted]
    parts: list[Container] = []
    for container in layout.containers:
        is_alike = container.tag == model.tag and container.hint == model.hint and container.start > title_at
        if not is_alike or (parts and container.start < parts[-1].end):
            continue
        between = layout.blocks[parts[-1].end : container.start] if parts else []
        if any(block.tag == "h1" for block in between):
            if model in parts:
                break
            parts = []
        parts.append(container)
    return parts


def _descend(containers: list[Container], children: list[list[int]], index: int, title_at: int) -> int:
    """Into the child that holds nearly all the prose, for as long as there is one."""
    while True:
        here = containers[index]
        if not here.prose_chars or not children[index]:
            return index
        best = max(children[index], key=lambda i: containers[i].prose_chars)
        own = _find_own_article(containers, children[index], title_at)
        if own >= 0:
            index = own
            continue
        least = HINTED_SHARE if _may_be_body(containers[best]) else DOMINANT_SHARE
        if names_body(here.hint) and here.tag != "body":
            least = WHOLE_SHARE
        if containers[best].prose_chars < least * here.prose_chars:
            return index
        if containers[best].tag in _PARTIAL and containers[best].prose_chars < here.prose_chars:
            return index
        index = best


def _find_own_article(containers: list[Container], siblings: list[int], title_at: int) -> int:
    """Among several <article> one after the other, the one under this page's headline; else the child with the headline
    and half of the prose. -1 where it is not so.
    """
    articles = [i for i in siblings if containers[i].tag == "article" and containers[i].prose_chars >= MIN_BODY_CHARS]
    own = next((i for i in siblings if containers[i].start <= title_at < containers[i].end), -1)
    if own in articles and len(articles) > 1:
        return own
    holds_half = own >= 0 and containers[own].prose_chars > sum(containers[i].prose_chars for i in siblings) / 2
    return own if holds_half else -1


def _may_be_body(container: Container) -> bool:
    return container.tag in ("article", "main") or may_name_body(container.hint)


def _find_hinted(containers: list[Container], title_at: int) -> int:
    """The first container after the headline that names itself the article body and holds a fair share of prose."""
    hinted = [i for i, c in enumerate(containers) if c.prose_chars and names_body(c.hint)]
    most = max((containers[i].prose_chars for i in hinted), default=0)
    fair = [i for i in hinted if containers[i].prose_chars >= FAIR_SHARE * most]
    return next((i for i in fair if containers[i].end > title_at), fair[0] if fair else -1)


def _is_better(containers: list[Container], hinted: int, found: int, title_at: int) -> bool:
    inner, outer = containers[hinted], containers[found]
    if inner.start >= outer.start and inner.end <= outer.end and inner.prose_chars >= FAIR_SHARE * outer.prose_chars:
        return True
    return 0 <= title_at < inner.end and inner.start - title_at < NEAR_TITLE and inner.prose_chars >= MIN_BODY_CHARS


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


def _list_children(containers: list[Container]) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in containers]
    for index, container in enumerate(containers):
        if container.parent >= 0:
            children[container.parent].append(index)
    return children


def _is_link_line(block: Block) -> bool:
    if block.is_heading or len(block.text) >= MAX_LINK_LINE_CHARS:
        return False
    return block.link_share > LINK_ONLY_SHARE or (block.link_share > LINK_LIST_SHARE and block.text.count(" | ") > 1)


def _trim_edges(blocks: list[Block]) -> list[Block]:
    """Link lines anywhere, headings with nothing under them, and labels before the first paragraph go."""
    result = [block.drop("link_line") if _is_link_line(block) else block for block in blocks]
    prose = [i for i, b in enumerate(result) if weigh_block(b) >= MIN_PARAGRAPH_CHARS]
    if not prose:
        return result
    for index in range(prose[-1] + 1, len(result)):
        if result[index].is_heading:
            result[index] = result[index].drop("heading_without_text")
    return result
