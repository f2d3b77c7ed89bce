"""Whether and when a page that was read is read again, because its source says that the article has changed.

hash_hints     what a source says about an entry -> a key that changes with it
plan_reading   PageHistory -> ReadAgain | LeaveAlone
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.models import FeedHints, PageHistory, Room

MOST_VERSIONS = 20
YOUNG_FOR = timedelta(days=3)  # after publication: later edits are an archive's
SHORTEST_PAUSE = timedelta(hours=1)
TOO_MANY = "too_many_versions"

_MARKUP = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """The page is worth another look, not before an instant."""

    not_before: datetime


@dataclass(frozen=True, slots=True)
class LeaveAlone:
    """It is not; `reason` is one word."""

    reason: str


def hash_hints(hints: FeedHints) -> str:
    """The first 64 bits of the SHA-256 of times, title and texts without markup, in hex: a pixel is no change."""
    texts = (" ".join(_MARKUP.sub(" ", text).split()) for text in (hints.title, hints.summary, hints.content))
    times = (at.isoformat() if at else "" for at in (hints.published_at, hints.modified_at))
    said = "\x1f".join((*times, *texts))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def plan_reading(history: PageHistory, now: datetime) -> ReadAgain | LeaveAlone:
    """What to do about a page of which its source says something new.

    The pause doubles with every reading in a row that brought the same text: there are feeds that call everything new.
    """
    last = history.readings[-1]
    if last.waiting_for is Room.FETCH:
        return LeaveAlone("waits")
    if history.is_twin:
        return LeaveAlone("twin")
    if now - history.published_at > YOUNG_FOR:
        return LeaveAlone("old")
    if len(history.readings) >= MOST_VERSIONS:
        return LeaveAlone(TOO_MANY)
    in_vain = next((n for n, each in enumerate(reversed(history.readings)) if not each.is_unchanged), 0)
    return ReadAgain(last.read_at + SHORTEST_PAUSE * 2**in_vain)
