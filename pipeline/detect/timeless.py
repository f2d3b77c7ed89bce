"""Sentences that tell how things are and not what happened: "More than 50 ships a day use the waterway"."""

from __future__ import annotations

import re

from pipeline.detect.novelty import NewFacts
from pipeline.detect.wording import FATES
from pipeline.facts import SentenceView
from pipeline.text import find_words, fold_text, list_words

_FATES = frozenset(("missing", "killed", "hurt"))  # steps that the present tells too: "26 are missing"
_TELLING = frozenset(("said", "today", "yesterday"))  # marks of sentences that report
# Past forms without -ed; those that look like the present ("hit") count too: such a sentence may well report.
_PAST = frozenset(
    list_words(
        """was were had did became began bent bit bled blew broke brought built burnt burst bought came caught chose
        clung cost crept cut dealt drew drove drank ate fell fed felt fought found fled flew forbade forgot froze gave
        got grew heard hid hit held hurt kept knew laid led learnt left lent let lit lost made meant met paid put quit
        ran rang rose sank sat saw sent set shed shook shot shut slept slid smelt sold sought spent split spoke sprang
        spread stole stood stormed strode struck stuck swam swept swore took taught thought threw told tore torn
        understood went woke won wore wound withdrew wrote overcame overran overtook undertook upset beat bid cast"""
    )
)
_NO_PAST = frozenset(list_words("need feed seed weed speed indeed hundred breed exceed proceed succeed bed red"))
# what lies ahead, or goes on now
_UNDER_WAY = re.compile(
    r"\b(?:will|would|shall|may|might|now|already|so far|by (?:noon|midnight|evening|morning|nightfall|dawn|late)"
    r"|meanwhile|tonight|(?:this|on) (?:morning|afternoon|evening|night|week)|(?:is|are|'s|'re) (?:\w+ )?\w+ing)\b"
)


def is_timeless(sentence: SentenceView, new: NewFacts) -> bool:
    """True for a sentence with numbers and names of its own that reports nothing: no deed, day, fate or source.

    A full sentence without any past or future form is in the present, which tells news in headlines only.
    """
    has_day = any(len(day) > len("2026") for day in new.dates)
    if has_day or _TELLING.intersection(sentence.marks) or _FATES.intersection(new.stages):
        return False
    if any(quantity.subject in FATES for quantity in new.quantities):
        return False
    text = fold_text(sentence.text).lower()
    return not _UNDER_WAY.search(text) and not any(map(_is_past, find_words(text)))


def _is_past(word: str) -> bool:
    return word in _PAST or (word.endswith("ed") and word not in _NO_PAST)
