"""Names of people, places and organisations, with their transliterations folded: Kozhemyako = Kozhemiako."""

from __future__ import annotations

import re
from itertools import chain

from pipeline.facts.words import Pieces, find_name_like, take_apart
from pipeline.text import STOPWORDS, find_words, fold_text, keep_answers, list_words

_NOT_NAMES = STOPWORDS | frozenset(
    list_words(
        """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december mr mrs ms dr prof gen col lt sgt capt sir president prime minister king queen
    prince princess chancellor governor mayor senator secretary chairman chairwoman general colonel captain spokesman
    spokeswoman defence defense foreign interior finance transport health ministry government parliament court
    officials police north south east west northern southern eastern western photo video read sign live breaking update
    exclusive analysis opinion explainer inc ltd corp chief deputy vice director doctor professor kingdom republic
    hrh hm highness majesty excellency"""
    )
)
SHORTEST_SET = 4  # words; of fewer nobody can tell how the headline is set
SET_SHARE = 0.75  # of them capitalised
_NO_LETTER = re.compile(r"[^a-z]")
_DOUBLED = re.compile(r"(.)\1+")
_DEMONYM = re.compile(r"(?:ians?|ia|ese|ish)$")  # Indonesian, Indonesia: one name
_FOLDS = (
    ("shch", "sh"), ("sch", "sh"), ("tch", "ch"), ("zh", "j"), ("kh", "h"), ("ts", "c"), ("tz", "c"), ("ph", "f"),
    ("ck", "k"), ("ks", "x"), ("dj", "j"), ("gh", "g"), ("th", "t"), ("ou", "u"), ("oo", "u"), ("ee", "i"),
    ("iy", "i"), ("yi", "i"), ("ii", "i"), ("ij", "i"), ("ya", "ia"), ("ja", "ia"), ("yu", "iu"), ("ju", "iu"),
    ("yo", "io"), ("ye", "e"), ("ie", "e"), ("je", "e"), ("y", "i"), ("q", "k"), ("w", "v"),
)  # fmt: skip
_FOLDABLE = re.compile("|".join(written for written, _ in _FOLDS))


def find_names(sentence: str, *, known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The folded tokens of the capitalised names of a folded sentence, in order, each once.

    A capitalised first word counts only when `known` (seen capitalised inside a sentence) or followed by another.
    """
    pieces = take_apart(sentence)
    is_named = not _opens_capital(pieces) or _is_name_at_start(pieces.opening, known)
    return tuple(dict.fromkeys(chain.from_iterable(map(_fold_word, pieces.capitals[not is_named :]))))


@keep_answers
def _fold_word(word: str) -> tuple[str, ...]:
    """The keys of the parts of a capitalised word; none when it is no name."""
    plain = _strip_possessive(word)
    if plain.lower() in _NOT_NAMES or len(plain) < 2:
        return ()
    return tuple(key for part in plain.split("-") if (key := fold_name(part)))


def find_headline_names(title: str, *, known: frozenset[str]) -> tuple[str, ...]:
    """The names of a folded headline. In One Set Like This only words that the text itself capitalises are names."""
    written = find_name_like(title)
    words = [word for word in written if word.lower() not in STOPWORDS]
    if len(words) >= SHORTEST_SET and sum(word[0].isupper() for word in words) >= SET_SHARE * len(words):
        title = " ".join(word if _strip_possessive(word).lower() in known else word.lower() for word in written)
    return find_names(title, known=known)


def find_inner_capitals(sentence: str) -> set[str]:
    """Lower-cased words that stand capitalised inside a sentence: names wherever they stand."""
    pieces = take_apart(sentence)
    return {_strip_possessive(word).lower() for word in pieces.capitals[_opens_capital(pieces) :]}


def find_outlet_names(source: str, publisher: str) -> set[str]:
    """The folded words of an outlet's names: who writes is no news."""
    return {fold_name(word) for word in find_words(fold_text(f"{source} {publisher}"))}


def _strip_possessive(word: str) -> str:
    word = word.rstrip(".'")
    return word[:-2] if word.endswith("'s") else word


def _opens_capital(pieces: Pieces) -> bool:
    return bool(pieces.capitals) and pieces.opening[0][0].isupper()


def _is_name_at_start(opening: tuple[str, ...], known: frozenset[str]) -> bool:
    following = opening[1:]
    is_followed = bool(following) and following[0][0].isupper() and following[0].lower() not in _NOT_NAMES
    return is_followed or _strip_possessive(opening[0]).lower() in known


@keep_answers
def fold_name(token: str) -> str:
    """The key of one token of a name."""
    key = _NO_LETTER.sub("", token.lower())
    if _FOLDABLE.search(key):
        for written, folded in _FOLDS:
            key = key.replace(written, folded)
    key = _DOUBLED.sub(r"\1", key)
    root = _DEMONYM.sub("", key)
    return root if len(root) >= 4 else key


@keep_answers
def find_skeleton(key: str) -> str:
    """The consonants of a folded name: what is left when vowels, voicing and l/r are spelt another way."""
    return _DOUBLED.sub(r"\1", key.replace("ng", "n").translate(_VOICING))


_VOICING = str.maketrans("gdbzrqc", "ktpslks", "aeioujh")
