"""Values that changed: "dead 12 -> 31". Said only when both numbers measure the same thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from pipeline.detect.novelty import NewFacts
from pipeline.detect.told import Told
from pipeline.detect.wording import FATES, find_fate, find_place, is_part, name_counted, tidy_number
from pipeline.facts import Quantity, SentenceView
from pipeline.facts.numbers import is_same_value
from pipeline.text import STOPWORDS, find_words, fold_text, stem_word

VAGUE = frozenset(("people", "day", "time"))  # subjects of too many numbers to tell one from another
MONEY = frozenset(("usd", "eur", "gbp"))
STATED_WORDS = 30  # at most between a new value and the old one in the same sentence
NEAR_STEMS = 6  # on either side of a number: what is said of it
SHARED_STEMS = 2  # of these, for two numbers to measure the same thing
MOST_TIMES = 5.0  # the larger of two values of one thing, against the smaller
MOST_FORMERS = 8  # values of the same kind that are looked at, the last told first
# what stands in front of the old value when a sentence names both
_OLD_BEHIND = re.compile(
    r"(?:\b(?:and|but)?\s*(?:not|instead of|rather than|up from|down from|compared with|from"
    r"|(?:earlier|previous|first|initial|old) (?:count|toll|figure|number|estimate|total|value)(?: of)?))"
    r"\s+(?:the |at least |about |some |an? )?$",
    re.I,
)
_OLD_FIRST = re.compile(r"^[^,;.]{0,24}\bto\s+(?:at least |about |some )?$", re.I)
_FROM = re.compile(r"\bfrom\s+(?:at least |about |some )?$", re.I)
_LOWERED = re.compile(r"\b(?:lower\w*|revis\w+|correct\w+|cuts?|reduc\w+|fewer)\b", re.I)
# in front of a number that counts people: what befell them
_FATE_STEMS = {
    "dead": frozenset(("kill", "toll", "death")),
    "hurt": frozenset(("injur", "wound")),
    "missing": frozenset(("miss",)),
}
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)$")


@dataclass(frozen=True, slots=True)
class Change:
    """A value told before and the one that takes its place, as written."""

    thing: str
    old: str
    new: str
    is_toll: bool
    grows_by: float  # in the unit of both

    def __str__(self) -> str:
        joint = " " if " " not in self.old and " " not in self.new else ": "
        return f"{self.thing}{joint}{self.old} -> {self.new}"


def find_changes(
    news: Sequence[tuple[SentenceView, NewFacts]], told: Told, edits: Sequence[Change] = ()
) -> list[Change]:
    """The values that sentences change, each thing once, `edits` before all.

    The next of a series (12th, 13th) has values of its own.
    """
    stated = [change for sentence, _ in news for change in _find_stated(sentence, told)]
    compared = [change for sentence, new in news for change in _compare(sentence, new, told)]
    if not any(_LOWERED.search(sentence.text) for sentence, _ in news):
        compared = _drop_resurrections(compared)
    if any(_ORDINAL.match(change.new) for change in compared):
        compared = [change for change in compared if _ORDINAL.match(change.new)]
    values: dict[tuple[str, str], Change] = {}
    for change in (*edits, *stated, *compared):
        values.setdefault((change.old, change.new), change)
    things: dict[str, Change] = {}
    for change in values.values():
        things.setdefault(change.thing.split(" ")[-1], change)
    return list(things.values())


def _drop_resurrections(changes: list[Change]) -> list[Change]:
    """The dead do not become fewer by themselves: such a toll, and what stands beside it, is that of another event."""
    is_another = any(change.thing == "dead" and change.grows_by < 0 for change in changes)
    return [change for change in changes if not (is_another and change.is_toll)]


def _find_stated(sentence: SentenceView, told: Told) -> list[Change]:
    """What the sentence itself calls a change: "31, up from 12", "18 and not 24", "from 12 to 31"."""
    if len(sentence.quantities) < 2 or not told.quantities:
        return []
    placed = [(place, q) for q in sentence.quantities if (place := find_place(q, sentence))]
    found = []
    for (first, left), (second, right) in pairwise(placed):
        between, before = sentence.text[first[1] : second[0]], sentence.text[: first[0]]
        if _OLD_FIRST.match(between) and _FROM.search(before):
            old, now = left, right
        elif len(between.split()) <= STATED_WORDS and _OLD_BEHIND.search(between):
            old, now = right, left
        else:
            continue
        if _was_told(old, now, told):
            found.append(make_change(old, now, sentence))
    return found


def _was_told(old: Quantity, now: Quantity, told: Told) -> bool:
    """Whether the old value was told of the thing that the new one measures. Behind "not" a unit may be left out."""
    if old.unit not in ("", now.unit) or is_same_value(old, now):
        return False
    same = [q for q in told.quantities if q.unit == now.unit and q.value == old.value]
    return any(not (old.subject and now.subject) or now.subject in (old.subject, q.subject) for q in same)


def _compare(sentence: SentenceView, new: NewFacts, told: Told) -> list[Change]:
    """What an earlier sentence said of the same thing in the same company."""
    found: list[Change] = []
    if not told.quantities:
        return found
    for now in new.quantities:
        subject = find_fate(now, sentence) or (now.subject if now.subject not in FATES else "")
        if not subject or subject in VAGUE or is_part(now, sentence):
            continue
        context = _list_near(now, sentence)
        formers = (old for old in reversed(told.quantities) if _is_former(old, now, subject, sentence))
        for old in islice(formers, MOST_FORMERS):
            if _is_in_company(old, subject, context, told):
                found.append(make_change(old, now, sentence))
                break
    return found


def _is_former(old: Quantity, now: Quantity, subject: str, sentence: SentenceView) -> bool:
    subjects = (subject, "people", "") if subject in FATES else (subject,)
    if old.subject not in subjects or old.unit != now.unit or is_same_value(old, now):
        return False
    if bool(_ORDINAL.match(old.text)) != bool(_ORDINAL.match(now.text)):
        return False
    larger, smaller = max(old.value, now.value), min(old.value, now.value)
    return larger <= MOST_TIMES * smaller and not any(is_same_value(old, other) for other in sentence.quantities)


def _is_in_company(old: Quantity, subject: str, context: set[str], told: Told) -> bool:
    """Whether an earlier sentence says of the old value what is said of the new one; of the dead, that they died."""
    number = [stem_word(w) for w in find_words(fold_text(old.text)) if w not in STOPWORDS]
    for stems in reversed(told.sentences):
        at = _find_run(stems, number)
        if at is None or (old.subject != subject and not _FATE_STEMS[subject] & set(stems[max(0, at - 3) : at])):
            continue
        near = set(stems[max(0, at - NEAR_STEMS) : at + len(number) + NEAR_STEMS]) - set(number)
        if len((near & context) - {old.subject}) >= SHARED_STEMS:
            return True
    return False


def _list_near(quantity: Quantity, sentence: SentenceView) -> set[str]:
    number = [stem_word(w) for w in find_words(fold_text(quantity.text)) if w not in STOPWORDS]
    at = _find_run(sentence.stems, number)
    if at is None:
        return set()
    return set(sentence.stems[max(0, at - NEAR_STEMS) : at + len(number) + NEAR_STEMS]) - set(number)


def _find_run(stems: Sequence[str], wanted: list[str]) -> int | None:
    length = len(wanted)
    places = range(len(stems) - length + 1) if length else ()
    return next((n for n in places if list(stems[n : n + length]) == wanted), None)


def make_change(old: Quantity, now: Quantity, sentence: SentenceView) -> Change:
    """That one value takes the place of another, in the words of the later sentence."""
    thing = name_counted(now, sentence) or name_counted(old, sentence)
    thing = thing or ("sum" if now.unit in MONEY else "number")
    return Change(thing, tidy_number(old.text), tidy_number(now.text), thing in FATES, now.value - old.value)
