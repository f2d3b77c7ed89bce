"""Is this text English? Asked before a guess is made.

Short headlines and tables of figures have few function words in any language, so
a text is called foreign only on evidence: another script, or more function words
of other languages than of English.
"""

from __future__ import annotations

import re
from typing import Final

SAMPLE_CHARACTERS: Final = 3_000
MIN_FOREIGN_WORDS: Final = 2

_WORD: Final = re.compile(r"[^\W\d_]+")

_ENGLISH_WORDS = """
the of and to in a that is was for on with he as it by at from his be are an were has have had their which or
its they but not will would who been said after over new says more than this about out up us when there she her
against into no off could two first last before between under while during
"""

# Function words of languages in Latin script, a language or two in each line.
_FOREIGN_WORDS = """
the of and to in a that is was for on with he as it by at from his be are an were has have had their which or
its
they but not will would who been said after over new says more than this about out up us when there she her
against
into no off could two first last before between under while during
"""

# Of those, the ones that also turn up in English text, in names above all ("van", "del", "para").
_SHARED_WORDS = "on en no us per van den lo sa ni as he dan para za wa ya el los las le del"

_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
_FOREIGN: Final = frozenset(_FOREIGN_WORDS.split()) - _ENGLISH - frozenset(_SHARED_WORDS.split())


def is_english(text: str, language: str = "") -> bool:
    """False only when the text is foreign by evidence; `language` (ISO 639-1) is a hint, the text decides."""
    words = [word.lower() for word in _WORD.findall(text[:SAMPLE_CHARACTERS])]
    if not words:
        return True
    if not _is_mostly_latin(words):
        return False
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    if language and not language.lower().startswith("en"):
        return english > foreign and english * 10 >= len(words)
    return foreign < MIN_FOREIGN_WORDS or english >= foreign


def _is_mostly_latin(words: list[str]) -> bool:
    letters = "".join(words)
    return sum(letter < "\u0250" for letter in letters) * 2 >= len(letters)
