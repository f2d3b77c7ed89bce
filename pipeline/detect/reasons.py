"""The reason in words: "dead 12 -> 31", "talks -> signed", "new: Minister Tomas Ekeroth, 40 tonnes of tents"."""

from __future__ import annotations

from collections.abc import Sequence, Set

from pipeline.detect.affairs import find_moves, list_deeds, quote_steps
from pipeline.detect.changes import Change, find_changes
from pipeline.detect.novelty import NewFacts
from pipeline.detect.told import Told
from pipeline.detect.wording import list_names, quote_denial, quote_number, tidy_number
from pipeline.facts import SentenceView

MAX_REASONS = 4
LONGEST = 2000  # characters of a sentence that is read again: a longer one is a list or a table
MAX_DEEDS = 2  # named before numbers and names
TIME_UNITS = frozenset(("minute", "month"))  # how long something took is seldom the news
SAME_WORDS = 0.6  # of a denial stand in the sentence that it denies


Said = tuple[SentenceView, NewFacts]


def explain_news(news: Sequence[Said], told: Told, title: Said | None = None, edits: Sequence[Change] = ()) -> str:
    """What the shown sentences add, most telling first, in a line for a person.

    The title may name a value that changed; `edits` are values that an edit put in the place of others.
    "A -> B" is said only of one quantity or one affair; all else is quoted as the new thing that it is.
    """
    news = [one for one in news if len(one[0].text) <= LONGEST]
    moves = find_moves(news, told)
    changes = find_changes([*news, *([title] if title and len(title[0].text) <= LONGEST else [])], told, edits)
    arrows = [*map(str, changes), *(f"{before} -> {step}" for step, before in moves.items())][:MAX_REASONS]
    fresh = _list_fresh(news, told, set(moves), {change.new for change in changes})
    if not arrows and not fresh:
        return _explain_words(news, told)
    room = MAX_REASONS - len(arrows)
    return "; ".join([*arrows, *([f"new: {', '.join(fresh[:room])}"] if fresh[:room] else [])])


def _list_fresh(news: Sequence[Said], told: Told, moved: Set[str], changed: Set[str]) -> list[str]:
    """New deeds, numbers, names and spans of time in the words of their sentences, none inside another."""
    known = set(told.stems)
    deeds = [deed for sentence, new in news for deed in list_deeds(sentence, new, known) if deed[0] not in moved]
    numbers = [
        (quantity.unit in TIME_UNITS, quote_number(quantity, sentence))
        for sentence, new in news
        for quantity in new.quantities
        if tidy_number(quantity.text) not in changed
    ]
    names = [name for sentence, new in news for name in list_names(new.names, sentence)]
    kept: list[str] = []
    for words in (
        *[words for _, words in deeds[:MAX_DEEDS]],
        *[words for is_time, words in numbers if not is_time],
        *names,
        *[words for is_time, words in numbers if is_time],
    ):
        if words and not any(words in other for other in kept):
            kept.append(words)
    return kept


def _explain_words(news: Sequence[Said], told: Told) -> str:
    """For news without a new number, name or deed: what is taken back, or which step it speaks of."""
    for sentence, new in news:
        if "negated" in sentence.marks and _is_told_otherwise(sentence, told) and (denial := quote_denial(sentence)):
            return f"now: {denial}"
        if steps := quote_steps(sentence, new):
            return f"new: {steps[0]}"
    return "said in no earlier article of the story"


def _is_told_otherwise(sentence: SentenceView, told: Told) -> bool:
    """Whether an earlier sentence used mostly the same words."""
    words = set(sentence.stems)
    return any(len(words & set(stems)) >= SAME_WORDS * len(words) for stems in told.sentences)
