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

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.concepts import ConceptFinder, Sightings
from pipeline.classify.lexicon import Rows
from pipeline.classify.tokens import SENTENCE_END, clean_wire_text, drop_country, drop_dateline

PART_TOKENS: Final = 30  # the first two parts are the lead
MAX_PARTS: Final = 24  # what comes later in a long feature is background

LETTER_SIZES: Final = (4, 5)

_END: Final = np.zeros(1, np.int32)  # piece and token 0


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """An article in reading order: its title, the end of a sentence, and its text as far as it is read."""

    pieces: Rows  # by their numbers in the lexicon of a ConceptFinder
    tokens: Rows
    title_size: int  # the pieces of the title and the end behind it


@dataclass(frozen=True, slots=True, eq=False)
class ArticleCounts:
    """What stands in which part of an article, as often as it stands there: 0 is the title, 1 and 2 are the lead."""

    tokens: Rows
    part_of_tokens: Rows
    concepts: Rows  # once for each sentence that shows them
    part_of_concepts: Rows
    concept_pairs: tuple[Rows, Rows]
    part_of_pairs: Rows
    headline: frozenset[str]  # features that only a title has: `t:` names and how many countries are in sight

    @property
    def text_parts(self) -> int:
        """How many parts the text has."""
        return int(self.part_of_tokens[-1])

    def list_names(self, finder: ConceptFinder) -> Iterator[str]:
        """The names of all features but those of letters and headlines."""
        words = [*map(drop_country, finder.lexicon.spell_tokens(self.tokens))]
        is_inside = np.equal(self.part_of_tokens[:-1], self.part_of_tokens[1:])
        yield from _name_words(words, compress(pairwise(words), is_inside.tolist()))
        yield from ("c:" + finder.names[one] for one in self.concepts)
        yield from (f"p:{finder.names[one]}+{finder.names[two]}" for one, two in zip(*self.concept_pairs, strict=True))


def read_article(title: str, text: str, finder: ConceptFinder) -> Pieces:
    """The pieces of an article."""
    head = finder.lexicon.read(clean_wire_text(title[:2_000]))
    rest = finder.lexicon.read(clean_wire_text(drop_dateline(text[:20_000])))
    pieces = np.concatenate([head, _END, rest[: PART_TOKENS * MAX_PARTS]])
    return Pieces(pieces, finder.lexicon.find_tokens(pieces), len(head) + 1)


def count_article(title: str, text: str, finder: ConceptFinder) -> ArticleCounts:
    """Everything that is counted in an article, before TF-IDF."""
    article = read_article(title, text, finder)
    return count_pieces(article, finder.find(article.tokens), finder)


def count_pieces(article: Pieces, seen: Sightings, finder: ConceptFinder) -> ArticleCounts:
    """The same for the pieces of an article, whose text is read in parts of equal length."""
    size, start = len(article.tokens), article.title_size
    part_of = np.zeros(size, np.intp)
    part_of[start:] = np.arange(size - start) // PART_TOKENS + 1
    is_border = article.tokens == _END
    is_border[start::PART_TOKENS] = True  # a sentence ends with its part
    sentence_of = np.cumsum(is_border)
    part_of_sentence = np.zeros(size + 1, np.intp)
    part_of_sentence[sentence_of] = part_of
    sentences, concepts = finder.sort_by_sentence(article.tokens, seen, sentence_of)
    first, second = _pair_up(sentences, ~finder.is_topic[concepts])
    parts = part_of_sentence[sentences]
    return ArticleCounts(
        tokens=article.tokens,
        part_of_tokens=part_of,
        concepts=concepts,
        part_of_concepts=parts,
        concept_pairs=(concepts[first], concepts[second]),
        part_of_pairs=parts[first],
        headline=_read_headline(article, concepts[parts == 0], finder),
    )


def _pair_up(sentences: Rows, counts: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """The places of every two of one sentence, among those that count; `sentences` is sorted."""
    places = np.flatnonzero(counts)
    sentences = sentences[places]
    partners = np.searchsorted(sentences, sentences, side="right") - np.arange(1, len(places) + 1)
    first = np.repeat(np.arange(len(places)), partners)
    nth = np.arange(len(first)) - np.repeat(np.cumsum(partners) - partners, partners)
    return places[first], places[first + 1 + nth]


def _read_headline(article: Pieces, concepts: Rows, finder: ConceptFinder) -> frozenset[str]:
    title = [*map(drop_country, finder.lexicon.spell_tokens(article.tokens[: article.title_size]))]
    words = ("t:" + name[2:] for name in _name_words(title, pairwise(title)))
    _, countries = finder.find_countries(article.tokens[: article.title_size + PART_TOKENS])
    in_sight = min(3, len({*countries.tolist()}))
    return frozenset([*words, *("t:c:" + finder.names[one] for one in concepts.tolist()), f"c:countries_{in_sight}"])


def _name_words(words: Iterable[str], neighbours: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The names of single words and of pairs of words."""
    yield from ("w:" + word for word in words if word != SENTENCE_END)
    yield from (f"w:{one} {two}" for one, two in neighbours if SENTENCE_END not in (one, two))


def letter_groups(word: str) -> list[str]:
    """Four and five letters in a row, with the ends of the word marked."""
    marked = f" {word} "
    return [marked[at : at + size] for size in LETTER_SIZES for at in range(len(marked) - size + 1)]
