"""How a notice looks, to a desk or to operations: in Slack, and the same on a terminal. Pure."""

from __future__ import annotations

from pipeline.alert.blocks import (
    MAX_FALLBACK_CHARACTERS,
    Block,
    SlackMessage,
    keep_blocks,
    make_header,
    make_metadata,
    make_section,
)
from pipeline.alert.mrkdwn import clean_line, cut_line, escape_mrkdwn, link_to, safe_url
from pipeline.models import Notice, NoticeLink, NoticeSection

MAX_NOTICE_CHARACTERS = 9000  # of all sections together
MAX_SECTION_CHARACTERS = 2900
MAX_LINE_CHARACTERS = 300
_MAX_TITLE_CHARACTERS = 120
_MAX_ALT_CHARACTERS = 400


def render_notice(notice: Notice, picture_id: str = "") -> SlackMessage:
    """The notice as Block Kit: what does not fit is counted in its last line, never cut silently.

    `picture_id`: of the file that shows its bars; it comes last.
    """
    sections, left = _fit_sections(notice.sections)
    title = clean_line(notice.title) or "Wirewatch"
    more = make_section(f"… and {left} more lines") if left else None
    return SlackMessage(
        channel=notice.channel,
        text=escape_mrkdwn(title, MAX_FALLBACK_CHARACTERS),
        blocks=keep_blocks(make_header(title), *map(make_section, sections), more, _make_picture(notice, picture_id)),
        metadata=make_metadata(notice.key),
    )


def render_notice_console(notice: Notice) -> str:
    """The same on a terminal; ends without a newline."""
    lines = [f"#{clean_line(notice.channel.lstrip('#'))}", f"| {clean_line(notice.title)}"]
    for section in notice.sections:
        lines += [f"| {clean_line(section.heading)}"] if section.heading else []
        lines += [f"|   {_console_line(line)}" for line in section.lines]
    return "\n".join(lines)


def _make_picture(notice: Notice, picture_id: str) -> Block | None:
    if not picture_id:
        return None
    said = ", ".join(f"{name}: {number}" for name, number in notice.bars)
    return {"type": "image", "slack_file": {"id": picture_id}, "alt_text": cut_line(said, _MAX_ALT_CHARACTERS)}


def _fit_sections(sections: tuple[NoticeSection, ...]) -> tuple[list[str], int]:
    """The texts of the sections that fit, and how many lines did not."""
    texts: list[str] = []
    left = 0
    room = MAX_NOTICE_CHARACTERS
    for section in sections:
        title = f"*{escape_mrkdwn(section.heading, _MAX_TITLE_CHARACTERS)}*" if section.heading else ""
        lines = _take_fitting(section.lines, min(room, MAX_SECTION_CHARACTERS) - len(title) - 1)
        left += len(section.lines) - len(lines)
        if lines or (title and not section.lines and len(title) <= room):
            texts.append("\n".join([*filter(None, [title]), *lines]))
            room -= len(texts[-1])
    return texts, left


def _take_fitting(lines: tuple[str | NoticeLink, ...], room: int) -> list[str]:
    taken: list[str] = []
    for line in map(_slack_line, lines):
        room -= len(line) + 1
        if room < 0:
            break
        taken.append(line)
    return taken


def _slack_line(line: str | NoticeLink) -> str:
    text, url = split_line(line)
    link = link_to(url) if url else ""
    # A link of 2,000 characters is worth less here than the lines that it would push out.
    shown = [escape_mrkdwn(text, MAX_LINE_CHARACTERS), link if len(link) <= MAX_LINE_CHARACTERS else ""]
    return f"• {' · '.join(filter(None, shown))}"


def _console_line(line: str | NoticeLink) -> str:
    text, url = split_line(line)
    return ", ".join(filter(None, [cut_line(text, MAX_LINE_CHARACTERS), safe_url(url) or ""]))


def split_line(line: str | NoticeLink) -> tuple[str, str]:
    """The text and the address of a line; without a link the address is empty."""
    return (line.text, line.url) if isinstance(line, NoticeLink) else (line, "")
