"""Plain text pages: .txt files and mail digests. No tags to go by, only lines and their order."""

from __future__ import annotations

import re
from datetime import datetime

from pipeline.clean.blocks import Block
from pipeline.clean.dates import is_plausible
from pipeline.clean.lines import drop_lines, find_rule, is_prose
from pipeline.clean.metadata import likeness, strip_site_name
from pipeline.clean.published import read_dateline
from pipeline.clean.typography import tidy_line

_BULLET = re.compile(r"^[•·*‣▪●–-]\s+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_END = re.compile(r"[.!?:…”\"»。！？]$")
WRAP_COLUMNS = range(50, 100)  # a mail digest breaks its lines here
MAX_TITLE_WORDS = 40
SAME_TITLE = 0.7
HEADER_LINES = 12


def read_lines(text: str) -> list[Block]:
    """One block per paragraph; hard-wrapped paragraphs are joined again."""
    blocks = []
    for group in _PARAGRAPH.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line for line in map(tidy_line, group.split("\n")) if line]
        for line in [" ".join(lines)] if _is_wrapped(lines) else lines:
            is_bullet = bool(_BULLET.match(line))
            blocks.append(Block(_BULLET.sub("", line), "li" if is_bullet else "p"))
    return blocks


def _is_wrapped(lines: list[str]) -> bool:
    full = lines[:-1]
    if len(full) < 2 or any(_BULLET.match(line) for line in lines):
        return False
    unfinished = sum(not _END.search(line) for line in full)
    return all(len(line) in WRAP_COLUMNS for line in full) and unfinished * 2 > len(full)


def find_plain_title(blocks: list[Block], hint: str) -> str:
    """The feed's title, else the header line that is repeated, else the first header line that is no furniture."""
    if hint:
        return hint
    header = _header(blocks)
    for index, block in enumerate(header):
        for later in header[index + 1 :]:
            if _is_title(later.text) and likeness(_bare(block.text), later.text) >= SAME_TITLE:
                return later.text
    titles = [block.text for block in header if _is_title(block.text)]
    return titles[0] if titles else ""


def _bare(text: str) -> str:
    return strip_site_name(text, "")


def _header(blocks: list[Block]) -> list[Block]:
    """The lines before the first paragraph, when they are few."""
    for index, block in enumerate(blocks[: HEADER_LINES + 1]):
        if (
            is_prose(block)
            and _END.search(block.text)
            and not find_rule(block.text)
            and not _is_repeated(blocks, index)
        ):
            return blocks[:index]
    return []


def _is_repeated(blocks: list[Block], index: int) -> bool:
    around = blocks[max(0, index - 2) : index] + blocks[index + 1 : index + 3]
    return any(likeness(_bare(blocks[index].text), _bare(other.text)) >= SAME_TITLE for other in around)


def _is_title(text: str) -> bool:
    words = text.count(" ") + 1
    return 3 <= words <= MAX_TITLE_WORDS and find_rule(text) is None


def find_plain_date(blocks: list[Block], title: str, now: datetime) -> datetime | None:
    """A metadata line between the title and the text; a date above the title is the day somebody saved the page."""
    header = _header(blocks)
    after_title = 0
    for index, block in enumerate(header):
        if title and likeness(_bare(block.text), title) >= SAME_TITLE:
            after_title = index + 1
    for block in header[after_title:]:
        line = read_dateline(block.text) if find_rule(block.text) else None
        if line is not None and is_plausible(line.at, now):
            return line.at
    return None


def drop_plain_furniture(blocks: list[Block], title: str) -> list[Block]:
    """Furniture lines, the title and whatever stands above it."""
    titles = [
        i for i, block in enumerate(_header(blocks)) if title and likeness(_bare(block.text), title) >= SAME_TITLE
    ]
    result = list(blocks)
    for index in range(titles[-1] + 1 if titles else 0):
        result[index] = result[index].drop("title" if index in titles else "above_title")
    return drop_lines(result)
