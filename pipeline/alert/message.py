"""How an alert looks: in Slack, and the same on a terminal. Pure.

The bounds below keep every message under 10,000 characters (see `blocks`).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.alert.blocks import (
    MAX_FALLBACK_CHARACTERS,
    MAX_HEADER_CHARACTERS,
    SlackMessage,
    cut_lines,
    keep_blocks,
    make_context,
    make_header,
    make_metadata,
    make_section,
)
from pipeline.alert.feedback import HINT
from pipeline.alert.mrkdwn import clean_line, cut_line, escape_mrkdwn, link_to, local_time, safe_url
from pipeline.models import Alert, Label, StoryThread, TopicMatch

MAX_SENTENCES = 5
MAX_SENTENCE_CHARACTERS = 420  # five of them and three changes fit one section
MAX_REASON_CHARACTERS = 600
MAX_OPERATIONS_CHARACTERS = 2500
_MAX_NAME_CHARACTERS = 80
_MAX_TOPICS = 3
_MAX_TERMS = 5
_MAX_PUBLISHERS = 6
_MAX_CHANGES = 3
_MAX_OPENING_SENTENCES = 1  # once there is something later to show
_MAX_LATEST_SENTENCES = 2
_MAX_VALUE_CHARACTERS = 60
_MAX_PERMALINK_CHARACTERS = 300  # Slack's own have about 80
_CONSOLE_COLUMNS = 100

_KIND = {Label.NEW_STORY: "New story", Label.DEVELOPMENT: "Update", Label.CORRECTION: "Correction"}
_CORRECTED = "Corrected"
_GOES_ON = "Goes on in the thread of"
_TOLD_BEFORE = "Told before in the thread of"
_REPORTED_BY = "Also reported by"
_AGENCY_MARK = re.compile(r"^\s*correct(?:ed|ion)\s*[:-]\s+", re.IGNORECASE)
ARROW = " -> "  # between the old and the new value in `because`


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another thread: the title of its story, and its address, empty where nobody knows it."""

    title: str
    url: str


def render_slack(alert: Alert, thread_ts: str | None = None, told_in: Elsewhere | None = None) -> SlackMessage:
    """The alert as Block Kit: what happened, the new sentences, why it was sent, who else reports it.

    `told_in`: the thread in which its story was told before, when this message opens another.
    """
    headline = f"{name_kind(alert)}: {_headline(alert)}"
    return SlackMessage(
        channel=alert.channel,
        text=escape_mrkdwn(headline, MAX_FALLBACK_CHARACTERS),
        blocks=keep_blocks(
            make_header(headline),
            make_section(_quotes(alert)),
            make_context(_source_line(alert)),
            make_context(_point_to(_TOLD_BEFORE, told_in)),
            make_context(_reasons(alert)),
            make_context(HINT),
        ),
        metadata=make_metadata(alert.key, alert.story_id),
        thread_ts=thread_ts or None,
        is_broadcast=alert.is_broadcast and bool(thread_ts),
    )


def render_thread(thread: StoryThread, opening: Alert, elsewhere: Elsewhere | None = None) -> SlackMessage:
    """The first message of a thread, brought up to date: as it was sent, then where the story stands now.

    `elsewhere`: the thread in which the story goes on, if it goes on in another, else the one in which it was told too.
    """
    headline = f"{name_kind(opening)}: {_headline(opening)}"
    latest = thread.latest if thread.latest.key != opening.key else None
    return SlackMessage(
        channel=thread.channel,
        text=escape_mrkdwn(headline, MAX_FALLBACK_CHARACTERS),
        blocks=keep_blocks(
            make_header(headline),
            make_section(_quotes(opening, MAX_SENTENCES if latest is None else _MAX_OPENING_SENTENCES)),
            make_context(_source_line(opening)),
            make_section(_latest(latest)) if latest else None,
            make_context(_source_line(latest)) if latest else None,
            make_context(_standing(thread)),
            make_context(_point_to(_GOES_ON if thread.goes_on_in else _TOLD_BEFORE, elsewhere)),
            make_context(_reasons(opening, has_publishers=False)),
            make_context(HINT),
        ),
        metadata=make_metadata(opening.key, opening.story_id),
    )


