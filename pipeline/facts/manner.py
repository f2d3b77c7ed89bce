"""How a sentence speaks: reporting, quoting, recalling or opining."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from itertools import compress

from pipeline.facts.words import take_apart
from pipeline.text import list_words


@dataclass(frozen=True, slots=True)
class _Cue:
    """Words that give a sentence its mark, and phrases that are searched for only where a word of theirs stands."""

    words: frozenset[str]
    phrases: re.Pattern[str]
    hints: frozenset[str]

    def stands_in(self, low: str, cues: Set[str]) -> bool:
        """`cues`: the words and hints of any cue that the sentence holds."""
        if cues.isdisjoint(self.words):
            return not cues.isdisjoint(self.hints) and self.phrases.search(low) is not None
        return True


def _make_cue(words: str, phrases: str, hints: str) -> _Cue:
    return _Cue(frozenset(words.split()), re.compile(rf"\b(?:{phrases})\b"), frozenset(hints.split()))


_SAID = _make_cue(
    "said says told announced confirmed reported stated added wrote declared disclosed tweeted",
    "according to",
    "according",
)
_BACKGROUND = _make_cue(
    "previously earlier remind founded decade decades",
    "last (?:year|month|week|autumn|spring|summer|winter)|years? ago|months? ago|weeks? ago|has long|have long"
    r"|had (?:been )?\w+ed|for years|as reported|known for",
    "last ago long had years reported known",
)
_OPINION = _make_cue(
    "i my our you your perhaps maybe surely frankly should ought seem seems analyst analysts observer observers "
    "expert experts professor columnist critics commentator commentators fan fans",
    "let us|let's|looks like",
    "let looks",
)
_BOILERPLATE = _make_cue(
    "subscribe newsletter click copyright cookies advertisement",
    "sign up|most read|read more|contributed to this report|follow us|all rights|sign in|download (?:our|the) app"
    "|share this|reporting by|editing by|edited by",
    "sign read contributed follow rights download share reporting editing edited",
)
# when a sentence takes place, as far as its small words tell
_NOW = frozenset(list_words("today tonight tomorrow morning afternoon evening noon midnight now"))
_WILL = frozenset(list_words("will shall"))
_HAS = frozenset(list_words("has have"))
_SAYS = frozenset(list_words("says say"))
_TENSES = _NOW | _WILL | _HAS | _SAYS
_PAST_YEAR = re.compile(r"\b(?:in|since) (?:19|20)\d\d\b")
_DAY_NAMES = list_words("monday tuesday wednesday thursday friday saturday sunday")
_CUES = frozenset((*_DAY_NAMES, *_TENSES)).union(
    *(c.words | c.hints for c in (_SAID, _BACKGROUND, _OPINION, _BOILERPLATE))
)
_MARKS = list_words("said quote question exclaimed background opinion boilerplate today yesterday now will has says")


def find_marks(sentence: str, published_on: date) -> tuple[str, ...]:
    """The manner marks of a folded sentence: said, quote, question, exclaimed, background, opinion, ..."""
    pieces = take_apart(sentence)
    low, cues = pieces.low, pieces.runs & _CUES
    holds = (
        _SAID.stands_in(low, cues),
        '"' in low,
        low.rstrip("\"')").endswith("?"),
        "!" in low,
        _BACKGROUND.stands_in(low, cues) or (pieces.has_year and _PAST_YEAR.search(low) is not None),
        _OPINION.stands_in(low, cues),
        _BOILERPLATE.stands_in(low, cues),
        _names_day(low, cues, published_on.weekday()),
        "yesterday" in low or _names_day(low, cues, published_on.weekday() - 1),
        not cues.isdisjoint(_NOW),
        not cues.isdisjoint(_WILL),
        not cues.isdisjoint(_HAS),
        not cues.isdisjoint(_SAYS),
    )
    return tuple(compress(_MARKS, holds))


def _names_day(low: str, cues: Set[str], weekday: int) -> bool:
    name = _DAY_NAMES[weekday]
    return name in cues and "last " + name not in low
