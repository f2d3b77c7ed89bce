"""The reason in words: "dead 12 -> 31", "talks -> signed", "new: Ekeroth"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.detect.novelty import NewFacts
from pipeline.detect.told import Told
from pipeline.facts import SentenceView
from pipeline.facts.names import fold_name
from pipeline.text import fold_text

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
    changes = [f"{now.subject} {old.text} -> {now.text}" for _, new in news for old, now in new.changed]
    steps = [_explain_stage(stage, told) for _, new in news for stage in new.stages]
    names = [_find_written(name, sentence) for sentence, new in news for name in new.names]
    numbers = [f"{q.text} {q.subject}".strip() for _, new in news for q in new.quantities if not _is_change(q, new)]
    reasons = list(dict.fromkeys([*changes, *steps, *(f"new: {x}" for x in (*numbers, *names))]))
    return "; ".join(reasons[:MAX_REASONS]) or "said in no earlier article of the story"


def _explain_stage(stage: str, told: Told) -> str:
    name = stage.removeprefix("!")
    for ladder in _LADDERS:
        if name in ladder:
            earlier = [step for step in ladder if step in told.stages and step != name]
            if earlier:
                return f"{earlier[-1]} -> {'not ' if stage != name else ''}{name}"
    return ("not " if stage != name else "") + name


def _find_written(name: str, sentence: SentenceView) -> str:
    words = re.findall(r"\w+", fold_text(sentence.text))
    return next((word for word in words if word[0].isupper() and fold_name(word) == name), name)


def _is_change(quantity: object, new: NewFacts) -> bool:
    return any(now is quantity for _, now in new.changed)
