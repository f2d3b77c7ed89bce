"""Which words of the article carried a decision, as the article wrote them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from pipeline.classify.features import ConceptFinder, find_concepts, letter_groups
from pipeline.classify.tokens import SENTENCE_END, clean_wire_text, drop_dateline, split_surfaces

SHOWN_CHARACTERS: Final = 4_000  # the head of the article, where the decision is made

_SILENT_WORDS = """
the of and to in a that is was for on with he as it by at from his be an are were has have had which or its they but not
will would who been said say after new more than this about out up their her she i we you if also when
"""
_SILENT: Final = frozenset(_SILENT_WORDS.split())


def explain_terms(
    title: str, text: str, contributions: Mapping[str, float], finder: ConceptFinder, limit: int
) -> tuple[str, ...]:
    """The terms of the text with the largest share in a positive decision, strongest first.

    Letter groups count for their word, concepts for the words that show them and
    pairs of concepts by half for each; the title's own share counts for its words.
    """
    pairs = [(".", ".") if normal == SENTENCE_END else (normal, surface) for normal, surface in _head(title, text)]
    shares: dict[str, float] = defaultdict(float)
    shown: dict[str, str] = {}
    for sentence in _sentences(pairs):
        _share_words(sentence, contributions, shares, shown)
    _share_concepts(_sentences(pairs), contributions, finder, shares, shown)
    ranked = sorted((share, term) for term, share in shares.items() if share > 0 and not _is_silent(term))
    return _pick([shown[term] for _, term in reversed(ranked)], limit)


def _head(title: str, text: str) -> list[tuple[str, str]]:
    head = split_surfaces(clean_wire_text(title[:2_000]))
    return [*head, (SENTENCE_END, "."), *split_surfaces(clean_wire_text(drop_dateline(text[:SHOWN_CHARACTERS])))]


def _sentences(pairs: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = [[]]
    for pair in pairs:
        if pair[0] == SENTENCE_END:
            found.append([])
        else:
            found[-1].append(pair)
    return [sentence for sentence in found if sentence]


def _share_words(
    sentence: list[tuple[str, str]], contributions: Mapping[str, float], shares: dict[str, float], shown: dict[str, str]
) -> None:
    for size in (1, 2):
        for at in range(len(sentence) - size + 1):
            run = sentence[at : at + size]
            term = " ".join(normal for normal, _ in run)
            if term in shown:
                continue
            share = contributions.get("w:" + term, 0.0) + contributions.get("t:" + term, 0.0)
            if size == 1 and term[0] != "_":
                share += sum(contributions.get(letters, 0.0) for letters in letter_groups(term))
            if share:
                shares[term] += share
                shown[term] = " ".join(surface for _, surface in run)


def _share_concepts(
    sentences: Iterable[list[tuple[str, str]]],
    contributions: Mapping[str, float],
    finder: ConceptFinder,
    shares: dict[str, float],
    shown: dict[str, str],
) -> None:
    """Give each concept's share to the first words that showed it."""
    carriers: dict[str, str] = {}
    for sentence in sentences:
        normals = tuple(normal for normal, _ in sentence)
        for name, term in find_concepts(normals, finder):
            if name not in carriers:
                carriers[name] = term
                shown.setdefault(term, _surface_of(term, sentence))
    for feature, share in contributions.items():
        if feature.startswith(("c:", "p:", "t:c:")):
            names = [name for name in feature.rpartition(":")[2].split("+") if name in carriers]
            for name in names:
                shares[carriers[name]] += share / len(names)


def _surface_of(term: str, sentence: list[tuple[str, str]]) -> str:
    words = term.split()
    normals = [normal for normal, _ in sentence]
    at = next(at for at in range(len(normals)) if normals[at : at + len(words)] == words)
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
