"""How an alert looks: in Slack, and the same on a terminal. Pure.

Limits of Block Kit: header 150 characters, section and context texts 3000, 50 blocks
(https://docs.slack.dev/reference/block-kit/blocks). Slack also refuses messages whose
blocks together pass about 13,200 characters (msg_blocks_too_long, not documented:
https://github.com/slackapi/bolt-js/issues/2509); the bounds below keep them under 10,000.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.alert.mrkdwn import clean_line, cut_line, escape_mrkdwn, escape_plain, link_to, local_time, safe_url
from pipeline.models import Alert, Label, TopicMatch

Block = Mapping[str, object]

METADATA_EVENT = "wirewatch_alert"
MAX_HEADER_CHARACTERS = 150
MAX_FALLBACK_CHARACTERS = 400
MAX_SENTENCES = 5
MAX_SENTENCE_CHARACTERS = 420  # five of them and three changes fit one section
MAX_REASON_CHARACTERS = 600
MAX_OPERATIONS_CHARACTERS = 2500
_MAX_NAME_CHARACTERS = 80
_MAX_TOPICS = 3
_MAX_TERMS = 5
_MAX_PUBLISHERS = 6
_MAX_CHANGES = 3
_MAX_VALUE_CHARACTERS = 60
_CONSOLE_COLUMNS = 100

_KIND = {Label.NEW_STORY: "New story", Label.DEVELOPMENT: "Update", Label.CORRECTION: "Correction"}
_CORRECTED = "Corrected"
ARROW = " -> "  # between the old and the new value in `because`


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """What chat.postMessage is given. `metadata` carries key and story, to find the message again."""

    channel: str
    text: str  # for notifications and screen readers
    blocks: tuple[Block, ...]
    metadata: Mapping[str, object] = field(default_factory=dict)
    thread_ts: str | None = None


def render_slack(alert: Alert, thread_ts: str | None = None) -> SlackMessage:
    """The alert as Block Kit: what happened, the new sentences, why it was sent, who else reports it."""
    headline = f"{_kind(alert)}: {alert.headline}"
    blocks = [_header(headline), _section(_quotes(alert)), _context(_source_line(alert)), _context(_reasons(alert))]
    return SlackMessage(
        channel=alert.channel,
        text=escape_mrkdwn(headline, MAX_FALLBACK_CHARACTERS),
        blocks=tuple(block for block in blocks if block is not None),
        metadata={"event_type": METADATA_EVENT, "event_payload": {"key": alert.key, "story": alert.story_id}},
        thread_ts=thread_ts or None,
    )


def render_operations(channel: str, text: str) -> SlackMessage:
    """A message to the people who keep it running; `text` may quote untrusted errors and may have lines."""
    lines = [line for line in map(clean_line, text.splitlines()) if line] or ["(no text)"]
    body = _cut_lines([escape_mrkdwn(line, MAX_OPERATIONS_CHARACTERS) for line in lines], MAX_OPERATIONS_CHARACTERS)
    block = _section(f"*Wirewatch needs attention*\n{body}")
    return SlackMessage(
        channel=channel,
        text=escape_mrkdwn(f"Wirewatch needs attention: {lines[0]}", MAX_FALLBACK_CHARACTERS),
        blocks=(block,) if block else (),
    )


def render_console(alert: Alert) -> str:
    """The alert as it would appear in Slack, for a terminal; ends without a newline."""
    shown, left = _sentences(alert)
    source = [_name(alert.publisher), f"{alert.published_at:%d %b %Y %H:%M %Z}", safe_url(alert.url)]
    lines = [
        f"{_kind(alert).upper()}: {cut_line(alert.headline, MAX_HEADER_CHARACTERS)}",
        *(f'> "{cut_line(sentence, MAX_SENTENCE_CHARACTERS)}"' for sentence in shown),
        *([f"  and {left} more"] if left else []),
        f"  {', '.join(filter(None, source))}",
        *(f"  {name}: {text}" for name, text in _reason_rows(alert)),
    ]
    return "\n".join([f"#{_name(alert.channel.lstrip('#'))}", *(f"| {part}" for line in lines for part in _wrap(line))])


def _kind(alert: Alert) -> str:
    return _KIND.get(alert.label, "Update")


def _sentences(alert: Alert) -> tuple[list[str], int]:
    sentences = [sentence for sentence in map(clean_line, alert.new_facts) if sentence]
    return sentences[:MAX_SENTENCES], max(0, len(sentences) - MAX_SENTENCES)


def _quotes(alert: Alert) -> str:
    shown, left = _sentences(alert)
    lines = [f"> {escape_mrkdwn(sentence, MAX_SENTENCE_CHARACTERS)}" for sentence in shown]
    if left:
        lines.append(f"and {left} more")
    return "\n".join([*filter(None, [_struck_change(alert)]), *lines])


def _struck_change(alert: Alert) -> str:
    """A correction's 'toll 12 -> 31' as '*Corrected:* toll ~12~ *31*'; empty when it names no old and new value."""
    if alert.label is not Label.CORRECTION:
        return ""
    changes = [_strike(clean_line(part)) for part in alert.because.split(";") if ARROW in clean_line(part)]
    return f"*{_CORRECTED}:* {'; '.join(changes[:_MAX_CHANGES])}" if changes else ""


