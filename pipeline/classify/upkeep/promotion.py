"""May a new model take over? Only when it is not worse on the held-out part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.models import Figures, TopicFigures

# With some forty texts of a topic held out, one text more or less moves its F1 by about 0.02, and the mean of eight
# topics by 0.003: less than these falls is noise.
MACRO_TOLERANCE: Final = 0.01
WORST_TOLERANCE: Final = 0.04
MIN_SUPPORT: Final = 5  # a topic with fewer held-out texts has no F1 worth comparing


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the candidate takes over, and why, for a person."""

    is_promoted: bool
    reason: str


def judge_candidate(candidate: Figures, incumbent: Figures) -> Verdict:
    """Compare two models on the same texts, over the topics that both have and that enough of the texts have.

    The candidate takes over when its macro F1 is at most MACRO_TOLERANCE lower, and the F1 of its worst
    topic at most WORST_TOLERANCE lower than that of the other's worst.
    """
    old = {one.topic: one for one in incumbent.topics if one.support >= MIN_SUPPORT}
    new = {one.topic: one for one in candidate.topics if one.topic in old}
    if not new:
        return Verdict(False, f"no topic has {MIN_SUPPORT} held-out texts to compare the models on; label more")
    macro_before, macro_after = _mean([old[topic] for topic in new]), _mean(list(new.values()))
    worst_before = min((old[topic] for topic in new), key=lambda one: one.f1)
    worst_after = min(new.values(), key=lambda one: one.f1)
    told = (
        f"macro F1 {macro_before:.3f} -> {macro_after:.3f}, worst topic {worst_before.topic} {worst_before.f1:.2f} -> "
        f"{worst_after.topic} {worst_after.f1:.2f} on {candidate.texts} held-out texts"
    )
    if macro_after < macro_before - MACRO_TOLERANCE:
        return Verdict(False, f"{told}: macro F1 fell by more than {MACRO_TOLERANCE}")
    if worst_after.f1 < worst_before.f1 - WORST_TOLERANCE:
        return Verdict(False, f"{told}: the worst topic fell by more than {WORST_TOLERANCE}")
    return Verdict(True, f"{told}: not worse")


def _mean(figures: list[TopicFigures]) -> float:
    return sum(one.f1 for one in figures) / len(figures)
