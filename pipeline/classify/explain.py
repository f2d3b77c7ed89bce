"""Which words of the article carried a decision, as the article wrote them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

from pipeline.classify.features import ConceptFinder, find_concepts
from pipeline.classify.tokens import SENTENCE_END, clean_wire_text, drop_dateline, split_surfaces

SHOWN_CHARACTERS: Final = 4_000  # the head of the article, where a reader looks for the words
LOUDEST: Final = 60  # features looked at; what follows weighs next to nothing
CANDIDATES: Final = 12
LEAST_SHARE: Final = 0.2  # of the strongest term: what said less than that did not carry the decision

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
    """The terms in the head of one article, ready to be ranked for each of its topics."""

    def __init__(self, title: str, text: str, finder: ConceptFinder) -> None:
        self._tokens, self._surfaces = _split_head(title, text)
        # Backwards, so that the first place in the text stands.
        backwards = range(len(self._tokens) - 1, -1, -1)
        self._places: dict[str | tuple[str, str], int] = dict(zip(reversed(self._tokens), backwards, strict=True))
        self._places.update(zip([*pairwise(self._tokens)][::-1], backwards[1:], strict=True))
        self._carriers = _find_carriers(self._tokens, finder)

    def rank(self, features: Iterable[Share], share_letters: Callable[[str], float], limit: int) -> tuple[str, ...]:
        """The terms with the largest share in a positive decision, strongest first.

        `features` are words, titles and concepts that spoke for the topic; `share_letters` tells the share of the
        letter groups of a word. Concepts count for the words that show them, pairs of concepts by half for each.
        """
        shares: dict[str, float] = defaultdict(float)
        for name, share in features:
            for term, part in self._find_terms(name):
                shares[term] += share * part
        loud = sorted((share, term) for term, share in shares.items())[-CANDIDATES:]
        ranked = sorted((share if " " in term else share + share_letters(term), term) for share, term in loud)
        if not ranked:
            return ()
        least = LEAST_SHARE * ranked[-1][0]
        return _pick((self._spell(term) for share, term in reversed(ranked) if share >= least), limit)

    def _find_terms(self, name: str) -> Iterable[tuple[str, float]]:
        """The terms that a feature stands for, with their part of it."""
        block, _, rest = name.partition(":")
        if block in ("c", "p") or rest.startswith("c:"):
            names = rest.removeprefix("c:").split("+")
            return [(self._carriers[one], 1 / len(names)) for one in names if one in self._carriers]
        term = _trim(rest)
        first, between, second = term.partition(" ")
        return [(term, 1.0)] if ((first, second) if between else first) in self._places else []

    def _spell(self, term: str) -> str:
        """The term as the article writes it where it stands first."""
        words = term.split()
        start = self._places[words[0]]
        at = next(at for at in range(start, len(self._tokens)) if self._tokens[at : at + len(words)] == words)
        return " ".join(self._surfaces[at : at + len(words)])


def _trim(term: str) -> str:
    """Without the words at its ends that say nothing: "of weapons" is about weapons."""
    words = term.split()
    while words and (words[0] in _SILENT or words[0][0] == "_"):
        words.pop(0)
    while words and (words[-1] in _SILENT or words[-1][0] == "_"):
        words.pop()
    return " ".join(words)


def _split_head(title: str, text: str) -> tuple[list[str], list[str]]:
    """The tokens of title and head, and the words of the article that they stand for."""
    head = split_surfaces(clean_wire_text(title[:2_000]))
    rest = split_surfaces(clean_wire_text(drop_dateline(text[:SHOWN_CHARACTERS])))
    pairs = [*head, (SENTENCE_END, SENTENCE_END), *rest]
    return [token for token, _ in pairs], [surface for _, surface in pairs]


def _find_carriers(tokens: list[str], finder: ConceptFinder) -> dict[str, str]:
    """The first term that shows each concept, unless it says nothing."""
    carriers: dict[str, str] = {}
    for name, term in find_concepts(tuple(tokens), finder):
        if name not in carriers and _trim(term) == term:
            carriers[name] = term
    return carriers


def _pick(ranked: Iterable[str], limit: int) -> tuple[str, ...]:
    """The first terms that do not repeat a stronger one."""
    picked: list[str] = []
    for term in ranked:
        words = set(term.lower().split())
        if not any(words <= set(known.lower().split()) or words >= set(known.lower().split()) for known in picked):
            picked.append(term)
        if len(picked) == limit:
            break
    return tuple(picked)
