"""Is this text English? Asked before a guess is made.

Short headlines and tables of figures have few function words in any language, so
a text is called foreign only on evidence: another script, or more function words
of other languages than of English; where there is none of English, accented words are
evidence too.
"""

from __future__ import annotations

import re
from typing import Final

SAMPLE_CHARACTERS: Final = 1_200
MIN_FOREIGN_WORDS: Final = 3
MIN_FOREIGN_WORDS_WITHOUT_ENGLISH: Final = 2

_WORD: Final = re.compile(r"[^\W\d_]+")
_ASCII_WORD: Final = re.compile(r"[a-z]+")  # the same among ASCII letters, in half the time

_ENGLISH_WORDS = """
the of and to that for with it by at from his are were has have had their which its they but not will would who been
said after over new says more than this about out up when there her against into could two first last before between
under while during our you what your how all we she be is
"""

# Function words of languages in Latin script, a language or two in each line.
_FOREIGN_WORDS = """
der das und ist nicht mit dem den ein eine einen zu von für auf sich auch wird werden sind nach bei über wie haben
zum zur im vom einer dass
le les une est dans pour que qui sur avec pas sont du au aux ses cette été ont mais leur être entre après et lundi
el los las del una por con para como más pero sus fue ha han está este esta sobre según desde y su lunes
o os uma não com são foi dos das pelo pela mais ao aos também seu sua até em na no da
il lo gli della delle dei degli che per sono nel nella alla anche dal dalla più si è di
het een van niet met voor zijn aan ook naar bij wordt hebben deze uit
och att det som är på av för med till den inte har ett om från
og ikke til af blev også efter mellem
że się nie jest dla przez oraz został przed jego
bir ve bu için ile olarak olan daha gibi kadar sonra ancak
yang dengan untuk dari ini itu pada tidak akan telah oleh
và của là các trong được những với cho không người
și în este pentru din cu sunt după
hogy nem egy az és volt meg szerint
které jako není při jsou také jeho podle
ja ei että oli mutta kun myös ovat
sa ang mga ng ay
katika kwa
"""

# Of those, the ones that are English words too or turn up in names ("van", "con", "para").
_SHARED_WORDS = """
on en no us per van den lo sa ni as he dan para za wa ya el los las le del con pour care non mai hindi des for of at is
i a an in was am die son plus kan po se os da o bu ve ja y met om au du bin ha si di im har ei sur que qui
"""

_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
_FOREIGN: Final = frozenset(_FOREIGN_WORDS.split()) - _ENGLISH - frozenset(_SHARED_WORDS.split())


def is_english(text: str, language: str = "") -> bool:
    """False only when the text is foreign by evidence; `language` (ISO 639-1) is a hint, the text decides."""
    sample = text[:SAMPLE_CHARACTERS].lower()
    words = (_ASCII_WORD if sample.isascii() else _WORD).findall(sample)
    if not words:
        return True
    if not sample.isascii() and not _is_mostly_latin("".join(words)):
        return False
    english = sum(map(_ENGLISH.__contains__, words))
    foreign = sum(map(_FOREIGN.__contains__, words))
    if language and not language.lower().startswith("en"):
        return english > foreign and english * 10 >= len(words)
    if not english and foreign:
        foreign += sum(not word.isascii() for word in words)
    needed = MIN_FOREIGN_WORDS if english else MIN_FOREIGN_WORDS_WITHOUT_ENGLISH
    return foreign < needed or english >= foreign


def _is_mostly_latin(letters: str) -> bool:
    return sum(letter < "\u0250" for letter in letters) * 2 >= len(letters)
