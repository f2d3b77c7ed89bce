"""Untrusted text made safe for Slack's markup and for a terminal.

Slack reads `<...>` as links, mentions and commands; only `&`, `<` and `>` need
escaping (https://docs.slack.dev/messaging/formatting-message-text). Its style marks
have no escape, so they are replaced by look-alikes: a stray backtick in a headline
would otherwise swallow our own link.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit, urlunsplit

MAX_URL_CHARACTERS = 2000
ELLIPSIS = "…"

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_STYLE_MARKS = str.maketrans({"*": "∗", "`": "ˋ", "~": "∼"})
_URL_SAFE = "/?#[]@!$&'()*+,;=:%~-._"

# Not of category Cf, yet drawn as nothing (Default_Ignorable_Code_Point, Unicode 15, DerivedCoreProperties.txt).
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")
# Controls, zero-width and bidirectional marks, surrogates, private use, unassigned.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean_line(text: str) -> str:
    """One line without control, zero-width, bidirectional or other hidden characters."""
    spaced = " ".join(text.split())
    if not spaced.isascii():
        spaced = _INVISIBLE.sub("", spaced)
    visible = "".join(mark for mark in spaced if mark == " " or unicodedata.category(mark) not in _HIDDEN_CATEGORIES)
    return " ".join(visible.split())


def cut_line(text: str, limit: int) -> str:
    """A cleaned line of at most `limit` characters."""
    line = clean_line(text)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def escape_plain(text: str, limit: int) -> str:
    """A cleaned line for a plain_text object: at most `limit` characters after escaping, no entity cut in two."""
    line = clean_line(text)
    escaped = [_ESCAPES.get(mark, mark) for mark in line]
    if sum(map(len, escaped)) <= limit:
        return "".join(escaped)
    return _take(escaped, limit - 1).rstrip() + ELLIPSIS


def escape_mrkdwn(text: str, limit: int) -> str:
    """Like `escape_plain`, for a mrkdwn object: style marks become look-alikes."""
    return escape_plain(text.translate(_STYLE_MARKS), limit)


def safe_url(url: str) -> str | None:
    """The URL, percent-encoded so that nothing in it can end a link; None unless it is plain http(s).

    Refused: other schemes, no host, user names (`https://bank.example@evil.example`), overlong ones.
    """
    try:
        parts = urlsplit(clean_line(url))
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:  # a bad port, a broken IPv6 address, a host that IDNA refuses
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not re.fullmatch(r"[a-z0-9._:-]+", host):
        return None
    netloc = f"[{host}]{port}" if ":" in host else f"{host}{port}"
    joined = urlunsplit((parts.scheme, netloc, parts.path, parts.query, parts.fragment))
    encoded = quote(joined, safe=_URL_SAFE)
    return encoded if len(encoded) <= MAX_URL_CHARACTERS else None


def link_to(url: str) -> str:
    """A mrkdwn link whose label is the host it leads to, so that it cannot be disguised; empty if refused."""
    address = (safe_url(url) or "").replace("&", "&amp;")
    if not address or len(address) > MAX_URL_CHARACTERS:
        return ""
    label = urlsplit(address).hostname or ""
    return f"<{address}|{label.removeprefix('www.')}>"


def local_time(moment: datetime) -> str:
    """A time that Slack shows in each reader's own time zone, and UTC where it cannot."""
    fallback = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def _take(pieces: list[str], limit: int) -> str:
    taken: list[str] = []
    room = limit
    for piece in pieces:
        if len(piece) > room:
            break
        taken.append(piece)
        room -= len(piece)
    return "".join(taken)
