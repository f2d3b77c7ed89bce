"""Where the article begins and ends on a page: which container holds it, as a range of blocks."""

from __future__ import annotations

from pipeline.clean.blocks import Block, Container, Layout
from pipeline.clean.furniture import may_name_body, names_body
from pipeline.clean.lines import LINK_LINE_SHARE

DOMINANT_SHARE = 0.85  # a container is entered while one child holds this share of its prose
HINTED_SHARE = 0.6  # a container that names itself the article body needs only this much
WHOLE_SHARE = 0.98  # what names itself the body is left only for a child with everything in it
MIN_PARAGRAPH_CHARS = 25
FAIR_SHARE = 0.35  # of the largest such prose: less is a teaser in the article's own clothes
NEAR_TITLE = 40  # blocks between a headline and its text
MIN_BODY_CHARS = 400
MIN_MAIN_CHARS = 800
NARROW_RATIO = 4.0  # the container of the paragraphs against the next largest
NARROW_SHARE = 0.35  # of all prose in the range
_PARTIAL = frozenset(("li", "blockquote", "td", "tr"))


def choose_extent(layout: Layout, title_at: int) -> tuple[int, int]:
    """(start, end) of the article among the blocks; `title_at` is the index of the headline, -1 for none."""
    _weigh_containers(layout)
    return _narrow(layout, *_choose_range(layout, title_at))


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


def _list_children(containers: list[Container]) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in containers]
    for index, container in enumerate(containers):
        if container.parent >= 0:
            children[container.parent].append(index)
    return children
