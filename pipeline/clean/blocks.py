"""The flat picture of a page that every later decision reads: text blocks in order, and the containers around them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.models import Dropped


@dataclass(slots=True)
class Container:
    """A block-level element of the page as a range of blocks: `blocks[start:end]` are inside it."""

    tag: str
    hint: str  # class, id and role words
    parent: int  # index of the container around it, -1 for the outermost
    start: int
    end: int = -1
    prose_chars: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """One run of text between two block-level boundaries. `rule` names what dropped it, empty while it is kept."""

    text: str
    tag: str = "p"  # p, li, h1..h6, td, blockquote, pre, time, ...
    link_share: float = 0.0  # 0..1, characters inside links
    container: int = -1
    rule: str = ""
    hint: str = ""  # class and id words of the paragraph or heading itself

    @property
    def is_heading(self) -> bool:
        """True for h1 to h6."""
        return len(self.tag) == 2 and self.tag[0] == "h" and self.tag[1].isdigit()

    def drop(self, rule: str) -> Block:
        """The same block, dropped by `rule`; the first rule that drops a block keeps the credit."""
        if self.rule:
            return self
        return Block(self.text, self.tag, self.link_share, self.container, rule, self.hint)


@dataclass(slots=True)
class Layout:
    """All blocks of a page in reading order with their containers."""

    blocks: list[Block] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)


MAX_DROPPED = 300  # blocks kept for `wirewatch why`
MAX_DROPPED_CHARS = 500  # of each


def list_dropped(blocks: list[Block]) -> tuple[Dropped, ...]:
    """What was taken out, in reading order, bounded in number and length."""
    dropped = (Dropped(block.text[:MAX_DROPPED_CHARS], block.rule) for block in blocks if block.rule and block.text)
    return tuple(item for item, _ in zip(dropped, range(MAX_DROPPED), strict=False))
