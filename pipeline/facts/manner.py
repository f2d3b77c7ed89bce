"""How a sentence speaks: reporting, quoting, recalling or opining."""

from __future__ import annotations

import re
from datetime import date, timedelta

from pipeline.text import list_words

_SAID = re.compile(
    r"\b(said|says|told|announced|confirmed|reported|according to|stated|added|wrote|declared|disclosed|tweeted)\b"
)
_BACKGROUND = re.compile(
    r"\b(earlier this|last (?:year|month|week|autumn|spring|summer|winter)|in (?:19|20)\d\d"
    r"|years? ago|months? ago|weeks? ago"
    r"|since (?:19|20)\d\d|previously|earlier|has long|have long|had (?:been )?\w+ed|for years|remind"
    r"|as (?:earlier )?reported"
    r"|founded|known for|decades?)\b"
)
_OPINION = re.compile(
    r"\b(i|i'm|i've|my|we should|our|you|your|perhaps|maybe|surely|frankly|let us|let's|should|ought|seems?|looks like"
    r"|analysts?|observers?|expert|experts|professor|columnist|critics|commentators?|fans?)\b"
)
_BOILERPLATE = re.compile(
    r"\b(sign up|subscribe|newsletter|most read|read more|click|contributed to this report|follow us|all rights"
    r"|copyright|sign in|cookies|download (?:our|the) app|share this|advertisement"
    r"|reporting by|editing by|edited by)\b",
    re.I,
)
_DAY_NAMES = list_words("monday tuesday wednesday thursday friday saturday sunday")


def find_marks(sentence: str, published_on: date) -> tuple[str, ...]:
    """The manner marks of a folded sentence: said, quote, question, exclaimed, background, opinion, ..."""
    low = sentence.lower()
    checks = (
        ("said", bool(_SAID.search(low))),
        ("quote", sentence.count('"') >= 1),
        ("question", low.rstrip("\"')").endswith("?")),
        ("exclaimed", "!" in low),
        ("background", bool(_BACKGROUND.search(low))),
        ("opinion", bool(_OPINION.search(low))),
        ("boilerplate", bool(_BOILERPLATE.search(low))),
        ("today", _names_day(low, published_on)),
        ("yesterday", _names_day(low, published_on - timedelta(days=1)) or "yesterday" in low),
    )
    return tuple(mark for mark, holds in checks if holds)


def _names_day(low: str, day: date) -> bool:
    return bool(re.search(rf"\b{_DAY_NAMES[day.weekday()]}\b", low)) and "last " + _DAY_NAMES[day.weekday()] not in low
