"""The line rules at work: which blocks of a body are furniture by what they say."""

from __future__ import annotations

from pipeline.clean.blocks import Block
from pipeline.clean.rulebook import LineRule, load_line_rules

MAX_RULE_CHARS = 700  # longer blocks are prose; also bounds the work of the patterns
LINK_LINE_SHARE = 0.6
MIN_TAIL_PROSE_SHARE = 0.35  # more prose than this after an "end of article" line: it was not the end
PROSE_WORDS = 18


def find_rule(text: str) -> LineRule | None:
    """The first rule that matches a line from its start, or None."""
    if len(text) > MAX_RULE_CHARS:
        return None
    words, small = text.count(" ") + 1, text.lower()
    for rule in load_line_rules():
        if words <= rule.max_words and rule.matches(text, small):
            return rule
    return None


def is_prose(block: Block) -> bool:
    """True for a kept block that reads like a sentence of an article rather than a label or a link."""
    if block.rule or block.link_share > LINK_LINE_SHARE or block.is_heading:
        return False
    return block.text.count(" ") + 1 >= PROSE_WORDS or (len(block.text) > 60 and not block.text.isascii())


def drop_lines(blocks: list[Block]) -> list[Block]:
    """The same blocks, with the furniture among them dropped."""
    matches = [None if block.rule else find_rule(block.text) for block in blocks]
    prose = [index for index, block in enumerate(blocks) if is_prose(block) and not matches[index]]
    first, last = (prose[0], prose[-1]) if prose else (0, len(blocks))
    result = list(blocks)
    for index, rule in enumerate(matches):
        if rule is None or (rule.at_edge and first < index < last):
            continue
        result[index] = result[index].drop(rule.name)
        if rule.takes_links:
            _drop_hanging_links(result, matches, index + 1, rule.name)
        if rule.ends_article and _is_end(result, matches, index):
            return result[: index + 1] + [block.drop(rule.name) for block in result[index + 1 :]]
    return result


def _drop_hanging_links(blocks: list[Block], matches: list[LineRule | None], start: int, rule: str) -> None:
    for index in range(start, len(blocks)):
        if blocks[index].link_share < LINK_LINE_SHARE and not blocks[index].rule:
            return
        blocks[index] = blocks[index].drop(rule)


def _is_end(blocks: list[Block], matches: list[LineRule | None], index: int) -> bool:
    """True when little of the prose comes after this line."""
    sizes = [len(b.text) if is_prose(b) and not m else 0 for b, m in zip(blocks, matches, strict=True)]
    return sum(sizes[index + 1 :]) <= MIN_TAIL_PROSE_SHARE * sum(sizes)