def render_operations(channel: str, text: str) -> SlackMessage:
    """A message to the people who keep it running; `text` may quote untrusted errors and may have lines."""
    lines = [line for line in map(clean_line, text.splitlines()) if line] or ["(no text)"]
    body = cut_lines([escape_mrkdwn(line, MAX_OPERATIONS_CHARACTERS) for line in lines], MAX_OPERATIONS_CHARACTERS)
    return SlackMessage(
        channel=channel,
        text=escape_mrkdwn(f"Wirewatch needs attention: {lines[0]}", MAX_FALLBACK_CHARACTERS),
        blocks=keep_blocks(make_section(f"*Wirewatch needs attention*\n{body}")),
    )


def render_console(alert: Alert) -> str:
    """The alert as it would appear in Slack, for a terminal; ends without a newline."""
    shown, left = list_sentences(alert)
    source = [_name(alert.publisher), f"{alert.published_at:%d %b %Y %H:%M %Z}", safe_url(alert.url)]
    lines = [
        f"{name_kind(alert).upper()}: {cut_line(_headline(alert), MAX_HEADER_CHARACTERS)}",
        *(f'> "{cut_line(sentence, MAX_SENTENCE_CHARACTERS)}"' for sentence in shown),
        *([f"  and {left} more"] if left else []),
        f"  {', '.join(filter(None, source))}",
        *(f"  {name}: {text}" for name, text in list_reasons(alert)),
    ]
    return "\n".join([f"#{_name(alert.channel.lstrip('#'))}", *(f"| {part}" for line in lines for part in _wrap(line))])


def name_kind(alert: Alert) -> str:
    """'New story', 'Update' or 'Correction'."""
    return _KIND.get(alert.label, "Update")


def _headline(alert: Alert) -> str:
    """'Correction: 18 jets, not 24': an agency's own 'CORRECTED:' is not said a second time."""
    if alert.label is not Label.CORRECTION:
        return alert.headline
    return _AGENCY_MARK.sub("", alert.headline) or alert.headline


def _latest(alert: Alert) -> str:
    headline = f"*Latest: {name_kind(alert)}:* {escape_mrkdwn(_headline(alert), MAX_HEADER_CHARACTERS)}"
    return "\n".join(filter(None, [headline, _quotes(alert, _MAX_LATEST_SENTENCES)]))


def _standing(thread: StoryThread) -> str:
    """'3 developments · 2 independent publishers: Harbour Times, Daily Post (1 more with the same text) · ...'"""
    names = list_names(thread.publishers)
    who = f"{count_noun(len(thread.publishers), 'independent publisher')}: {names}" if names else ""
    copies = f" ({thread.copying_publishers} more with the same text)" if thread.copying_publishers and who else ""
    pieces = [
        f"*{count_noun(thread.developments, 'development')}*",
        f"{escape_mrkdwn(who, MAX_REASON_CHARACTERS)}{copies}",
        f"last change {local_time(thread.latest.published_at)}",
    ]
    return " · ".join(filter(None, pieces))


def _point_to(what: str, elsewhere: Elsewhere | None) -> str:
    """'*Goes on in the thread of* Ferry sinks off Kelmar · desk.slack.com', the last a link."""
    if elsewhere is None:
        return ""
    title, link = escape_mrkdwn(elsewhere.title, MAX_HEADER_CHARACTERS), link_to(elsewhere.url)
    is_short = len(link) <= _MAX_PERMALINK_CHARACTERS
    return " · ".join(filter(None, [f"*{what}* {title}", link if is_short else ""]))


