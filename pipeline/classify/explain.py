"""Which words of the article carried a decision, as the article wrote them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from pipeline.classify.features import ConceptFinder, Words
from pipeline.classify.tokens import SENTENCE_END

LOUDEST: Final = 60  # features looked at; what follows weighs next to nothing
CANDIDATES: Final = 12
LEAST_SHARE: Final = 0.2  # of the strongest term: what said less than that did not carry the decision
FEATURES_REMEMBERED: Final = 20_000

_SILENT_WORDS = """
the of and to in a that is was for on with he as it by at from his be an are were has have had which or its they but not
will would who been said say after new more than this about out up their her she i we you if also when over into no all
there so what can could may might should do did does them him me my our us your some any other one two three first last
before since while during between against under off down then now how where why both each most such only own same very
just because until through again further once here these those being having per via among amid
"""
_SILENT: Final = frozenset(_SILENT_WORDS.split())

Share = tuple[str, float]  # a feature by name, and how much it spoke for the topic


class ShownTerms:
    """The terms of one article, ready to be ranked for each of its topics."""

    def __init__(self, title: Words, text: Words, finder: ConceptFinder) -> None:
        self._tokens = (*title.tokens, SENTENCE_END, *text.tokens)
        self._surfaces = (*title.surfaces, SENTENCE_END, *text.surfaces)
        self._text = f" {' '.join(self._tokens)} "
        self._carriers = finder.find_carriers(self._tokens, _says_little)

    def rank(self, features: Iterable[Share], share_letters: Callable[[str], float], limit: int) -> tuple[str, ...]:
        """The terms with the largest share in a positive decision, strongest first.

        `features` are words, titles and concepts that spoke for the topic; `share_letters` tells the share of the
        letter groups of a word. Concepts count for the words that show them, pairs of concepts by half for each.
        """
        shares: dict[str, float] = defaultdict(float)
        for name, share in features:
            term, concepts = _read_feature(name)
            if term and f" {term} " in self._text:
                shares[term] += share
            for concept in concepts:
                if concept in self._carriers:
                    shares[self._carriers[concept]] += share / len(concepts)
        loud = sorted((share, term) for term, share in shares.items())[-CANDIDATES:]
        ranked = sorted((share if " " in term else share + share_letters(term), term) for share, term in loud)
        if not ranked:
            return ()
        least = LEAST_SHARE * ranked[-1][0]
        return _pick((self._spell(term) for share, term in reversed(ranked) if share >= least), limit)

    def _spell(self, term: str) -> str:
        """The term as the article writes it where it stands first."""
        words = tuple(term.split())
        at = self._tokens.index(words[0])
        while self._tokens[at : at + len(words)] != words:
            at = self._tokens.index(words[0], at + 1)
        return " ".join(self._surfaces[at : at + len(words)])


@lru_cache(maxsize=FEATURES_REMEMBERED)
def _read_feature(name: str) -> tuple[str, tuple[str, ...]]:
    """The term that a feature stands for, or else its concepts."""
    block, _, rest = name.partition(":")
    if block in ("c", "p") or rest.startswith("c:"):
        return "", tuple(rest.removeprefix("c:").split("+"))
    return _trim(rest), ()


@lru_cache(maxsize=FEATURES_REMEMBERED)
def _trim(term: str) -> str:
    """Without the words at its ends that say nothing: "of weapons" is about weapons."""
    words = term.split()
    while words and (words[0] in _SILENT or words[0][0] == "_"):
        words.pop(0)
    while words and (words[-1] in _SILENT or words[-1][0] == "_"):
        words.pop()
    return " ".join(words)


def _says_little(term: str) -> bool:
    return _trim(term) != term


def _pick(ranked: Iterable[str], limit: int) -> tuple[str, ...]:
    """The first terms that do not repeat a stronger one."""
    picked: list[str] = []
    seen: list[set[str]] = []
    for term in ranked:
        words = set(term.lower().split())
        if not any(words <= known or words >= known for known in seen):
            picked.append(term)
            seen.append(words)
        if len(picked) == limit:
            break
    return tuple(picked)
