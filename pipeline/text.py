"""Tokens, sentences and normalisation that at least two rooms need. Standard library only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
MAX_ANSWERS = 65_536
LONGEST_KEPT = 40  # characters: what is longer is no word, and may be as long as a text

_TYPOGRAPHY = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "ʼ": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "‑": "-",
        "−": "-",
        "\u00a0": " ",
        "…": "...",
    }
)


class Answers(dict[str, Answer]):
    """What a function says about the words met last, at most so many."""

    def __init__(self, find: Callable[[str], Answer], most: int) -> None:
        super().__init__()
        self._find, self._most = find, most

    def __missing__(self, word: str) -> Answer:
        answer = self._find(word)
        if len(self) >= self._most:
            self.clear()
        if len(word) <= LONGEST_KEPT:
            self[word] = answer
        return answer


def keep_answers(find: Callable[[str], Answer]) -> Callable[[str], Answer]:
    """A function of one word that is not worked out again: a look into a dictionary is half of one into `lru_cache`."""
    return Answers(find, MAX_ANSWERS).__getitem__


def list_words(text: str) -> tuple[str, ...]:
    """The words of a word list written as prose: shorter to read and to change than a list of strings."""
    return tuple(text.split())


_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)*")
_ABBREVIATIONS = frozenset(
    list_words(
        "mr mrs ms dr prof gen col lt sgt capt cmdr maj adm sen rep gov pres st no vs jr sr inc ltd co corp dept est "
        "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun approx"
    )
)
# It begins with the set of its first characters, so that the search can run from one to the next.
_BREAK = re.compile(r"""[.!?\n](?:(?<=\n)\n*|(?<=[.!?])[.!?]*["')\]]*\s+(?=["'(\[]*[A-Z0-9À-ÞĀ-Ž]))""")

_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]")

# suffix, shortest word it is taken from, what replaces it
_SUFFIXES = (
    ("ies", 5, "y"),
    ("ied", 5, "y"),
    ("ss", 3, "ss"),
    ("ing", 6, ""),
    ("es", 5, ""),
    ("ed", 5, ""),
    ("ly", 6, ""),
    ("us", 4, "us"),
    ("s", 4, ""),
)

STOPWORDS = frozenset(
    list_words(
        """a about above across after again against all almost along already also although always am among an and
    another any anybody anyone anything are aren't around as at away back be became because become been before
    behind being below between both but by came can can't cannot come could couldn't did didn't do does doesn't
    doing don't down during each either else enough even ever every everybody everyone few for from further get
    gets give given go goes going gone got had hadn't has hasn't have haven't having he he'd he'll he's her here
    hers herself him himself his how however i i'd i'll i'm i've if in including indeed instead into is isn't it
    it's its itself just keep kind last later least less let let's like likely long made make many may maybe me
    meanwhile might mine more most much must my myself near nearly neither never next no nobody none nor not
    nothing now of off often on once one only onto or other others our ours ourselves out over own per perhaps
    put quite rather really said same saw say saying says see seen several shall she she'd she'll she's should
    shouldn't since so some somebody someone something soon still such take taken than that that's the their
    theirs them themselves then there there's these they they'd they'll they're they've thing things this those
    though through thus to today together told too took toward towards under until up upon us used using very
    was wasn't way we we'd we'll we're we've well went were weren't what what's when where whether which while
    who who's whole whom whose why will with within without won't would wouldn't yesterday yet you you'd you'll
    you're you've your yours yourself according added adding"""
    )
)


def fold_text(text: str) -> str:
    """Straight quotes, plain hyphens, no accents; case is kept."""
    if text.isascii():
        return text.replace("`", "'")
    text = text.translate(_TYPOGRAPHY)
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def find_words(text: str) -> list[str]:
    """Words and numbers in order, lower case; a trailing possessive 's is left out."""
    return [w[:-2] if w.endswith("'s") else w for w in _WORD.findall(text.lower())]


def split_sentences(text: str) -> list[str]:
    """The sentences of a text whose paragraphs are separated by line breaks, in order, stripped, none empty."""
    sentences: list[str] = []
    start = 0
    for match in _BREAK.finditer(text):
        if text[match.start()] == "." and _is_abbreviation(text, start, match.start()):
            continue
        sentences.append(text[start : match.end()].strip())
        start = match.end()
    sentences.append(text[start:].strip())
    return [s for s in sentences if s]


def _is_abbreviation(text: str, start: int, dot: int) -> bool:
    word = text[max(start, dot - 12) : dot].split()[-1:] or [""]
    last = word[0].lstrip("(\"'").lower()
    return last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha()) or bool(_INITIALS.fullmatch(last))


@keep_answers
def stem_word(word: str) -> str:
    """One form for the inflections and the two spellings of a word: armoured, armored -> armor; signed -> sign."""
    if len(word) <= 3 or not word.isalpha():
        return word
    if len(word) > 5 and word.endswith("tre"):
        return word[:-2] + "er"
    stem = _strip_suffix(word)
    if len(stem) > 4 and stem.endswith("our"):
        return stem[:-3] + "or"
    if len(stem) > 5 and stem.endswith("is") and word[-2:] in ("se", "ed", "es", "ng"):
        return stem[:-1] + "z"
    return stem


def _strip_suffix(word: str) -> str:
    for suffix, shortest, replacement in _SUFFIXES:
        if word.endswith(suffix) and len(word) >= shortest:
            word = word[: -len(suffix)] + replacement
            break
    if len(word) > 3 and word[-1] == word[-2] and (word[-1] not in "aeiousl" or (word[-1] == "l" and len(word) > 5)):
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word
