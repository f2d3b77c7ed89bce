"""Steps of an affair: "talks -> signed". Said only when the earlier step was told of the same affair."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from pipeline.detect.novelty import NewFacts
from pipeline.detect.told import Told
from pipeline.detect.wording import LONG_AGO, quote_deed
from pipeline.facts import SentenceView
from pipeline.facts.stages import find_stages
from pipeline.text import STOPWORDS, find_words, fold_text, list_words, stem_word

NEAR_STEMS = 8  # on either side of a step: who takes it, and in what
SHARED_STEMS = 2  # of these, for two steps to belong to one affair
# words that say that a step is planned or under way, and those that say that it was taken
STEPS = {
    step: frozenset(list_words(words))
    for step, words in {
        "planned": "planned plans plan draft proposed proposal scheduled due",
        "talks": "talks negotiations negotiating negotiated discussed",
        "agreed": "agreed agreement",
        "approved": "approved adopted ratified endorsed passed",
        "signed": "signed",
        "delivered": "delivered",
        "delayed": "delayed postponed deferred",
        "cancelled": "cancelled canceled scrapped",
        "detained": "detained arrested",
        "charged": "charged indicted",
        "sentenced": "sentenced convicted jailed",
        "released": "released freed",
        "stopped": "stopped halted suspended",
        "resumed": "resumed reopened restarted",
    }.items()
}
# step -> those that may come right before it in the same affair, the likeliest first
_BEFORE = {
    "agreed": ("talks", "planned"),
    "approved": ("planned", "agreed"),
    "signed": ("agreed", "talks", "planned"),
    "delivered": ("signed",),
    "delayed": ("planned",),
    "cancelled": ("delayed", "planned"),
    "charged": ("detained",),
    "sentenced": ("charged", "detained"),
    "released": ("sentenced", "charged", "detained"),
    "resumed": ("stopped",),
}
# in front of a word: the step is not taken yet, or not at all
OPEN = re.compile(
    r"\b(?:(?:will|would|to|may|could|might|should|must|can|fail\w*|refus\w*|not|never|no|expected|due|ready|hop\w+"
    r"|want\w*|be)\b(?:\W+\w+){0,2}|(?:if|before|until|unless|without)\b(?:[ '-]+\w+){0,10})\W*$",
    re.I,
)
# words that say by themselves that something was done
DEEDS = frozenset(
    list_words(
        """signed agreed approved adopted ratified endorsed rejected vetoed blocked delivered suspended halted stopped
        grounded resumed reopened restarted lifted delayed postponed cancelled canceled scrapped abandoned withdrew
        withdrawn denied denies refuted corrected retracted detained arrested seized captured charged indicted
        sentenced convicted jailed acquitted released freed resigned quit sacked ousted appointed elected nominated
        killed died attacked shelled bombed struck tested banned blacklisted sanctioned rescued evacuated warned
        threatened sailed departed arrived landed docked launched dismissed sued accused collapsed crashed"""
    )
)


def find_moves(news: Sequence[tuple[SentenceView, NewFacts]], told: Told) -> dict[str, str]:
    """Step -> the step of the same affair before it, for steps that the sentences say were taken now."""
    moves: dict[str, str] = {}
    for sentence, new in news:
        for step in new.stages:
            before = _find_before(step, sentence, told) if step not in moves else None
            if before:
                moves[step] = before
    return moves


def _find_before(step: str, sentence: SentenceView, told: Told) -> str | None:
    """The step before this one that an earlier sentence tells of the same affair."""
    near = _list_near_taken(STEPS[step], sentence) if step in _BEFORE else set()
    for before in _BEFORE.get(step, ()) if near else ():
        stems = {stem_word(word) for word in STEPS[before]}
        if before in told.stages and any(_is_same_affair(stems, near, each) for each in told.sentences):
            return before
    return None


def _list_near_taken(words: frozenset[str], sentence: SentenceView) -> set[str]:
    """The stems around the words of a step where the sentence says that it was taken now."""
    near: set[str] = set()
    text = fold_text(sentence.text)
    for match in re.finditer(r"\w+", text):
        if match.group().lower() not in words:
            continue
        if OPEN.search(text[: match.start()]) or LONG_AGO.match(text[match.end() :]):
            continue
        before = [w for w in find_words(text[: match.start()]) if w not in STOPWORDS]
        behind = [w for w in find_words(text[match.end() :]) if w not in STOPWORDS]
        near.update(stem_word(w) for w in (*before[-NEAR_STEMS:], *behind[:NEAR_STEMS]))
    return near


def _is_same_affair(step: set[str], near: set[str], told: Sequence[str]) -> bool:
    for at, stem in enumerate(told):
        if stem in step:
            around = {*told[max(0, at - NEAR_STEMS) : at], *told[at + 1 : at + 1 + NEAR_STEMS]}
            if len((around & near) - step) >= SHARED_STEMS:
                return True
    return False


def list_deeds(sentence: SentenceView, new: NewFacts, known: Set[str]) -> list[tuple[str, str]]:
    """(step, quotation) of what a sentence says was done and nobody has told; `known` holds the stems told."""
    found: dict[str, str] = {}
    for word in find_words(fold_text(sentence.text)):
        stages = find_stages([word]) if word in DEEDS else ()
        fresh = [stage for stage in stages if stage in new.stages or f"!{stage}" in new.stages]
        if stages and (fresh or stem_word(word) not in known):
            found.setdefault((fresh or stages)[0], quote_deed(word, sentence))
    return [(stage, words) for stage, words in found.items() if words]


def quote_steps(sentence: SentenceView, new: NewFacts) -> list[str]:
    """The words of a sentence that name a new step without saying that it was taken: "purchase of Turkish drones"."""
    steps = {stage.removeprefix("!") for stage in new.stages}
    words = [word for word in find_words(fold_text(sentence.text)) if steps & set(find_stages([word]))]
    return [quotation for word in words if (quotation := quote_deed(word, sentence))]
