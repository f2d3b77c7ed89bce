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

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
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
    for at, token in enumerate(tokens):
        if token == SENTENCE_END:
            if at > start:
                yield tokens[start:at]
            start = at + 1
    if start < len(tokens):
        yield tokens[start:]


class ConceptFinder:
    """Finds the concepts and topic words of a sentence."""

    def __init__(self, topics: TopicSet) -> None:
        self._terms: dict[str, list[tuple[Tokens, str]]] = defaultdict(list)  # by their first token
        for group, name in [(t, f"topic_{t.id}") for t in topics.topics] + [(c, c.id) for c in topics.concepts]:
            for term in dict.fromkeys(tuple(split_tokens(term)) for term in (*group.words, *group.phrases)):
                if term:
                    self._terms[term[0]].append((term, name))

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


def find_concepts(sentence: Tokens, finder: ConceptFinder) -> list[tuple[str, str]]:
    """The concepts of a sentence, with `country` for any country or capital and `abroad` for two of them."""
    places = [token for token in sentence if ":" in token]  # only masks of countries and places have one
    countries = dict.fromkeys(token.rpartition(":")[2] for token in places)
    found = [("country", places[0])] if places else []
    if len(countries) > 1:
        found.append(("abroad", places[-1]))
    return finder.find(sentence) + found


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a part of a text: features by name, and its words, whose letter groups are counted later."""

    named: Mapping[str, float]
    words: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """What was counted in the title and in each part of the text, the lead first."""

    title: Counts
    parts: tuple[Counts, ...]


def count_article(title: str, text: str, finder: ConceptFinder) -> ArticleCounts:
    """Everything that is counted in an article, before TF-IDF."""
    head, parts = split_parts(title, text)
    headline = _count_part(head, finder)
    named = {
        "t:" + name[2:] if name.startswith("w:") else "t:" + name: 1.0 for name in headline.named if name[0] in "wc"
    }
    countries = {token.rpartition(":")[2] for token in (*head, *next(iter(parts), ())) if ":" in token}
    named[f"c:countries_{min(3, len(countries))}"] = 1.0
    return ArticleCounts(
        Counts({**headline.named, **named}, headline.words), tuple(_count_part(part, finder) for part in parts)
    )


def _count_part(tokens: Tokens, finder: ConceptFinder) -> Counts:
    names: list[str] = []
    for sentence in _split_sentences(tokens):
        names += _name_concepts(sentence, finder)
        plain = [token.partition(":")[0] for token in sentence]
        names += ["w:" + token for token in plain]
        names += [f"w:{first} {second}" for first, second in pairwise(plain)]
    return Counts(Counter(names), Counter(token for token in tokens if token[0] not in "_."))


def _name_concepts(sentence: Tokens, finder: ConceptFinder) -> list[str]:
    found = {name for name, _ in find_concepts(sentence, finder)}
    groups = sorted(name for name in found if not name.startswith("topic_"))
    return ["c:" + name for name in found] + [f"p:{first}+{second}" for first, second in combinations(groups, 2)]


@lru_cache(maxsize=20_000)
def letter_groups(word: str) -> tuple[str, ...]:
    """Four and five letters in a row, with the ends of the word marked."""
    marked = f" {word} "
    return tuple(f"l:{marked[at : at + size]}" for size in LETTER_SIZES for at in range(len(marked) - size + 1))