def count_noun(number: int, noun: str) -> str:
    """'1 story', '2 stories'."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def list_sentences(alert: Alert, limit: int = MAX_SENTENCES) -> tuple[list[str], int]:
    """The first new sentences, cleaned, and how many there are beyond them."""
    sentences = [sentence for sentence in map(clean_line, alert.new_facts) if sentence]
    return sentences[:limit], max(0, len(sentences) - limit)


def _quotes(alert: Alert, limit: int = MAX_SENTENCES) -> str:
    shown, left = list_sentences(alert, limit)
    lines = [f"> {escape_mrkdwn(sentence, MAX_SENTENCE_CHARACTERS)}" for sentence in shown]
    if left:
        lines.append(f"and {left} more")
    return "\n".join([*filter(None, [_struck_change(alert)]), *lines])


def _struck_change(alert: Alert) -> str:
    """A correction's 'toll 12 -> 31' as '*Corrected:* toll ~12~ *31*'; empty when it names no old and new value.

    Values of several words stand behind a colon: 'price: $2.4 billion -> $2.9 billion'.
    """
    if alert.label is not Label.CORRECTION:
        return ""
    changes = [_strike(clean_line(part)) for part in alert.because.split(";") if ARROW in clean_line(part)]
    return f"*{_CORRECTED}:* {'; '.join(changes[:_MAX_CHANGES])}" if changes else ""


def _strike(change: str) -> str:
    before, _, after = change.partition(ARROW)
    what, colon, old = before.rpartition(": ")
    new, rest = after, ""
    if not colon:
        what, _, old = before.rpartition(" ")
        new, _, rest = after.partition(" ")
    what, old, new, rest = (escape_mrkdwn(text, _MAX_VALUE_CHARACTERS) for text in (what, old, new, rest))
    return " ".join(filter(None, [what, f"~{old}~", f"*{new}*", rest]))


def _source_line(alert: Alert) -> str:
    publisher = escape_mrkdwn(_name(alert.publisher), 2 * _MAX_NAME_CHARACTERS)
    pieces = [f"*{publisher}*" if publisher else "", local_time(alert.published_at), link_to(alert.url)]
    return " · ".join(filter(None, pieces))


def _reasons(alert: Alert, has_publishers: bool = True) -> str:
    hidden = {_CORRECTED if _struck_change(alert) else "", "" if has_publishers else _REPORTED_BY}
    rows = [row for row in list_reasons(alert) if row[0] not in hidden]
    return "\n".join(f"*{name}:* {escape_mrkdwn(text, MAX_REASON_CHARACTERS)}" for name, text in rows)


def list_reasons(alert: Alert) -> list[tuple[str, str]]:
    """Why it was sent, as (name, text) rows; texts are not escaped."""
    rows = [
        ("Why", "; ".join(_topic(match) for match in alert.topics[:_MAX_TOPICS])),
        (_CORRECTED if alert.label is Label.CORRECTION else "What is new", _because(alert)),
        ("Story", clean_line(alert.story_title) if alert.label is not Label.NEW_STORY else ""),
        (_REPORTED_BY, list_names(alert.other_publishers)),
    ]
    return [(name, text) for name, text in rows if text]


def _because(alert: Alert) -> str:
    return clean_line(alert.because).removeprefix("new: ")


def _topic(match: TopicMatch) -> str:
    terms = ", ".join(cut_line(term, 40) for term in match.terms[:_MAX_TERMS])
    name = _name(match.topic.replace("_", " "))
    return f"{name} ({terms})" if terms else name


def list_names(publishers: Sequence[str]) -> str:
    """'Harbour Times, Daily Post and 3 more'; not escaped."""
    names = [_name(name) for name in publishers]
    left = len(names) - _MAX_PUBLISHERS
    return ", ".join(names[:_MAX_PUBLISHERS]) + (f" and {left} more" if left > 0 else "")


def _name(text: str) -> str:
    return cut_line(text, _MAX_NAME_CHARACTERS)


def _wrap(line: str) -> list[str]:
    indent = "  " if line.startswith((" ", ">")) else ""
    return textwrap.wrap(
        line, _CONSOLE_COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
