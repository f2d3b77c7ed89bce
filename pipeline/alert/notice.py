"""How a notice to operations looks: in Slack, and the same on a terminal. Pure.

The bounds keep the longest message under the 10,000 characters that `pipeline.alert.message` explains.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.alert.message import MAX_FALLBACK_CHARACTERS, MAX_HEADER_CHARACTERS, METADATA_EVENT, Block, SlackMessage
from pipeline.alert.mrkdwn import cut_line, escape_mrkdwn, escape_plain
from pipeline.models import Notice, NoticeSection

MAX_SECTIONS = 9
MAX_LINES = 5  # of one section
MAX_HEADING_CHARACTERS = 200
MAX_LINE_CHARACTERS = 170


def render_notice(notice: Notice) -> SlackMessage:
    """The notice as Block Kit: its title, then one section for each heading."""
    title = {"type": "plain_text", "text": escape_plain(notice.title, MAX_HEADER_CHARACTERS), "emoji": False}
    return SlackMessage(
        channel=notice.channel,
        text=escape_mrkdwn(notice.title, MAX_FALLBACK_CHARACTERS),
        blocks=({"type": "header", "text": title}, *map(_render_section, notice.sections[:MAX_SECTIONS])),
        metadata={"event_type": METADATA_EVENT, "event_payload": {"key": notice.key}},
    )


def render_notice_console(notice: Notice) -> str:
    """The notice as it would appear in Slack, for a terminal; ends without a newline."""
    lines = [f"! {cut_line(notice.title, MAX_HEADER_CHARACTERS)}"]
    for section in notice.sections[:MAX_SECTIONS]:
        lines.append(f"!   {cut_line(section.heading, MAX_HEADING_CHARACTERS)}")
        lines += [f"!     {cut_line(line, MAX_LINE_CHARACTERS)}" for line in section.lines[:MAX_LINES]]
    return "\n".join(lines)


def _render_section(section: NoticeSection) -> Block:
    rows = [f"*{escape_mrkdwn(section.heading, MAX_HEADING_CHARACTERS)}*"]
    rows += [f"• {escape_mrkdwn(line, MAX_LINE_CHARACTERS)}" for line in section.lines[:MAX_LINES]]
    # verbatim: bare addresses, channel names and @names in the text stay text
    text: Mapping[str, object] = {"type": "mrkdwn", "text": "\n".join(rows), "verbatim": True}
    return {"type": "section", "text": text}
