"""Names of people, places and organisations, with their transliterations folded: Kozhemyako = Kozhemiako."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.text import STOPWORDS, list_words

_CAPITALISED = re.compile(r"[^\W\d_][\w'.]*(?:-\w+)*")
_NOT_NAMES = STOPWORDS | frozenset(
    list_words(
        """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december mr mrs ms dr prof gen col lt sgt capt sir president prime minister king queen
    prince princess chancellor governor mayor senator secretary chairman chairwoman general colonel captain spokesman
    spokeswoman defence defense foreign interior finance transport health ministry government parliament court
    officials police north south east west northern southern eastern western photo video read sign live breaking update
    exclusive analysis opinion explainer inc ltd corp chief deputy vice director doctor professor kingdom republic"""
    )
)
SHORTEST_SET = 4  # words; of fewer nobody can tell how the headline is set
SET_SHARE = 0.75  # of them capitalised
_DEMONYM = re.compile(r"(?:ians?|ia|ese|ish)$")  # Indonesian, Indonesia: one name
_FOLDS = (
    ("shch", "sh"), ("sch", "sh"), ("tch", "ch"), ("zh", "j"), ("kh", "h"), ("ts", "c"), ("tz", "c"), ("ph", "f"),
    ("ck", "k"), ("ks", "x"), ("dj", "j"), ("gh", "g"), ("th", "t"), ("ou", "u"), ("oo", "u"), ("ee", "i"),
    ("iy", "i"), ("yi", "i"), ("ii", "i"), ("ij", "i"), ("ya", "ia"), ("ja", "ia"), ("yu", "iu"), ("ju", "iu"),
    ("yo", "io"), ("ye", "e"), ("ie", "e"), ("je", "e"), ("y", "i"), ("q", "k"), ("w", "v"),
)  # fmt: skip


def find_names(sentence: str, *, known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The folded tokens of the capitalised names of a folded sentence, in order, each once.

    A capitalised first word counts only when `known` (seen capitalised inside a sentence) or followed by another.
    """
    words = _CAPITALISED.findall(sentence)
    found: dict[str, None] = {}
    for index, word in enumerate(words):
        plain = _strip_possessive(word)
        if not plain[0].isupper() or plain.lower() in _NOT_NAMES or len(plain) < 2:
            continue
        if index == 0 and plain.lower() not in known and not _is_name_like(words[1:2]):
            continue
        for part in plain.split("-"):
            if part:
                found[fold_name(part)] = None
    found.pop("", None)
    return tuple(found)


def find_headline_names(title: str, *, known: frozenset[str]) -> tuple[str, ...]:
    """The names of a folded headline. In One Set Like This only words that the text itself capitalises are names."""
    words = [word for word in _CAPITALISED.findall(title) if word.lower() not in STOPWORDS]
    if len(words) >= SHORTEST_SET and sum(word[0].isupper() for word in words) >= SET_SHARE * len(words):
        title = " ".join(w if _strip_possessive(w).lower() in known else w.lower() for w in _CAPITALISED.findall(title))
    return find_names(title, known=known)


def find_inner_capitals(sentence: str) -> set[str]:
    """Lower-cased words that stand capitalised inside a sentence: names wherever they stand."""
    return {_strip_possessive(w).lower() for w in _CAPITALISED.findall(sentence)[1:] if w[0].isupper()}


def _strip_possessive(word: str) -> str:
    word = word.rstrip(".'")
    return word[:-2] if word.endswith("'s") else word


def _is_name_like(following: list[str]) -> bool:
    return bool(following) and following[0][0].isupper() and following[0].lower() not in _NOT_NAMES


@lru_cache(maxsize=65536)
def fold_name(token: str) -> str:
    """The key of one token of a name."""
    key = re.sub(r"[^a-z]", "", token.lower())
    for written, folded in _FOLDS:
        key = key.replace(written, folded)
    key = re.sub(r"(.)\1+", r"\1", key)
    root = _DEMONYM.sub("", key)
    return root if len(root) >= 4 else key


@lru_cache(maxsize=65536)
def find_skeleton(key: str) -> str:
    """The consonants of a folded name: what is left when vowels, voicing and l/r are spelt another way."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeioujh]", "", key.replace("ng", "n")).translate(_VOICING))


_VOICING = str.maketrans("gdbzrqc", "ktpslks")
