"""The pieces of a Slack message, inside the limits of Block Kit. Pure.

Header 150 characters, section and context texts 3000, 50 blocks
(https://docs.slack.dev/reference/block-kit/blocks). Slack also refuses messages whose
blocks together pass about 13,200 characters (msg_blocks_too_long, not documented:
https://github.com/slackapi/bolt-js/issues/2509); every message here stays under 10,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.alert.mrkdwn import ELLIPSIS, escape_plain

Block = Mapping[str, object]

METADATA_EVENT = "wirewatch_alert"
MAX_HEADER_CHARACTERS = 150
MAX_FALLBACK_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """What chat.postMessage or chat.update is given. `metadata` carries key and story, to find the message again."""

    channel: str
    text: str  # for notifications and screen readers
    blocks: tuple[Block, ...]
    metadata: Mapping[str, object] = field(default_factory=dict)
    thread_ts: str | None = None
    is_broadcast: bool = False  # of a reply: show it in the channel too


def make_metadata(key: str, story_id: str = "") -> Mapping[str, object]:
    """What travels with a message, unseen: its key, and the story whose thread it opens or continues."""
    payload = {"key": key, "story": story_id} if story_id else {"key": key}
    return {"event_type": METADATA_EVENT, "event_payload": payload}


def make_header(text: str) -> Block:
    """A headline; `text` is untrusted."""
    plain = {"type": "plain_text", "text": escape_plain(text, MAX_HEADER_CHARACTERS), "emoji": False}
    return {"type": "header", "text": plain}


def make_section(text: str) -> Block | None:
    """A paragraph of mrkdwn that is safe already; None without text."""
    return {"type": "section", "text": _mrkdwn(text)} if text else None


def make_context(text: str) -> Block | None:
    """Small print of mrkdwn that is safe already; None without text."""
    return {"type": "context", "elements": [_mrkdwn(text)]} if text else None


def keep_blocks(*blocks: Block | None) -> tuple[Block, ...]:
    """The blocks that there are."""
    return tuple(block for block in blocks if block is not None)


def cut_lines(lines: Iterable[str], limit: int) -> str:
    """Whole lines up to a number of characters; an ellipsis stands for those left out."""
    kept: list[str] = []
    for line in lines:
        if sum(len(other) + 1 for other in kept) + len(line) > limit:
            return "\n".join([*kept, ELLIPSIS])
        kept.append(line)
    return "\n".join(kept)


def _mrkdwn(text: str) -> Block:
    # verbatim: bare addresses, channel names and @names in the text stay text
    return {"type": "mrkdwn", "text": text, "verbatim": True}
