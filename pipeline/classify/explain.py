"""Which words of the article carried a decision, as the article wrote them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from pipeline.classify.features import ConceptFinder, find_concepts, letter_groups
from pipeline.classify.tokens import SENTENCE_END, clean_wire_text, drop_dateline, split_surfaces

SHOWN_CHARACTERS: Final = 4_000  # the head of the article, where a reader looks for the words
CANDIDATES: Final = 30

_SILENT_WORDS = """
the of and to in a that is was for on with he as it by at from his be an are were has have had which or its they but not
will would who been said say after new more than this about out up their her she i we you if also when
"""
_SILENT: Final = frozenset(_SILENT_WORDS.split())

Sentence = list[tuple[str, str]]  # pairs of (token, the word as written)


def explain_terms(
    title: str, text: str, contributions: Mapping[str, float], finder: ConceptFinder, limit: int
) -> tuple[str, ...]:
    """The terms of the text with the largest share in a positive decision, strongest first.

    `contributions` are those of features that spoke for the topic. Concepts count for the words
    that show them, pairs of concepts by half for each, letter groups for their word.
    """
    sentences = _split_head(title, text)
    shown = _list_terms(sentences)
    shares = {term: contributions.get("w:" + term, 0.0) + contributions.get("t:" + term, 0.0) for term in shown}
    for term, share in _share_concepts(sentences, contributions, finder, shown).items():
        shares[term] = shares.get(term, 0.0) + share
    loud = sorted((share, term) for term, share in shares.items() if share and not _is_silent(term))[-CANDIDATES:]
    ranked = sorted((share + _share_letters(term, contributions), term) for share, term in loud)
    return _pick([shown[term] for _, term in reversed(ranked)], limit)


def _split_head(title: str, text: str) -> list[Sentence]:
    head = split_surfaces(clean_wire_text(title[:2_000]))
    rest = split_surfaces(clean_wire_text(drop_dateline(text[:SHOWN_CHARACTERS])))
    found: list[Sentence] = [[]]
    for pair in [*head, (SENTENCE_END, "."), *rest]:
        if pair[0] == SENTENCE_END:
            found.append([])
        else:
            found[-1].append(pair)
    return [sentence for sentence in found if sentence]


def _list_terms(sentences: list[Sentence]) -> dict[str, str]:
    """Every word and pair of words, with its first spelling in the text."""
    shown: dict[str, str] = {}
    for sentence in ([(token.partition(":")[0], surface) for token, surface in one] for one in sentences):
        for token, surface in sentence:
            shown.setdefault(token, surface)
        for (first, one), (second, two) in pairwise(sentence):
            shown.setdefault(f"{first} {second}", f"{one} {two}")
    return shown


def _share_concepts(
    sentences: list[Sentence], contributions: Mapping[str, float], finder: ConceptFinder, shown: dict[str, str]
) -> dict[str, float]:
    """Give each concept's share to the first words that showed it; phrases are added to `shown`."""
    carriers: dict[str, str] = {}
    for sentence in sentences:
        for name, term in find_concepts(tuple(token for token, _ in sentence), finder):
            if name not in carriers:
                carriers[name] = term
                shown.setdefault(term, _spell(term, sentence))
    shares: dict[str, float] = defaultdict(float)
    for feature, share in contributions.items():
        if feature.startswith(("c:", "p:", "t:c:")):
            names = [name for name in feature.rpartition(":")[2].split("+") if name in carriers]
            for name in names:
                shares[carriers[name]] += share / len(names)
    return shares


def _share_letters(term: str, contributions: Mapping[str, float]) -> float:
    return 0.0 if " " in term else sum(contributions.get(letters, 0.0) for letters in letter_groups(term))


def _spell(term: str, sentence: Sentence) -> str:
    words = term.split()
    tokens = [token for token, _ in sentence]
    at = next(at for at in range(len(tokens)) if tokens[at : at + len(words)] == words)
    return " ".join(surface for _, surface in sentence[at : at + len(words)])


def _is_silent(term: str) -> bool:
    return all(word in _SILENT or word[0] == "_" for word in term.split())


def _pick(ranked: list[str], limit: int) -> tuple[str, ...]:
    """The first terms that do not repeat a stronger one."""
    picked: list[str] = []
    for term in ranked:
        words = set(term.lower().split())
        if not any(words <= set(known.lower().split()) or words >= set(known.lower().split()) for known in picked):
            picked.append(term)
        if len(picked) == limit:
            break
    return tuple(picked)
