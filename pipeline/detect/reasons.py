"""The reason in words: "dead 12 -> 31", "talks -> signed", "new: Ekeroth"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.detect.novelty import NewFacts
from pipeline.detect.told import Told
from pipeline.facts import SentenceView
from pipeline.facts.names import fold_name
from pipeline.text import fold_text, stem_word

MAX_REASONS = 4
# steps that follow one another in an affair
_LADDERS = (
    ("planned", "talks", "agreed", "approved", "signed", "started", "delivered", "completed"),
    ("planned", "delayed", "cancelled"),
    ("accused", "detained", "charged", "tried", "sentenced", "released"),
    ("stopped", "resumed"),
)


def explain_news(news: Sequence[tuple[SentenceView, NewFacts]], told: Told) -> str:
    """What the shown sentences add, most telling first, in a line for a person."""
    changes = [
        f"{_find_word(now.subject, sentence)} {_tidy(old.text)} -> {_tidy(now.text)}".strip()
        for sentence, new in news
        for old, now in new.changed
    ]
    steps = [_explain_stage(stage, told) for _, new in news for stage in new.stages]
    names = [_find_written(name, sentence) for sentence, new in news for name in new.names]
    numbers = [
        f"{_tidy(q.text)} {_find_word(q.subject, sentence)}".strip()
        for sentence, new in news
        for q in new.quantities
        if not _is_change(q, new)
    ]
    moves = [step for step in steps if "->" in step]
    # A bare step ("killed") says least: it is named when nothing else can be.
    reasons = list(dict.fromkeys([*changes, *moves, *(f"new: {x}" for x in (*numbers, *names)), *steps]))
    return "; ".join(reasons[:MAX_REASONS]) or "said in no earlier article of the story"


def _explain_stage(stage: str, told: Told) -> str:
    """The step, after the last one before it on its ladder: an affair that was signed does not go back to talks."""
    name = stage.removeprefix("!")
    step = f"not {name}" if stage != name else name
    for ladder in _LADDERS:
        if name in ladder:
            earlier = [before for before in ladder[: ladder.index(name)] if before in told.stages]
            if earlier:
                return f"{earlier[-1]} -> {step}"
    return step


def _find_word(stem: str, sentence: SentenceView) -> str:
    """The word of the sentence that a stem was made of."""
    return next((word for word in re.findall(r"[^\W\d_]+", sentence.text) if stem_word(word.lower()) == stem), stem)


def _tidy(number: str) -> str:
    return re.sub(r"\s*-\s*", "-", number)


def _find_written(name: str, sentence: SentenceView) -> str:
    words = re.findall(r"\w+", fold_text(sentence.text))
    return next((word for word in words if word[0].isupper() and fold_name(word) == name), name)


def _is_change(quantity: object, new: NewFacts) -> bool:
    return any(now is quantity for _, now in new.changed)
