"""Tokens -> features: words and word pairs, letter groups inside words, and groups of meaning.

Five blocks of named features, each weighted by TF-IDF and scaled to length one on its own:

- `w:` one or two words in a row, counted in title, lead and body with different weights
- `l:` groups of four or five letters inside a word, which see "missile" in "antimissile"
- `c:` concepts and topics of topics.toml (`troops` and `marines` are both `c:soldiers`)
- `p:` two concepts in one sentence (`leader` with `visit`), which single words cannot show
- `t:` words and concepts of the title once more: a headline names its subject

Repetition counts by its logarithm (sublinear term frequency, Manning, Raghavan and
Schuetze 2008, section 6.4.1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final

from pipeline.classify.gazetteer import COUNTRY_MASK, PLACE_MASK
from pipeline.classify.tokens import SENTENCE_END, clean_wire_text, drop_dateline, split_tokens
from pipeline.classify.topics import TopicSet

LEAD_TOKENS: Final = 60
BODY_TOKENS: Final = 340  # what comes later in a long feature is background

LETTER_SIZES: Final = (4, 5)

TITLE_WEIGHT: Final = 2.0
LEAD_WEIGHT: Final = 1.5
BODY_WEIGHT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of an article and how much a word in it counts."""

    tokens: tuple[str, ...]
    weight: float

    def sentences(self) -> Iterator[tuple[str, ...]]:
        """The tokens between sentence ends."""
        start = 0
        for at, token in enumerate(self.tokens):
            if token == SENTENCE_END:
                if at > start:
                    yield self.tokens[start:at]
                start = at + 1
        if start < len(self.tokens):
            yield self.tokens[start:]


def split_zones(title: str, text: str) -> tuple[Zone, ...]:
    """Title, lead and body of an article as normalised tokens."""
    head = split_tokens(clean_wire_text(title[:2_000]))
    rest = split_tokens(clean_wire_text(drop_dateline(text[:20_000])))
    return (
        Zone(tuple(head), TITLE_WEIGHT),
        Zone(tuple(rest[:LEAD_TOKENS]), LEAD_WEIGHT),
        Zone(tuple(rest[LEAD_TOKENS : LEAD_TOKENS + BODY_TOKENS]), BODY_WEIGHT),
    )


class ConceptFinder:
    """Finds the concepts and topic words of a sentence."""

    def __init__(self, topics: TopicSet) -> None:
        self._words: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for group, name in [(t, f"topic_{t.id}") for t in topics.topics] + [(c, c.id) for c in topics.concepts]:
            for term in (*group.words, *group.phrases):
                self._add(tuple(split_tokens(term)), name)

    def _add(self, term: tuple[str, ...], name: str) -> None:
        if len(term) == 1:
            known = self._words.get(term[0], ())
            self._words[term[0]] = known if name in known else (*known, name)
        elif term and (term, name) not in self._phrases[term[0]]:
            self._phrases[term[0]].append((term, name))

    def find(self, sentence: tuple[str, ...]) -> list[tuple[str, str]]:
        """Pairs of (concept, the words that show it), in reading order."""
        found: list[tuple[str, str]] = []
        for at, token in enumerate(sentence):
            for name in self._words.get(token, ()):
                found.append((name, token))
            for term, name in self._phrases.get(token, ()) if token in self._phrases else ():
                if sentence[at : at + len(term)] == term:
                    found.append((name, " ".join(term)))
        return found


def find_concepts(sentence: tuple[str, ...], finder: ConceptFinder) -> list[tuple[str, str]]:
    """The concepts of a sentence, with `country` for any country or capital."""
    places = [("country", mask) for mask in (COUNTRY_MASK, PLACE_MASK) if mask in sentence]
    return finder.find(sentence) + places


@dataclass(frozen=True, slots=True)
class Counts:
    """Weighted counts of an article: features by name, and its words, whose letter groups are counted later."""

    named: Mapping[str, float]
    words: Mapping[str, float]


def count_features(zones: tuple[Zone, ...], finder: ConceptFinder) -> Counts:
    """Everything that is counted in an article, before TF-IDF."""
    named: dict[str, float] = defaultdict(float)
    words: dict[str, float] = defaultdict(float)
    for zone in zones:
        for sentence in zone.sentences():
            _count_words(sentence, zone.weight, named, words)
            _count_concepts(sentence, zone.weight, finder, named)
    _count_title(zones[0], finder, named)
    return Counts(named, words)


def _count_words(sentence: tuple[str, ...], weight: float, named: dict[str, float], words: dict[str, float]) -> None:
    for token in sentence:
        named["w:" + token] += weight
        if token[0] != "_":
            words[token] += weight
    for first, second in pairwise(sentence):
        named[f"w:{first} {second}"] += weight


def _count_title(title: Zone, finder: ConceptFinder, named: dict[str, float]) -> None:
    for token in title.tokens:
        named["t:" + token] += 1
    for name, _ in find_concepts(title.tokens, finder):
        named["t:c:" + name] += 1


@lru_cache(maxsize=20_000)
def letter_groups(word: str) -> tuple[str, ...]:
    """Four and five letters in a row, with the ends of the word marked."""
    marked = f" {word} "
    return tuple(f"l:{marked[at : at + size]}" for size in LETTER_SIZES for at in range(len(marked) - size + 1))


def _count_concepts(sentence: tuple[str, ...], weight: float, finder: ConceptFinder, counts: dict[str, float]) -> None:
    found = {name for name, _ in find_concepts(sentence, finder)}
    for name in found:
        counts["c:" + name] += weight
    for first, second in combinations(sorted(name for name in found if not name.startswith("topic_")), 2):
        counts[f"p:{first}+{second}"] += weight
