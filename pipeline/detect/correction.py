"""Does an article take back what was told, or does it go on from there?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.detect.novelty import NewFacts
from pipeline.facts import ArticleView

LEAD_SENTENCES = 3
# Words with which newsrooms take something back (AP and Reuters handbooks on corrections).
_TAKES_BACK = re.compile(
    r"\b(correct(?:s|ed|ing|ion)|revis(?:es?|ed|ing) (?:down|up|its|the|their|to)|clarif(?:y|ies|ied)"
    r"|retract(?:s|ed|ion)?"
    r"|mistak(?:e|es|en|enly)|in error|erroneous(?:ly)?|wrong(?:ly)?|mix(?:ed)?[- ]up|confus(?:ed|ion)|misidentif\w+"
    r"|misstat\w+|misread|counted twice|double[- ]count\w*|contrary to|incorrect(?:ly)?|inaccurate(?:ly)?|amended"
    r"|apologi[sz]ed|typing error|typo|withdraws? (?:the|its|a) (?:statement|report|claim)|false(?:ly)?"
    r"|(?:had|were|was) not, (?:as|in fact)|initially (?:reported|announced|said|put|given)"
    r"|(?:lowered|cut|cuts|reduces?|reduced) (?:the|its|number|to|from)|fewer"
    r"|(?:as|than|had been|was|were) (?:first|previously|originally|initially|earlier) (?:reported|announced|stated"
    r"|thought|said"
    r"|believed|given|feared|claimed))\b",
    re.I,
)
_INSTEAD = re.compile(
    r"\b(?:is|was|were|are|until|in|on|had|did|fired|,)? ?(?:and |, )?not (?:a |an |the |in |on |until )?\w+", re.I
)


def is_correction(view: ArticleView, news: Sequence[NewFacts]) -> bool:
    """True when the headline or the lead takes something back; a changed value alone is how stories go on."""
    lead = [s.text for s in view.sentences[:LEAD_SENTENCES]]
    cues = sum(bool(_TAKES_BACK.search(text)) for text in (view.title.text, *lead))
    turned = bool(_INSTEAD.search(view.title.text)) or any(new.changed for new in news)
    return cues >= 2 or (cues == 1 and turned)
