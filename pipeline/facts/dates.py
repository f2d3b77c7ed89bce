"""Calendar dates named in a sentence, resolved against the day of publication."""

from __future__ import annotations

import re
from datetime import date, timedelta

from pipeline.facts.words import take_apart
from pipeline.text import list_words, stem_word

_MONTH_NAMES = list_words("january february march april may june july august september october november december")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)} | {
    name[:3]: number for number, name in enumerate(_MONTH_NAMES, 1) if name != "may"
}
_MONTHS["sept"] = 9
_DAYS = {name: n for n, name in enumerate(list_words("monday tuesday wednesday thursday friday saturday sunday"))}
CALENDAR_STEMS = frozenset(stem_word(word) for word in (*_MONTHS, *_DAYS))
_MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\b(?:,? (\d{{4}}))?")
_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?")
_MONTH_YEAR = re.compile(rf"(?<!\d )\b{_MONTH},? (\d{{4}})\b")
_YEAR = re.compile(r"\b(?:in|until|by|since|of|for|from|to|and|before|after) ((?:19|20)\d\d)\b(?![.,]\d)")
_WEEKDAY = re.compile(r"\b(next |last |this |since |until |by |from )?(" + "|".join(_DAYS) + r")(?:'s)?\b")
_NEAR = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}
_NEAR_WORD = re.compile(r"\b(today|tonight|yesterday|tomorrow)\b")
_MONTH_WORDS, _NEAR_WORDS, _DAY_WORDS = frozenset(_MONTHS), frozenset(_NEAR), frozenset(_DAYS)
_FORWARD = re.compile(r"\b(will|due|next|scheduled|planned|expected|plans?)\b")


def find_dates(sentence: str, published_on: date) -> tuple[str, ...]:
    """ISO days ("2026-03-04"), months ("2028-06") and years ("2029") in a folded sentence, each once."""
    pieces = take_apart(sentence)
    low, found = pieces.low, dict[str, None]()
    if pieces.has_digit and not pieces.runs.isdisjoint(_MONTH_WORDS):
        for match in _DAY_MONTH.finditer(low):
            _add_day(found, match.group(2), match.group(1), match.group(3), published_on)
        for match in _MONTH_DAY.finditer(low):
            _add_day(found, match.group(1), match.group(2), match.group(3), published_on)
        for match in _MONTH_YEAR.finditer(low):
            found[f"{match.group(2)}-{_MONTHS[match.group(1)]:02d}"] = None
    if pieces.has_year:
        for match in _YEAR.finditer(low):
            found[match.group(1)] = None
    if not pieces.runs.isdisjoint(_NEAR_WORDS):
        for match in _NEAR_WORD.finditer(low):
            found[(published_on + timedelta(days=_NEAR[match.group(1)])).isoformat()] = None
    if not pieces.runs.isdisjoint(_DAY_WORDS):
        for match in _WEEKDAY.finditer(low):
            found[_resolve_weekday(low, match, published_on).isoformat()] = None
    return tuple(found)


def _add_day(found: dict[str, None], month: str, day: str, year: str | None, published_on: date) -> None:
    number = int(day)
    if not 1 <= number <= 31:
        return
    try:
        found[date(int(year) if year else published_on.year, _MONTHS[month], number).isoformat()] = None
    except ValueError:
        return


def _resolve_weekday(low: str, match: re.Match[str], published_on: date) -> date:
    """A weekday is the last one up to the day of publication, or the next one after a word that looks ahead."""
    back = (published_on.weekday() - _DAYS[match.group(2)]) % 7
    before = low[max(0, match.start() - 40) : match.start()]
    ahead = match.group(1) in ("next ", "until ", "by ") or bool(_FORWARD.search(before))
    if back and (ahead or back == 6):  # nobody calls a day six days ago by its bare name: it is tomorrow there
        return published_on + timedelta(days=7 - back)
    return published_on - timedelta(days=back)
