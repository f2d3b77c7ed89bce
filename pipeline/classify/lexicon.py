"""Numbers for the pieces of news: an article is an array of them, and what is known about all is looked up at once.

News has millions of words, but few that no earlier article had. So everything about a piece is found when it is
first met and kept in plain arrays, one after another; reading it for all pieces of an article is a few array
operations instead of many look-ups for each.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.tokens import LONGEST_COUNTRY, SENTENCE_END, Piece, cut_chunk, join_country, may_start_country

MOST_CHARACTERS: Final = 1_000_000  # in the keys of what is kept: some 100,000 words

HINTS: Final = 1 << 16  # a power of two, several times the number of pairs

Tokens = tuple[str, ...]
Rows = NDArray[np.integer[Any]]  # what is kept for good is narrow: fetching it from memory takes most of the time
Answer = TypeVar("Answer")


class Remembered(dict[str, Answer]):
    """What `find` says about a word, asked once."""

    def __init__(self, find: Callable[[str], Answer]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> Answer:
        self[word] = found = self._find(word)
        return found


class Column:
    """One number for each token of a lexicon."""

    def __init__(self, lexicon: Lexicon, find: Callable[[str], int]) -> None:
        self._find = find
        lexicon.add_column(self)

    def clear(self) -> None:
        """Forget all tokens."""
        self._values = array("i")

    def add(self, token: str) -> None:
        """Take in the next token."""
        self._values.append(self._find(token))

    def read(self, numbers: Rows) -> Rows:
        """The number of each token."""
        return np.frombuffer(self._values, np.int32).take(numbers)


class Table:
    """Any count of numbers for each token of a lexicon."""

    def __init__(self, lexicon: Lexicon, find: Callable[[str], Iterable[int]]) -> None:
        self._find = find
        lexicon.add_column(self)

    def clear(self) -> None:
        """Forget all tokens."""
        self._values, self._ends = array("i"), array("i", [0])

    def add(self, token: str) -> None:
        """Take in the next token."""
        self._values.extend(self._find(token))
        self._ends.append(len(self._values))

    def read(self, numbers: Rows) -> tuple[Rows, Rows]:
        """The numbers of all tokens in a row, and for each of them the place of its token."""
        ends = np.frombuffer(self._ends, np.int32)
        starts = ends.take(numbers)
        sizes = ends.take(numbers + 1) - starts
        places = np.repeat(np.arange(len(numbers)), sizes)
        shift = np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
        return np.frombuffer(self._values, np.int32).take(shift + np.arange(len(places))), places


class PairColumn:
    """One number for each known pair of tokens that follow each other."""

    def __init__(self, lexicon: Lexicon, known: Mapping[Tokens, int], read: Callable[[str], str]) -> None:
        """`known` are pairs of what `read` makes of two tokens."""
        words = {word: number for number, word in enumerate(chain.from_iterable(known), start=1)}
        self._base = 1 + 2 * len(known)  # 0 is an unknown word
        codes = np.array([words[one] * self._base + words[two] for one, two in known], np.intp)
        order = np.argsort(codes)
        self._codes = codes[order]
        self._found = np.array([*known.values()], np.intp)[order]
        self._is_likely = np.zeros(HINTS, np.bool_)
        self._is_likely[codes % HINTS] = True
        self._words = Column(lexicon, lambda token: words.get(read(token), 0))

    def read(self, numbers: Rows) -> tuple[Rows, Rows]:
        """The places of known pairs, and the number of each."""
        words = self._words.read(numbers).astype(np.intp)
        codes = words[:-1] * self._base + words[1:]
        places = np.flatnonzero(self._is_likely.take(codes % HINTS))  # spares most of the search
        at = np.searchsorted(self._codes, codes[places])
        is_known = self._codes.take(at, mode="clip") == codes[places]
        return places[is_known], self._found[at[is_known]]


class Lexicon:
    """Numbers tokens and pieces of text in the order in which they are first met; the end of a sentence is token 0."""

    def __init__(self) -> None:
        self._tokens: dict[str, int] = {}
        self._names: list[str] = []  # of the tokens
        self._pieces: dict[Piece, int] = {}
        self._token_of = array("i")  # by piece
        self._surfaces: list[str] = []  # of the pieces
        self._chunks = Remembered(self._cut)
        self._columns: list[Column | Table] = []
        self._starts_country = Column(self, may_start_country)
        self.forget()

    def add_column(self, column: Column | Table) -> None:
        """Keep a column up with the tokens."""
        self._columns.append(column)
        column.clear()
        for token in self._names:
            column.add(token)

    def forget(self) -> None:
        """Start anew; all numbers given so far are void."""
        for kept in (self._tokens, self._names, self._pieces, self._surfaces, self._chunks, *self._columns):
            kept.clear()
        self._token_of = array("i")
        self._characters = 0
        self._number(Piece(SENTENCE_END, SENTENCE_END))

    @property
    def is_full(self) -> bool:
        """Whether it is time to forget."""
        return self._characters > MOST_CHARACTERS

    def read(self, text: str) -> Rows:
        """The pieces of a text; country names of several words are one."""
        pieces = np.frombuffer(b"".join(map(self._chunks.__getitem__, text.split())), np.int32)
        tokens = self.find_tokens(pieces)
        starts = np.flatnonzero(self._starts_country.read(tokens)).tolist()
        return self._join_countries(pieces, tokens, starts) if starts else pieces

    def find_tokens(self, pieces: Rows) -> Rows:
        """The tokens of pieces."""
        return np.frombuffer(self._token_of, np.int32).take(pieces)

    def spell_tokens(self, tokens: Rows) -> Tokens:
        """What the tokens are."""
        return tuple(map(self._names.__getitem__, tokens.tolist()))

    def spell_pieces(self, pieces: Rows) -> str:
        """The pieces as the text has them, blanks between them."""
        return " ".join(map(self._surfaces.__getitem__, pieces.tolist()))

    def _join_countries(self, pieces: Rows, tokens: Rows, starts: list[int]) -> Rows:
        """`starts` are the places where a country of several words may begin."""
        joined, stays, done = pieces.copy(), np.ones(len(pieces), np.bool_), 0
        for at in starts:
            country, size = join_country(self.spell_tokens(tokens[at : at + LONGEST_COUNTRY]))
            if at >= done and size > 1:
                done = at + size
                joined[at] = self._number(Piece(country, self.spell_pieces(pieces[at:done])))
                stays[at + 1 : done] = False
        return joined[stays]

    def _cut(self, chunk: str) -> bytes:
        """The numbers of the pieces as bytes, since the arrays of many chunks are joined fastest so."""
        self._characters += len(chunk)
        return array("i", [self._number(piece) for piece in cut_chunk(chunk)]).tobytes()

    def _number(self, piece: Piece) -> int:
        number = self._pieces.setdefault(piece, len(self._surfaces))
        if number == len(self._surfaces):
            self._surfaces.append(piece.surface)
            self._token_of.append(self._number_token(piece.token))
            self._characters += len(piece.surface)
        return number

    def _number_token(self, token: str) -> int:
        number = self._tokens.setdefault(token, len(self._names))
        if number == len(self._names):
            self._names.append(token)
            for column in self._columns:
                column.add(token)
        return number
