"""How much a development matters: what kind of fact it brings, how sure it is that it is new, how many say it.

Each part can only raise the answer. How well the topic fits is known to the routes alone: they weigh it in afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.detect.changes import MONEY
from pipeline.detect.reasons import TIME_UNITS, Findings
from pipeline.models import Label

FACTS_SHARE = 0.7  # of the answer before further voices; the rest is certainty
FURTHER_SHARE = 0.2  # of a further fact's weight closes what is left to 1
MOST_FURTHER = 3
VOICES_SHARE = 0.3  # of what is left to 1 is closed by many further publishers,
VOICES_HALVED_BY = 3  # half of it by so many
# how much a kind of fact matters by itself, 0..1
CORRECTION, TOLL, VALUE, DENIAL = 0.9, 0.95, 0.8, 0.75
SUM, NUMBER, DATE, NAME, SPAN, WORDS = 0.6, 0.5, 0.45, 0.4, 0.35, 0.3
DEED = 0.6  # any other
_DEEDS = {
    **dict.fromkeys(("killed", "attacked", "cancelled"), 0.85),
    **dict.fromkeys(("signed", "approved", "rejected", "sanctioned", "stopped", "resigned", "denied", "agreed"), 0.75),
    **dict.fromkeys(("detained", "charged", "sentenced", "released", "resumed", "delayed", "missing"), 0.7),
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """An importance, 0..1, and its parts in words: "toll 0.95, cancelled 0.85; sure 0.93; 3 publishers"."""

    importance: float
    because: str


def weigh_news(findings: Findings, label: Label, certainty: float, publishers: int) -> Weighed:
    """The importance of what was found new; `certainty` is the probability that it is, `publishers` counts voices."""
    facts = sorted(_list_facts(findings, label), key=lambda fact: -fact[1])[: MOST_FURTHER + 1]
    named = ", ".join(f"{name} {weight:.2f}" for name, weight in facts)
    base = FACTS_SHARE * _join([weight for _, weight in facts]) + (1 - FACTS_SHARE) * certainty
    further = 1 - 0.5 ** (max(0, publishers - 1) / VOICES_HALVED_BY)
    importance = base + (1 - base) * VOICES_SHARE * further
    voices = f"{publishers} publishers" if publishers > 1 else "1 publisher"
    return Weighed(round(importance, 3), f"{named}; sure {certainty:.2f}; {voices}")


def _list_facts(findings: Findings, label: Label) -> list[tuple[str, float]]:
    """Each kind of fact once, with its weight."""
    facts: dict[str, float] = {}
    if label is Label.CORRECTION:
        facts["correction"] = CORRECTION
    for change in findings.changes:
        facts["toll" if change.is_toll else "value"] = TOLL if change.is_toll else VALUE
    for step in (*(step for _, step in findings.moves), *(step for step, _ in findings.deeds)):
        facts[step] = _DEEDS.get(step, DEED)
    for quantity, _ in findings.numbers:
        if quantity.unit in MONEY:
            facts["sum"] = SUM
        elif quantity.unit in TIME_UNITS:
            facts["span of time"] = SPAN
        else:
            facts["number"] = NUMBER
    facts |= {"denial": DENIAL} if findings.denial else {}
    facts |= {"date": DATE} if findings.has_date else {}
    facts |= {"name": NAME} if findings.names else {}
    return list((facts or {"words": WORDS}).items())


def _join(weights: Sequence[float]) -> float:
    """The heaviest fact, raised a little by each further one."""
    left = 1 - weights[0]
    for weight in weights[1:]:
        left *= 1 - FURTHER_SHARE * weight
    return 1 - left
