"""Does an article take back what was told, or does it go on from there?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pipeline.detect.cues import KINDS, find_cues, is_marked_correction
from pipeline.detect.gate import LEAD_SENTENCES, weigh
from pipeline.facts import SentenceView

SHOWN = 3  # sentences that are likeliest new
NOWHERE = -8.0  # log-odds where there is no sentence


def measure_correction(
    title: SentenceView, sentences: Sequence[Mapping[str, float]], scores: Sequence[float]
) -> dict[str, float]:
    """The named features of the correction gate.

    Cues of the headline, and how likely sentences take something back: the two likeliest, the likeliest of the lead, of
    the sentences that are new and, with both weighed, of all. `sentences` are their features in order, `scores` the
    probabilities that they are new.
    """
    return gather_correction(title, [weigh(features, "reversal") for features in sentences], scores)


def gather_correction(title: SentenceView, reversals: Sequence[float], scores: Sequence[float]) -> dict[str, float]:
    """The same from the log-odds that each sentence takes something back."""
    cues = find_cues(title) | ({"corrects"} if is_marked_correction(title.text) else set())
    ranked = sorted(reversals, reverse=True)
    fresh = sorted(range(len(scores)), key=lambda n: -scores[n])[:SHOWN]
    return {
        **{f"title_{kind}": float(kind in cues) for kind in KINDS},
        "title_negated": float("negated" in title.marks),
        "likeliest": ranked[0] if ranked else NOWHERE,
        "second": ranked[1] if len(ranked) > 1 else NOWHERE,
        "lead": max(reversals[:LEAD_SENTENCES], default=NOWHERE),
        "fresh": max((reversals[n] for n in fresh), default=NOWHERE),
        "joint": max(
            (back + math.log(score + 1e-4) for back, score in zip(reversals, scores, strict=True)), default=NOWHERE
        ),
    }
