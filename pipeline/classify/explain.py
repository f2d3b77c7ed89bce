"""Which words of the article carried a decision, as the article wrote them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from pipeline.classify.concepts import ConceptFinder, Sightings
from pipeline.classify.features import Pieces
from pipeline.classify.lexicon import Tokens

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
LetterShares = Callable[[list[int]], list[float]]


class ShownTerms:
    """The terms of one article, ready to be ranked for each of its topics."""

    def __init__(self, article: Pieces, seen: Sightings, finder: ConceptFinder) -> None:
        self._lexicon = finder.lexicon
        self._pieces = article.pieces
        self._tokens = finder.lexicon.spell_tokens(article.tokens)
        self._places = dict(zip(reversed(self._tokens), reversed(range(len(self._tokens))), strict=True))  # the first
        self._carriers = self._find_carriers(seen, finder.names)

    def rank(self, features: Iterable[Share], share_letters: LetterShares, limit: int) -> tuple[str, ...]:
        """The terms with the largest share in a positive decision, strongest first.

        `features` are words, titles and concepts that spoke for the topic; `share_letters` tells those of the letter
        groups of the words at some places. Concepts count for the words that show them, pairs by half for each.
        """
        shares: dict[str, float] = defaultdict(float)
        for name, share in features:
            term, concepts = _read_feature(name)
            if term:
                shares[term] += share
            for concept in concepts:
                if concept in self._carriers:
                    shares[self._carriers[concept]] += share / len(concepts)
        loud = sorted((share, term) for term, share in shares.items())[-CANDIDATES:]
        words = [term for _, term in loud if " " not in term]
        letters = dict(zip(words, share_letters([*map(self._places.__getitem__, words)]), strict=True))
        ranked = sorted((share + letters.get(term, 0.0), term) for share, term in loud)
        if not ranked:
            return ()
        least = LEAST_SHARE * ranked[-1][0]
        return _pick((self._spell(term) for share, term in reversed(ranked) if share >= least), limit)

    def _find_carriers(self, seen: Sightings, names: Tokens) -> dict[str, str]:
        """By name of concept the first term that shows it; terms that say nothing show none."""
        shown = zip(reversed(seen.concepts.tolist()), reversed(seen.places.tolist()), strict=True)
        firsts = {
            concept: (at, token)
            for concept, at in shown
            if (token := self._tokens[at]) not in _SILENT and token[0] != "_"
        }
        for at, words, concept in seen.phrases:
            if concept not in firsts or at < firsts[concept][0]:
                term = " ".join(words)
                if _trim(term) == term:
                    firsts[concept] = at, term
        return {names[concept]: term for concept, (_, term) in firsts.items()}

    def _spell(self, term: str) -> str:
        """The term as the article writes it where it stands first."""
        words = tuple(term.split())
        at = self._places[words[0]]
        while self._tokens[at : at + len(words)] != words:
            at = self._tokens.index(words[0], at + 1)
        return self._lexicon.spell_pieces(self._pieces[at : at + len(words)])


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
    while words and _is_silent(words[0]):
        words.pop(0)
    while words and _is_silent(words[-1]):
        words.pop()
    return " ".join(words)


def _is_silent(word: str) -> bool:
    return word in _SILENT or word[0] == "_"


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
