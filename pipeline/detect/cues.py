"""How newsrooms take something back: the kinds of words and phrases, looked for in one sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.facts import SentenceView
from pipeline.text import fold_text, list_words

_OF_COUNT = r"(?:toll|number|count|figure|estimate|total|turnout)"
_NUMBER = (
    r"(?:\W*(?:the|at least|about|some|an?|all|in|on|to|until|by|for))*\W*"
    r"(?:[$€£]?\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty)\b)"
)


@dataclass(frozen=True, slots=True)
class _Cue:
    """Stems that are a cue by themselves, and phrases that are searched for only where one of the hints stands."""

    stems: frozenset[str]
    hints: frozenset[str]
    phrases: re.Pattern[str]

    def stands_in(self, sentence: SentenceView, stems: frozenset[str]) -> bool:
        if not self.stems.isdisjoint(stems):
            return True
        return not self.hints.isdisjoint(stems) and self.phrases.search(sentence.text) is not None


def _make_cue(stems: str, hints: str, phrases: str) -> _Cue:
    return _Cue(frozenset(list_words(stems)), frozenset(list_words(hints)), re.compile(rf"\b(?:{phrases})\b", re.I))


_CUES = {
    "corrects": _make_cue(
        "correct correction clarify clarification amend mistak mistaken mistakenly erroneous erroneously wrong wrongly "
        "misidentify misstat misstated misread misinform misspok inaccurat incorrect incorrectly apologiz apologis "
        "confusion confus typo outdated unregistered",
        "error mix mixed twic double record straight entered revis fact",
        r"(?:in|by|an) error|error arose|mix(?:ed)?[- ]up|double[- ]count\w*|record straight|typing error|in fact"
        r"|revis(?:es|ed|ing) (?:its|his|her|their|an?|the) (?:\w+ )?(?:account|statement|version|report)"
        r"|(?:count|enter|list|record|regist|writ)\w*(?: down)? twice",
    ),
    "refutes": _make_cue(
        "deny denial refut slander falsehood fabricat fals untru disput contradict baseless groundless hoax lie "
        "misinformation disinformation",
        "truth true case contrary reject dismiss claim report allegation accusation",
        r"no truth|not (?:the case|true)|contrary to"
        r"|(?:reject|dismiss)\w* (?:\w+ ){0,2}(?:claims?|reports?|allegations?|accusations?|account|version)",
    ),
    "concedes": _make_cue(
        "", "admit conced acknowledg", r"(?<!refused to )(?<!refuses to )(?:admit|conced|acknowledg)\w*"
    ),
    "withdraws": _make_cue(
        "retract delist",
        "withdraw withdrew withdrawn list blacklist suspect stood claim statement "
        "story account version word remark figur number toll accusation",
        r"(?:takes?|took|taken|taking)\b[^.,;]{0,40}\bback|stood by|no longer a suspect"
        r"|withdr(?:aws?|ew|awn|awing) (?:\w+ ){0,3}(?:account|claim|statement|report|accusation|allegation|figure|toll"
        r"|number|remark|estimate|message)s?"
        r"|(?:remov(?:es?|ed|ing)|took|takes?|taken|struck|left)\b[^.]{0,60}\b(?:off|from) (?:a|the|its) (?:\w+ )?"
        r"(?:list|blacklist|count)",
    ),
    "lowers": _make_cue(
        "fewer misscount overstat exaggerat",
        "lower revis cut reduc clarify toll figure estimat number count",
        rf"(?:lower(?:s|ed|ing)|cuts?|cutting|reduc(?:es|ed|ing)|revis\w+)\b[^.]{{0,40}}\b{_OF_COUNT}",
    ),
    "recalls": _make_cue(
        "",
        "first previously originally initially earlier previou original initial report announc stat claim remark "
        "reported announced stated given named declar put list written newspaper media press word statement said",
        r"(?:as|than|had been|was|were) (?:first|previously|originally|initially|earlier)"
        r"|(?:had|have) (?:\w+ )?(?:said|reported|announced|named|given|written|stated|put|declared|claimed|listed)"
        r"|(?:first|previously|originally|initially|earlier) (?:reported|announced|stated|said|given|put|counted)"
        r"|(?:earlier|previous|initial|its first|their first) (?:reports?|count|toll|figure|number|estimate|statement"
        r"|account|version|one|announcement)"
        r"|as (?:was |were )?(?:reported|stated|announced|claimed)|reported (?:this|on|by|earlier)|given by|we reported"
        r"|than stated|(?:reports?|claims?|remark|statement|words?|phrase)\b(?: \w+){0,3} (?:that|had|was|were)"
        r"|(?:newspaper|media|press|agency) reports?|reported (?:dead|killed|drowned|missing|lost)",
    ),
}  # fmt: skip
_CONTRAST = re.compile(r"(?:,| and|;|\() not (?!one of)\w+|\bnot\b[^.]{3,80}\bbut\b", re.I)
_NOT_NUMBER = re.compile(rf"\bnot\b(?! one of){_NUMBER}", re.I)
_NEVER = re.compile(r"\b(?:never|no longer|nobody|none|neither)\b", re.I)
_SLUG = re.compile(
    r"\W*(?:[A-Z]+[- ])?(?:CORRECT(?:ED|ION)|CLARIFICATION|RETRACTION)\b"
    r"|\W*(?:[Cc]orrect(?:ed|ion)|Clarification)\s*[:-]"
)
_NEGATIONS = {"contrasts": _CONTRAST, "not_number": _NOT_NUMBER, "never": _NEVER}
_ALL_STEMS = frozenset().union(*(cue.stems | cue.hints for cue in _CUES.values()))
KINDS = (*_CUES, *_NEGATIONS)


def is_marked_correction(headline: str) -> bool:
    """True for an agency's slug: "CORRECTED:", "REFILE-CORRECTION:"."""
    return _SLUG.match(headline) is not None


def find_cues(sentence: SentenceView) -> frozenset[str]:
    """The kinds of cues that stand in a sentence."""
    stems = frozenset(sentence.stems)
    found = []
    if not _ALL_STEMS.isdisjoint(stems):
        found += [name for name, cue in _CUES.items() if cue.stands_in(sentence, stems)]
    if "negated" in sentence.marks:
        text = fold_text(sentence.text)
        found += [name for name, pattern in _NEGATIONS.items() if pattern.search(text)]
    return frozenset(found)
