"""The reason in words: "dead 12 -> 31", "talks -> signed", "new: Minister Tomas Ekeroth, 40 tonnes of tents"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.detect.affairs import find_moves, list_deeds, quote_steps
from pipeline.detect.changes import Change, find_changes
from pipeline.detect.novelty import NewFacts
from pipeline.detect.told import Told
from pipeline.detect.wording import list_names, quote_denial, quote_number, tidy_number
from pipeline.facts import Quantity, SentenceView

MAX_REASONS = 4
LONGEST = 2000  # characters of a sentence that is read again: a longer one is a list or a table
MAX_DEEDS = 2  # named before numbers and names
TIME_UNITS = frozenset(("minute", "month"))  # how long something took is seldom the news
SAME_WORDS = 0.6  # of a denial stand in the sentence that it denies
Said = tuple[SentenceView, NewFacts]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the shown sentences add, each kind in the order of the sentences, in their words."""

    changes: tuple[Change, ...]
    moves: tuple[tuple[str, str], ...]  # (step before, step taken) of one affair
    deeds: tuple[tuple[str, str], ...]  # (step, quotation) of the others
    numbers: tuple[tuple[Quantity, str], ...]  # with what they count
    names: tuple[str, ...]
    has_date: bool
    denial: str  # what a sentence turns round that was told
    words: str  # a step that is only spoken of, for when nothing else is named


def gather_findings(
    news: Sequence[Said], told: Told, title: Said | None = None, edits: Sequence[Change] = ()
) -> Findings:
    """What sentences add to a story.

    The title may name a value that changed; `edits` are values that an edit put in the place of others.
    """
    news = [one for one in news if len(one[0].text) <= LONGEST]
    moves = find_moves(news, told)
    changes = find_changes([*news, *([title] if title and len(title[0].text) <= LONGEST else [])], told, edits)
    changed, known = {change.new for change in changes}, set(told.stems)
    deeds = tuple(deed for deed in _list_deeds(news, known) if deed[0] not in moves)
    numbers = tuple(
        (quantity, words)
        for said, new in news
        for quantity in new.quantities
        if tidy_number(quantity.text) not in changed and (words := quote_number(quantity, said))
    )
    names = tuple(name for said, new in news for name in list_names(new.names, said))
    is_named = any((changes, moves, deeds, numbers, names))
    return Findings(
        changes=tuple(changes),
        moves=tuple((before, step) for step, before in moves.items()),
        deeds=deeds,
        numbers=numbers,
        names=names,
        has_date=any(new.dates for _, new in news),
        denial=next((denial for sentence, _ in news if (denial := _find_denial(sentence, told))), ""),
        words="" if is_named else next((words for said, new in news for words in quote_steps(said, new)), ""),
    )


def _list_deeds(news: Sequence[Said], known: set[str]) -> list[tuple[str, str]]:
    """Each step once, as the best sentence says it."""
    deeds: dict[str, str] = {}
    for said, new in news:
        for step, words in list_deeds(said, new, known):
            deeds.setdefault(step, words)
    return list(deeds.items())


def explain_findings(findings: Findings) -> str:
    """A line for a person, most telling first.

    "A -> B" is said only of one quantity or one affair; all else is quoted as the new thing that it is.
    """
    arrows = [*map(str, findings.changes), *(f"{before} -> {step}" for before, step in findings.moves)][:MAX_REASONS]
    fresh: list[str] = []
    for words in _list_fresh(findings):
        if not any(words in other for other in fresh):
            fresh.append(words)
    if not arrows and not fresh:
        return _explain_words(findings)
    room = MAX_REASONS - len(arrows)
    return "; ".join([*arrows, *([f"new: {', '.join(fresh[:room])}"] if fresh[:room] else [])])


def _list_fresh(findings: Findings) -> Iterator[str]:
    """Deeds, numbers, names, and spans of time last."""
    yield from (words for _, words in findings.deeds[:MAX_DEEDS])
    yield from (words for quantity, words in findings.numbers if quantity.unit not in TIME_UNITS)
    yield from findings.names
    yield from (words for quantity, words in findings.numbers if quantity.unit in TIME_UNITS)


def _explain_words(findings: Findings) -> str:
    if findings.denial:
        return f"now: {findings.denial}"
    return f"new: {findings.words}" if findings.words else "said in no earlier article of the story"


def _find_denial(sentence: SentenceView, told: Told) -> str:
    is_denial = "negated" in sentence.marks and _is_told_otherwise(sentence, told)
    return quote_denial(sentence) if is_denial else ""


def _is_told_otherwise(sentence: SentenceView, told: Told) -> bool:
    """Whether an earlier sentence used mostly the same words."""
    words = set(sentence.stems)
    return any(len(words & set(stems)) >= SAME_WORDS * len(words) for stems in told.sentences)
