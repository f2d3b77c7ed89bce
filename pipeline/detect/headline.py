"""What the edit of a headline brings. A headline says little, so whatever number, step or day is new in it counts."""

from __future__ import annotations

import re

from pipeline.detect.affairs import OPEN, STEPS
from pipeline.detect.gate import is_explainer
from pipeline.detect.novelty import NewFacts
from pipeline.detect.reasons import TIME_UNITS
from pipeline.detect.told import Told
from pipeline.detect.wording import LONG_AGO
from pipeline.facts import ArticleView, Quantity, SentenceView
from pipeline.text import fold_text, list_words, stem_word

LOOK_BACK = 120  # characters in front of a verb
# "Five things to know": what newsrooms count of their own text
_OWN_COUNTS = frozenset(
    map(
        stem_word,
        list_words(
            """know things facts points questions answers reasons ways takeaways lessons charts maps photos pictures
            images videos minutes seconds words moments tips key must most best top"""
        ),
    )
)
_STEPS = {step: words for step, words in STEPS.items() if step not in ("planned", "talks")} | {
    step: list_words(words)
    for step, words in {
        "resigned": "resigned quit sacked ousted",
        "rejected": "rejected vetoed",
        "denied": "denied refuted",
        "admitted": "admitted admits",
        "killed": "killed dead died dies die drowned perished",
        "rescued": "rescued evacuated",
        "expelled": "expelled expels deported extradited evicted exiled",
        "seized": "seized impounded confiscated nationalised nationalized",
        "frozen": "froze frozen freezes",
        "banned": "banned bans outlawed",
        "revoked": "revoked repealed overturned annulled quashed rescinded retracted",
        "withdrawn": "withdrew withdrawn withdraws surrendered",
        "elected": "elected appointed nominated inaugurated",
        "captured": "captured recaptured retaken overran",
        "closed": "shut",
        "intercepted": "intercepted",
        "halved": "halved doubled tripled",
        "dissolved": "dissolved disbanded",
        "failed": "fail failed collapse collapsed break broke",
    }.items()
}
_STEMS = {step: frozenset(map(stem_word, words)) for step, words in _STEPS.items()}
_TAKEN = {word: step for step, words in _STEPS.items() for word in words if step != "failed"}
# Headlines tell in the present tense. In it many a thing is delivered, released, charged or passed; sacks are things.
_PAST_ONLY = frozenset(list_words("delivered released charged passed sacked"))
_TAKEN_NOW = {stem_word(word): step for word, step in _TAKEN.items() if word not in _PAST_ONLY}
# in front of a step that somebody only wants, besides what `OPEN` knows: "seeks agreement", "plea for release"
_WANTED = re.compile(
    r"\b(?:near\w*|seek\w*|urg\w+|demand\w*|eye\w*|mull\w*|weigh\w*|consider\w*|propos\w*|plan\w*|vow\w*|threat\w*"
    r"|risk\w*|fear\w*|await\w*|possible|likely|draft|for)\b(?:\W+\w+){0,3}\W*$",
    re.I,
)
_FAILED = re.compile(
    r"\bfail(?:s|ed)? to (?:agree|reach|sign|find)\b|\b(?:breaks?|broke) off\b|\bno (?:deal|agreement)\b"
    r"|\b(?:talks|negotiations|deal|truce|ceasefire|agreement)\b[^.;]{0,40}"
    r"\b(?:collapse[sd]?|fails?|failed|end(?:s|ed)? without)\b",
    re.I,
)
# numbers that count nothing: "Section 9", "88/2026"
_NAMED = re.compile(
    r"\b(?:section|article|chapter|part|phase|round|rule|resolution|unit|flight|line|route|highway|day|no\.?|number|channel)"
    r"\s+(\d+)\b|(\d+)(?=/)|(?<=/)(\d+)",
    re.I,
)


def keep_telling(new: NewFacts, view: ArticleView, was: SentenceView, told: Told) -> NewFacts:
    """The facts of an article's new headline that are told; `new` are those that the story has not had.

    No names: of places and outlets a headline names now these, now those. A day only in the place of another. An
    explainer or a question tells only a number in the place of another.
    """
    headline = view.title
    named = {number for found in _NAMED.findall(fold_text(headline.text)) for number in found}
    changed = tuple((old, now) for old, now in new.changed if old in was.quantities and now.text not in named)
    told_numbers = {now for _, now in changed}
    is_report = not is_explainer(headline.text) and "question" not in headline.marks
    if is_report:
        told_numbers |= {q for q in new.quantities if _is_count(q) and q.text not in named}
    return NewFacts(
        quantities=tuple(q for q in new.quantities if q in told_numbers),
        changed=changed,
        stages=_list_steps(view, was, told) if is_report else (),
        dates=new.dates if is_report and set(was.dates) - set(headline.dates) else (),
    )


def _is_count(quantity: Quantity) -> bool:
    """False for how long something took, and for what the text itself consists of."""
    return quantity.subject not in _OWN_COUNTS and quantity.unit not in TIME_UNITS


def _list_steps(view: ArticleView, was: SentenceView, told: Told) -> tuple[str, ...]:
    """The steps that the headline says were taken and that nobody has told so.

    In a story of this article alone, steps that it only spoke of ("to be signed in May") are not told yet.
    """
    taken = _find_taken(view.title) - _find_taken(was)
    if told.articles == 1:
        return tuple(sorted(taken.difference(*map(_find_taken, view.sentences))))
    return tuple(sorted(step for step in taken if _STEMS[step].isdisjoint(told.stems)))


def _find_taken(sentence: SentenceView) -> set[str]:
    """The steps that a sentence says were taken, in the past ("signed") or as headlines do ("cancels")."""
    text = fold_text(sentence.text)
    taken = {"failed"} if _FAILED.search(text) else set()
    for match in re.finditer(r"[^\W\d_]+", text):
        word = match.group().lower()
        step = _TAKEN.get(word) or _TAKEN_NOW.get(stem_word(word))
        before = text[max(0, match.start() - LOOK_BACK) : match.start()]
        if step and not _is_open(before, text[match.end() :]):
            taken.add(step)
    return taken


def _is_open(before: str, behind: str) -> bool:
    return bool(OPEN.search(before) or _WANTED.search(before) or LONG_AGO.match(behind))
