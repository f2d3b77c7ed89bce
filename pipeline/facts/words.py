"""A folded sentence taken apart once: every reader of facts looks at its pieces before it searches the text.

What stands between two blanks is read once for all sentences: no word, name or number goes on behind a blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from pipeline.text import STOPWORDS, Answers, find_words, stem_word

MAX_CHUNKS = 50_000  # kept, about 40 MB
_RUN = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NAME_LIKE = re.compile(r"[^\W\d_][\w'.]*(?:-\w+)*")
_TOKEN = re.compile(
    r"[$€£]|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:st|nd|rd|th)?|%|°c|km/h|[^\W\d_]+(?:'[^\W\d_]+)?|[-/.,:;()\"]|\S"
)


class Pieces(NamedTuple):
    r"""What a sentence is made of. The pattern \bword\b matches in `low` just where "word" is one of `runs`."""

    low: str  # the sentence in lower case
    words: tuple[str, ...]  # as `find_words` gives them
    stems: tuple[str, ...]  # of its content words
    runs: frozenset[str]  # the longest strings of \w in `low`
    tokens: tuple[str, ...]  # as `find_tokens` gives them
    opening: tuple[str, ...]  # the first two words that may stand in names, in the case in which they are written
    capitals: tuple[str, ...]  # all of those that begin with a capital
    has_digit: bool
    has_year: bool  # it may hold a year of this century or the last


# The same of what stands between two blanks: words, stems, runs, tokens, what may stand in names and which of that is
# capitalised, has_digit, has_year. No class: of so many the garbage collector need not ask plain tuples.
_Texts = tuple[str, ...]
_Chunk = tuple[_Texts, _Texts, _Texts, _Texts, _Texts, _Texts, bool, bool]


@lru_cache(maxsize=256)  # more than an article has sentences
def take_apart(sentence: str) -> Pieces:
    """The pieces of a folded sentence; the last ones are kept because each reader asks for them."""
    chunks = map(_chunks.__getitem__, sentence.split())
    columns = tuple(zip(*chunks, strict=True)) or ((),) * 8
    words, stems, runs, tokens, name_like, capitals, has_digit, has_year = columns
    return Pieces(
        low=sentence.lower(),
        words=_join(words),
        stems=_join(stems),
        runs=frozenset(chain.from_iterable(runs)),
        tokens=_join(tokens),
        opening=tuple(islice(chain.from_iterable(name_like), 2)),
        capitals=_join(capitals),
        has_digit=any(has_digit),
        has_year=any(has_year),
    )


def find_name_like(text: str) -> list[str]:
    """The words of a folded text as they may stand in names: with hyphens, apostrophes and dots."""
    return _NAME_LIKE.findall(text)


def find_tokens(low: str) -> tuple[str, ...]:
    """Numbers, units, words and marks of a folded text in lower case."""
    return tuple(_TOKEN.findall(low))


def _read_chunk(written: str) -> _Chunk:
    low = written.lower()
    words, name_like = tuple(find_words(low)), tuple(find_name_like(written))
    lists = (
        words,
        tuple(stem_word(word) for word in words if word not in STOPWORDS),
        tuple(_RUN.findall(low)),
        find_tokens(low),
        name_like,
        tuple(word for word in name_like if word[0].isupper()),
    )
    same = dict(zip(lists, lists, strict=True))  # equal ones are kept once: a plain word has but one
    words, stems, runs, tokens, name_like, capitals = (same[each] for each in lists)
    has_digit, has_year = _DIGIT.search(low) is not None, _YEAR.search(low) is not None
    return words, stems, runs, tokens, name_like, capitals, has_digit, has_year


_chunks = Answers(_read_chunk, MAX_CHUNKS)  # by how they are written


def _join(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(chain.from_iterable(parts))
