"""Does an article take back what was told, or does it go on from there?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.detect.novelty import NewFacts
from pipeline.facts import ArticleView
from pipeline.text import fold_text

LEAD_SENTENCES = 3

# How newsrooms take something back: one pattern a kind, counted in the headline and the lead.
_CUES = {
    "corrects": re.compile(
        r"\b(correct(?:s|ed|ing|ions?)|revis(?:es?|ed|ing|ion)|clarif(?:y|ies|ied|ying)|retract(?:s|ed|ing|ion)?|amended"
        r"|mistak(?:e|es|en|enly)|in error|erroneous(?:ly)?|wrong(?:ly)?|mix(?:ed)?[- ]up|confus(?:ed|ion)"
        r"|misidentif\w+|misstat\w+|misread|misinformed|misspoke|counted twice|double[- ]count\w*"
        r"|inaccurate(?:ly)?|incorrect(?:ly)?|apologi[sz]ed|typ(?:o|ing error)|after all|unregistered|outdated"
        r"|old (?:manual|file|list|figure))\b",
        re.I,
    ),
    "withdraws": re.compile(
        r"\b(?:withdr(?:aws?|ew|awn)|takes? back|took back|contradict(?:s|ed|ing)?|contrary to|stood by)\b"
        r"|\b(?:remov(?:es?|ed)|took|takes?|struck|left)\b[^.]{0,40}"
        r"\b(?:off|from) (?:a|the|its) (?:\w+ )?(?:list|blacklist|count)"
        r"|\b(?:lower(?:s|ed)|cuts?|reduc(?:es|ed))\b[^.]{0,30}\b(?:toll|number|count|figure|estimate)",
        re.I,
    ),
    "denies": re.compile(
        r"\b(?:den(?:y|ies|ied|ying|ial)|admit(?:s|ted)|acknowledg(?:es|ed)"
        r"|did not|had not|was not|were not|does not|no plan)\b",
        re.I,
    ),
    "contrasts": re.compile(
        r"(?:,| and|;) not (?:the |a |an |in |on |as |yet |until )?\w+|\bnot\b[^.]{3,80}\bbut\b|\bfewer\b", re.I
    ),
    "recalls": re.compile(
        r"\b(?:(?:as|than|had been|was|were) (?:first|previously|originally|initially|earlier)"
        r"|(?:had|have) (?:\w+ )?(?:said|reported|announced|named|given|written|stated|put|declared|claimed|listed)"
        r"|(?:first|previously|originally|initially|earlier) (?:reported|announced|stated|said|given|put|counted)"
        r"|reported (?:this|on|by|earlier)|given by|it reported|we reported|than stated"
        r"|(?:newspaper|media|press|agency) reports?)\b",
        re.I,
    ),
}  # fmt: skip


def measure_correction(view: ArticleView, news: Sequence[NewFacts]) -> dict[str, float]:
    """The named features of the correction gate: which cues stand in the headline, and how many in the lead."""
    title = fold_text(view.title.text)
    lead = [fold_text(s.text) for s in view.sentences[:LEAD_SENTENCES]]
    features = {f"{name}_title": float(bool(cue.search(title))) for name, cue in _CUES.items()}
    features |= {f"{name}_lead": float(sum(bool(cue.search(text)) for text in lead)) for name, cue in _CUES.items()}
    features["changed"] = float(any(new.changed for new in news))
    return features
