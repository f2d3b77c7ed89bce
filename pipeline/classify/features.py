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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final

from pipeline.classify.tokens import SENTENCE_END, clean_wire_text, drop_dateline, split_surfaces, split_tokens
from pipeline.classify.topics import TopicSet

PART_TOKENS: Final = 30  # the first two parts are the lead
MAX_PARTS: Final = 24  # what comes later in a long feature is background

LETTER_SIZES: Final = (4, 5)

WORDS_REMEMBERED: Final = 50_000

Tokens = tuple[str, ...]

_NONE: Final[frozenset[str]] = frozenset()
_COUNTRY: Final = frozenset(("country",))


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens of a title or a text in reading order, and for each the words of the article that it stands for."""

    tokens: Tokens
    surfaces: tuple[str, ...]


def split_article(title: str, text: str) -> tuple[Words, Words]:
    """The words of the title, and those of the text as far as it is read."""
    head, head_surfaces = split_surfaces(clean_wire_text(title[:2_000]))
    rest, rest_surfaces = split_surfaces(clean_wire_text(drop_dateline(text[:20_000])))
    read = PART_TOKENS * MAX_PARTS
    return Words(tuple(head), tuple(head_surfaces)), Words(tuple(rest[:read]), tuple(rest_surfaces[:read]))


def _split_sentences(tokens: Tokens) -> Iterator[Tokens]:
    start = 0
    for _ in range(tokens.count(SENTENCE_END)):
        end = tokens.index(SENTENCE_END, start)
        yield tokens[start:end]
        start = end + 1
    yield tokens[start:]


class _WordConcepts(dict[str, frozenset[str]]):
    """The concepts that a single token shows; `country` for the masks of countries and places."""

    def __missing__(self, token: str) -> frozenset[str]:
        found = _COUNTRY if ":" in token else _NONE  # only those masks have one
        if len(self) < WORDS_REMEMBERED:
            self[token] = found
        return found


class ConceptFinder:
    """Finds the concepts and topic words of a sentence, with `country` for any and `abroad` for two countries."""

    def __init__(self, topics: TopicSet) -> None:
        words: dict[str, set[str]] = defaultdict(set)
        self._phrases: dict[Tokens, list[tuple[Tokens, str]]] = defaultdict(list)  # by their first two tokens
        for group, name in [(t, f"topic_{t.id}") for t in topics.topics] + [(c, c.id) for c in topics.concepts]:
            for term in dict.fromkeys(tuple(split_tokens(term)) for term in (*group.words, *group.phrases)):
                if len(term) == 1:
                    words[term[0]].add(name)
                elif term:
                    self._phrases[term[:2]].append((term, name))
        countries = {word: _COUNTRY | names if ":" in word else frozenset(names) for word, names in words.items()}
        self._names_of_words = _WordConcepts(countries)
        self._topic_names = frozenset(f"topic_{one.id}" for one in topics.topics)

    def find_names(self, sentence: Tokens) -> frozenset[str]:
        """What a sentence shows, by words and by phrases."""
        names = _NONE.union(*map(self._names_of_words.__getitem__, sentence))
        if not self._phrases.keys().isdisjoint(pairwise(sentence)):
            names = names.union(name for _, _, name in self._find_phrases(sentence))
        if "country" in names and len(_name_countries(sentence)) > 1:
            names = names.union(("abroad",))
        return names

    def drop_topics(self, names: frozenset[str]) -> frozenset[str]:
        """Concepts without topics."""
        return names - self._topic_names

    def find_carriers(self, tokens: Tokens, says_nothing: Callable[[str], bool]) -> dict[str, str]:
        """By name of concept the first term that shows it; terms that say nothing show none."""
        names_of = self._names_of_words
        words = [token for token in dict.fromkeys(tokens) if names_of[token] and not says_nothing(token)]
        carriers = {name: token for token in reversed(words) for name in names_of[token]}
        phrases = [(at, " ".join(term), name) for at, term, name in reversed(self._find_phrases(tokens))]
        firsts = {name: (at, term) for at, term, name in phrases if not says_nothing(term)}
        for name, (at, term) in firsts.items():
            if name not in carriers or at < tokens.index(carriers[name]):
                carriers[name] = term
        return carriers

    def _find_phrases(self, tokens: Tokens) -> list[tuple[int, Tokens, str]]:
        return [
            (at, term, name)
            for at, pair in enumerate(pairwise(tokens))
            if pair in self._phrases
            for term, name in self._phrases[pair]
            if len(term) == 2 or tokens[at : at + len(term)] == term
        ]


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
    head, rest = split_article(title, text)
    return count_tokens(head.tokens, rest.tokens, finder)


def count_tokens(head: Tokens, rest: Tokens, finder: ConceptFinder) -> ArticleCounts:
    """The same for the tokens of title and text, which is read in parts of equal length."""
    parts = [rest[at : at + PART_TOKENS] for at in range(0, len(rest), PART_TOKENS)]
    headline = _count_part(head, finder)
    names = {"t:" + name[2:] if name[0] == "w" else "t:" + name for name in headline.list_names() if name[0] in "wc"}
    countries = _name_countries((*head, *next(iter(parts), ())))
    names.add(f"c:countries_{min(3, len(countries))}")
    return ArticleCounts(headline, frozenset(names), tuple(_count_part(part, finder) for part in parts))


def _count_part(tokens: Tokens, finder: ConceptFinder) -> Part:
    concepts: list[str] = []
    concept_pairs: list[tuple[str, str]] = []
    for sentence in _split_sentences(tokens):
        found = finder.find_names(sentence)
        if found:
            concepts += found
            concept_pairs += combinations(sorted(finder.drop_topics(found)), 2)
    words = [token if token[0] != "_" else token.partition(":")[0] for token in tokens]
    return Part(tuple(words), concepts, concept_pairs)


@lru_cache(maxsize=20_000)
def letter_groups(word: str) -> tuple[str, ...]:
    """Four and five letters in a row, with the ends of the word marked."""
    marked = f" {word} "
    return tuple(f"l:{marked[at : at + size]}" for size in LETTER_SIZES for at in range(len(marked) - size + 1))