def _strike(change: str) -> str:
    before, _, after = change.partition(ARROW)
    what, _, old = before.rpartition(" ")
    new, _, rest = after.partition(" ")
    what, old, new, rest = (escape_mrkdwn(text, _MAX_VALUE_CHARACTERS) for text in (what, old, new, rest))
    return " ".join(filter(None, [what, f"~{old}~", f"*{new}*", rest]))


def _source_line(alert: Alert) -> str:
    publisher = escape_mrkdwn(_name(alert.publisher), 2 * _MAX_NAME_CHARACTERS)
    pieces = [f"*{publisher}*" if publisher else "", local_time(alert.published_at), link_to(alert.url)]
    return " · ".join(filter(None, pieces))


def _reasons(alert: Alert) -> str:
    rows = [row for row in _reason_rows(alert) if row[0] != _CORRECTED or not _struck_change(alert)]
    return "\n".join(f"*{name}:* {escape_mrkdwn(text, MAX_REASON_CHARACTERS)}" for name, text in rows)


def _reason_rows(alert: Alert) -> list[tuple[str, str]]:
    """Why it was sent, as (name, text) rows; texts are not escaped."""
    rows = [
        ("Why", "; ".join(_topic(match) for match in alert.topics[:_MAX_TOPICS])),
        (_CORRECTED if alert.label is Label.CORRECTION else "What is new", _because(alert)),
        ("Story", clean_line(alert.story_title) if alert.label is not Label.NEW_STORY else ""),
        ("Also reported by", _publishers(alert)),
    ]
    return [(name, text) for name, text in rows if text]


def _because(alert: Alert) -> str:
    return clean_line(alert.because).removeprefix("new: ")


def _topic(match: TopicMatch) -> str:
    terms = ", ".join(cut_line(term, 40) for term in match.terms[:_MAX_TERMS])
    name = _name(match.topic.replace("_", " "))
    return f"{name} ({terms})" if terms else name


def _publishers(alert: Alert) -> str:
    names = [_name(name) for name in alert.other_publishers]
    left = len(names) - _MAX_PUBLISHERS
    return ", ".join(names[:_MAX_PUBLISHERS]) + (f" and {left} more" if left > 0 else "")


def _name(text: str) -> str:
    return cut_line(text, _MAX_NAME_CHARACTERS)


def _header(text: str) -> Block:
    plain = {"type": "plain_text", "text": escape_plain(text, MAX_HEADER_CHARACTERS), "emoji": False}
    return {"type": "header", "text": plain}


def _section(text: str) -> Block | None:
    return {"type": "section", "text": _mrkdwn(text)} if text else None


def _context(text: str) -> Block | None:
    return {"type": "context", "elements": [_mrkdwn(text)]} if text else None


def _mrkdwn(text: str) -> Block:
    # verbatim: bare addresses, channel names and @names in the text stay text
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _cut_lines(lines: list[str], limit: int) -> str:
    kept: list[str] = []
    for line in lines:
        if sum(len(other) + 1 for other in kept) + len(line) > limit:
            return "\n".join([*kept, "…"])
        kept.append(line)
    return "\n".join(kept)


def _wrap(line: str) -> list[str]:
    indent = "  " if line.startswith((" ", ">")) else ""
    return textwrap.wrap(
        line, _CONSOLE_COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
