"""A message for anything that is not Slack: a subject, the text, and the same as HTML. Pure.

Services behind a webhook have markup of their own (`<!channel>`, `@everyone`, `[label](address)`), so what
could be read as such becomes look-alikes in the plain text; in HTML every text is escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from html import escape

from pipeline.alert.message import (
    MAX_REASON_CHARACTERS,
    MAX_SENTENCE_CHARACTERS,
    list_reasons,
    list_sentences,
    name_kind,
)
from pipeline.alert.mrkdwn import clean_line, cut_line, safe_url
from pipeline.alert.notice import MAX_LINE_CHARACTERS, split_line
from pipeline.models import Alert, Notice

MAX_SUBJECT_CHARACTERS = 180
POSSIBLE_REPEAT = "Possible repeat"
_REPEAT_REASON = "The connection broke while this was sent, and nobody can see here whether it had arrived."
_ANGLES = str.maketrans({"<": "‹", ">": "›", "`": "ˋ", "*": "∗", "~": "∼"})
_MENTION = re.compile(r"(?<!\w)@(?=\w)")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is handed to a service: one line, and the same body in two forms."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the body; its texts are untrusted, its address is safe or empty."""

    text: str
    url: str = ""
    mark: str = ""  # of the plain text, before it
    tag: str = "p"


def write_letter(message: Alert | Notice, is_repeat: bool = False) -> Letter:
    """The message as a letter; a possible repeat says so in its subject and its first line."""
    title, lines = _write_alert(message) if isinstance(message, Alert) else _write_notice(message)
    warning = [_Line(f"{POSSIBLE_REPEAT}. {_REPEAT_REASON}")] if is_repeat else []
    return _make_letter(
        f"{POSSIBLE_REPEAT}: {title}" if is_repeat else title,
        [*warning, *lines, _Line(f"Wirewatch, message {message.key}", tag="small")],
    )


def write_operations_letter(text: str) -> Letter:
    """A message to the people who keep it running; `text` may quote untrusted errors and may have lines."""
    lines = [line for line in map(clean_line, text.splitlines()) if line] or ["(no text)"]
    return _make_letter(f"Wirewatch needs attention: {lines[0]}", [_Line(line) for line in lines])


def _write_alert(alert: Alert) -> tuple[str, list[_Line]]:
    shown, left = list_sentences(alert)
    when = f"{alert.published_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    source = ", ".join(filter(None, [clean_line(alert.publisher), when]))
    return f"{name_kind(alert)}: {alert.headline}", [
        *(_Line(cut_line(sentence, MAX_SENTENCE_CHARACTERS), mark="| ", tag="blockquote") for sentence in shown),
        *([_Line(f"and {left} more")] if left else []),
        _Line(source, safe_url(alert.url) or ""),
        *(_Line(f"{name}: {cut_line(text, MAX_REASON_CHARACTERS)}") for name, text in list_reasons(alert)),
    ]


def _write_notice(notice: Notice) -> tuple[str, list[_Line]]:
    lines: list[_Line] = []
    for section in notice.sections:
        lines += [_Line(section.heading, tag="h3")] if section.heading else []
        for text, url in map(split_line, section.lines):
            lines.append(_Line(cut_line(text, MAX_LINE_CHARACTERS), safe_url(url) or "", mark="- "))
    return notice.title, lines


def _make_letter(title: str, lines: list[_Line]) -> Letter:
    subject = cut_line(title, MAX_SUBJECT_CHARACTERS) or "Wirewatch"
    html = "\n".join([f"<h2>{escape(subject)}</h2>", *map(_as_html, lines)])
    return Letter(_disarm(subject), "\n".join(map(_as_text, lines)), html)


def _as_text(line: _Line) -> str:
    return line.mark + ", ".join(filter(None, [_disarm(clean_line(line.text)), line.url]))


def _as_html(line: _Line) -> str:
    # The label of a link is its whole address: it cannot be disguised, and survives where HTML is turned into text.
    link = f'<a href="{escape(line.url)}">{escape(line.url)}</a>' if line.url else ""
    inner = ", ".join(filter(None, [escape(clean_line(line.text)), link]))
    return f"<p><small>{inner}</small></p>" if line.tag == "small" else f"<{line.tag}>{inner}</{line.tag}>"


def _disarm(text: str) -> str:
    return _MENTION.sub("＠", text.translate(_ANGLES).replace("](", "] ("))
