"""Tokens -> features: words and word pairs, letter groups inside words, and groups of meaning.

Five blocks of named features, each weighted by TF-IDF and scaled to length one on its own:

- `w:` one or two words in a row
- `l:` groups of four or five letters inside a word, which see "missile" in "antimissile"
- `c:` concepts and topics of topics.toml (`troops` and `marines` are both `c:soldiers`)
- `p:` two concepts in one sentence (`leader` with `visit`), which single words cannot show
- `t:` words and concepts of the title once more: a headline names its subject

They are counted part by part, since title, lead and body have different weights and the second
subject of a long text drowns in the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final

from pipeline.classify.tokens import SENTENCE_END, clean_wire_text, drop_dateline, split_tokens
from pipeline.classify.topics import TopicSet

PART_TOKENS: Final = 30  # the first two parts are the lead
MAX_PARTS: Final = 24  # what comes later in a long feature is background

LETTER_SIZES: Final = (4, 5)

Tokens = tuple[str, ...]


def split_parts(title: str, text: str) -> tuple[Tokens, list[Tokens]]:
    """The tokens of the title, and those of the text in parts of equal length, the lead first."""
    head = split_tokens(clean_wire_text(title[:2_000]))
    rest = split_tokens(clean_wire_text(drop_dateline(text[:20_000])))[: PART_TOKENS * MAX_PARTS]
    return tuple(head), [tuple(rest[at : at + PART_TOKENS]) for at in range(0, len(rest), PART_TOKENS)]


def _split_sentences(tokens: Tokens) -> Iterator[Tokens]:
    start = 0
    for _ in range(tokens.count(SENTENCE_END)):
        end = tokens.index(SENTENCE_END, start)
        yield tokens[start:end]
        start = end + 1
    yield tokens[start:]


class ConceptFinder:
    """Finds the concepts and topic words of a sentence."""

    def __init__(self, topics: TopicSet) -> None:
        self._terms: dict[str, list[tuple[Tokens, str]]] = defaultdict(list)  # by their first token
        for group, name in [(t, f"topic_{t.id}") for t in topics.topics] + [(c, c.id) for c in topics.concepts]:
            for term in dict.fromkeys(tuple(split_tokens(term)) for term in (*group.words, *group.phrases)):
                if term:
                    self._terms[term[0]].append((term, name))
        ends: dict[str, set[str]] = defaultdict(set)
        for terms in self._terms.values():
            for term, name in terms:
                if len(term) == 1:
                    ends[term[0]].add(name)
        self._names_of_words = {word: frozenset(names) for word, names in ends.items()}
        self._phrase_starts = frozenset(term[:2] for terms in self._terms.values() for term, _ in terms if term[1:])

    def find(self, sentence: Tokens) -> list[tuple[str, str]]:
        """Pairs of (concept, the words that show it), in reading order."""
        known = self._terms
        return [
            (name, " ".join(term))
            for at, token in enumerate(sentence)
            if token in known
            for term, name in known[token]
            if len(term) == 1 or sentence[at : at + len(term)] == term
        ]

    def find_names(self, sentence: Tokens) -> set[str]:
        """The concepts alone, by set operations: most sentences show none by a phrase."""
        if not self._phrase_starts.isdisjoint(pairwise(sentence)):
            return {name for name, _ in self.find(sentence)}
        words = self._names_of_words
        return set().union(*(words[word] for word in words.keys() & set(sentence)))


def find_concepts(sentence: Tokens, finder: ConceptFinder) -> list[tuple[str, str]]:
    """The concepts of a sentence, with `country` for any country or capital and `abroad` for two of them."""
    return finder.find(sentence) + _find_countries(sentence)


def _find_countries(sentence: Tokens) -> list[tuple[str, str]]:
    places = [token for token in sentence if ":" in token]  # only masks of countries and places have one
    found = [("country", places[0])] if places else []
    return found + ([("abroad", places[-1])] if len(_name_countries(places)) > 1 else [])


def _name_countries(tokens: Iterable[str]) -> set[str]:
    return {token.rpartition(":")[2] for token in tokens if ":" in token}


@dataclass(frozen=True, slots=True)
class Part:
    """What stands in a part of a text, in reading order; whatever stands there twice is given twice."""

    words: tuple[str, ...]  # masks without the name of their country, and the ends of sentences
    concepts: list[str]  # once for each sentence that shows them
    concept_pairs: list[tuple[str, str]]

    def list_names(self) -> Iterator[str]:
        """The names of all features but those of letters and headlines."""
        yield from ("w:" + word for word in self.words if word != SENTENCE_END)
        yield from (f"w:{one} {two}" for one, two in pairwise(self.words) if SENTENCE_END not in (one, two))
        yield from ("c:" + concept for concept in self.concepts)
        yield from (f"p:{one}+{two}" for one, two in self.concept_pairs)


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """What stands in the title and in each part of the text, the lead first."""

    title: Part
    headline: frozenset[str]  # features that only a title has: `t:` names and how many countries are in sight
    parts: tuple[Part, ...]


def count_article(title: str, text: str, finder: ConceptFinder) -> ArticleCounts:
    """Everything that is counted in an article, before TF-IDF."""
    head, parts = split_parts(title, text)
    headline = _count_part(head, finder)
    names = {"t:" + name[2:] if name[0] == "w" else "t:" + name for name in headline.list_names() if name[0] in "wc"}
    countries = _name_countries((*head, *next(iter(parts), ())))
    names.add(f"c:countries_{min(3, len(countries))}")
    return ArticleCounts(headline, frozenset(names), tuple(_count_part(part, finder) for part in parts))


def _count_part(tokens: Tokens, finder: ConceptFinder) -> Part:
    concepts: list[str] = []
    concept_pairs: list[tuple[str, str]] = []
    has_places = ":" in "".join(tokens)
    for sentence in _split_sentences(tokens):
        found = finder.find_names(sentence)
        if has_places:
            found.update(name for name, _ in _find_countries(sentence))
        if found:
            concepts += found
            concept_pairs += combinations(sorted(name for name in found if not name.startswith("topic_")), 2)
    words = tuple(token.partition(":")[0] for token in tokens) if has_places else tokens
    return Part(words, concepts, concept_pairs)


@lru_cache(maxsize=20_000)
def letter_groups(word: str) -> tuple[str, ...]:
    """Four and five letters in a row, with the ends of the word marked."""
    marked = f" {word} "
    return tuple(f"l:{marked[at : at + size]}" for size in LETTER_SIZES for at in range(len(marked) - size + 1))
