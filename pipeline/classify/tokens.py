"""Text -> normalised tokens: inflections folded, numbers and names that date masked.

"U.S. troops killed 12 in Basra on Monday" becomes
`_country:usa troop kill _num in _place:iraq on _day`; what follows the colon only serves to tell one country
from another and is dropped before anything is learned. The walk is one regular expression
and one memoised look-up per word, since it runs over every word of every article.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Final

from pipeline.classify.gazetteer import (
    AGENCIES,
    CALENDAR,
    CALENDAR_MASK,
    COUNTRIES,
    COUNTRY_MASK,
    COUNTRY_PHRASES,
    PLACE_MASK,
    PLACES,
    name_country,
)

SENTENCE_END: Final = "."
NUMBER_MASK: Final = "_num"
YEAR_MASK: Final = "_year"
MONEY_MASK: Final = "_money"
PERCENT_MASK: Final = "_pct"

# Wire archives carry entities whose ampersand was lost ("Japan #39;s", "quot;No quot;").
_BARE_ENTITY: Final = re.compile(r"\s?&?#(\d{2,5});")
_BARE_QUOTE: Final = re.compile(r"\b(?:quot|amp|lt|gt|nbsp);")
_MARKUP: Final = re.compile(r"<[^<>\s]{1,40}>|https?://\S+")
_INITIALS: Final = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_DOTTED_LETTER: Final = re.compile(r"\.[A-Za-z]\.")  # found faster than initials, which start at any word
# "HANOI (Reuters) - ", "AP - ", "BERLIN, March 4 - ": who wrote it and where, not what about.
_DATELINE: Final = re.compile(
    r"^\s*(?:[A-Z]{2}[A-Z.'’/ -]{1,40}(?:,\s[A-Z][A-Za-z.' ]{1,30}){0,2}(?:,\s[A-Z][a-z]{2,8}\.?\s\d{1,2})?\s*)?"
    r"(?:\([^()]{2,30}\)|\b[A-Z]{2,9})?\s*(?:--?|–|—)\s+"
)
_CREDIT: Final = re.compile(r"\((?:AP|Reuters|AFP|UPI|[A-Z][A-Za-z ]{1,24}\.com)\)")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[$£€]?\d[\d,.]*%?|[.!?;](?=\s|$)")

# Irregular forms and American spellings; a word that stands for itself keeps its plural.
_SPELLINGS: Final = {
    "defense": "defence", "center": "centre", "program": "programme", "harbor": "harbour", "armor": "armour",
    "labor": "labour", "neighbor": "neighbour", "maneuver": "manoeuvre", "airplane": "aeroplane", "tire": "tyre",
    "militiamen": "militiaman", "gunmen": "gunman", "women": "woman", "men": "man", "servicemen": "serviceman",
    "armored": "armour", "armoured": "armour", "seamen": "seaman", "talks": "talks", "arms": "arms", "forces": "forces",
    "killed": "kill", "deadly": "dead", "died": "die", "dies": "die", "dying": "die", "sold": "sell", "bought": "buy",
    "met": "meet", "held": "hold", "flew": "fly", "flown": "fly", "sank": "sink", "sunk": "sink", "fought": "fight",
    "sent": "send", "fled": "flee", "shot": "shoot", "struck": "strike", "said": "say", "says": "say", "news": "news",
    "froze": "freeze", "frozen": "freeze", "united": "united", "nations": "nation", "went": "go", "left": "leave",
    "lorries": "lorry", "bodies": "body", "duties": "duty", "children": "child", "talk": "talks", "buys": "buy",
    "navies": "navy", "armies": "army", "ferries": "ferry", "quakes": "quake", "goods": "goods", "series": "series",
    "tied": "tie", "ties": "ties", "customs": "customs", "rations": "ration", "minister": "minister", "lies": "lie",
    "bln": "billion", "mln": "million", "dlrs": "dollar", "dlr": "dollar", "pct": "percent", "pc": "pc",
    "programmes": "programme", "programs": "programme", "business": "business", "species": "species",
}  # fmt: skip
_WORDS_IN_ED = "need speed feed seed weed bleed breed red bed shed sacred hundred indeed exceed succeed proceed"
_WORDS_IN_ING = "king ring wing spring string bring thing during morning evening boeing beijing sing ping"
_KEEP: Final = frozenset(f"{_WORDS_IN_ED} {_WORDS_IN_ING}".split())
_VOWEL: Final = re.compile(r"[aeiouy]")


def _drop_suffix(word: str) -> str:
    """Fold plural and verb endings; a light stemmer that leaves short words alone."""
    if len(word) <= 3:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ed") and len(word) > 4 and word not in _KEEP:
        return _mend(word[:-2])
    if word.endswith("ing") and len(word) > 5 and word not in _KEEP:
        return _mend(word[:-3])
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def _mend(stem: str) -> str:
    """After -ed or -ing: stopp -> stop, fire -> fir (the final e is folded away everywhere)."""
    if not _VOWEL.search(stem) or len(stem) < 3:
        return stem
    if stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    if stem.endswith("i"):
        return stem[:-1] + "y"
    return stem[:-1] if stem.endswith("e") and len(stem) > 4 else stem


def _respell(word: str) -> str:
    """British -ise and American -ize are one word."""
    if len(word) > 6:
        word = word.replace("ization", "isation")
        if word.endswith(("ize", "ized", "izes", "izing")):
            word = word.replace("iz", "is")
    return word


@lru_cache(maxsize=200_000)
def normalise_token(token: str) -> str:
    """One raw token -> its normal form, a mask, or "" when it says nothing."""
    if token[0] in ".!?;":
        return SENTENCE_END
    if not token[0].isalpha():
        return _mask_number(token)
    if token in ("US", "USA"):  # before lower-casing: "us" is a pronoun
        return f"{COUNTRY_MASK}:usa"
    word = token.lower().replace("’", "'")
    word = word[:-2] if word.endswith("'s") else word
    if word in AGENCIES:
        return ""
    if word in COUNTRIES or word.rstrip("s") in COUNTRIES:
        return f"{COUNTRY_MASK}:{name_country(word)}"
    if word in PLACES:
        return f"{PLACE_MASK}:{name_country(word)}"
    if word in CALENDAR:
        return CALENDAR_MASK
    spelled = _respell(word)
    spelled = _SPELLINGS.get(spelled, spelled)
    return spelled if _SPELLINGS.get(spelled) == spelled else _drop_suffix(spelled)


def _mask_number(token: str) -> str:
    if token[0] in "$£€":
        return MONEY_MASK
    if token.endswith("%"):
        return PERCENT_MASK
    digits = token.rstrip(",.")
    return YEAR_MASK if len(digits) == 4 and digits[:2] in ("18", "19", "20") else NUMBER_MASK


def drop_dateline(text: str) -> str:
    """The text without "HANOI (Reuters) - " at its head."""
    dateline = _DATELINE.match(text)
    return text[dateline.end() :] if dateline else text


def clean_wire_text(text: str) -> str:
    """Undo broken entities, markup, agency credits and the dots of initials."""
    if "#" in text or "&" in text or ";" in text:
        text = _BARE_ENTITY.sub(_entity_character, text)
        text = _BARE_QUOTE.sub(" ", html.unescape(text))
    if "<" in text or "://" in text:
        text = _MARKUP.sub(" ", text)
    if "(" in text:
        text = _CREDIT.sub(" ", text)
    if not _DOTTED_LETTER.search(text):
        return text
    return _INITIALS.sub(lambda initials: initials.group().replace(".", "").upper() + " ", text)


def _entity_character(entity: re.Match[str]) -> str:
    code = int(entity.group(1))
    return chr(code) if 32 <= code < 0xD800 else " "


def split_tokens(text: str) -> list[str]:
    """Normalised tokens in order, with `SENTENCE_END` between sentences; country names of two words merged."""
    return split_surfaces(text)[0]


def split_surfaces(text: str) -> tuple[list[str], list[str]]:
    """The tokens, and for each of them the words of the text that it stands for."""
    surfaces: list[str] = _WORD.findall(text)
    tokens = [*map(normalise_token, surfaces)]
    if "" in tokens:
        surfaces = [raw for raw, token in zip(surfaces, tokens, strict=True) if token]
        tokens = [*filter(None, tokens)]
    return (tokens, surfaces) if _FIRST_OF_COUNTRY.keys().isdisjoint(tokens) else _merge_countries(tokens, surfaces)


_FIRST_OF_COUNTRY: dict[str, list[tuple[str, ...]]] = {}
for _phrase in COUNTRY_PHRASES:
    _normal = tuple(normalise_token(word) for word in _phrase)
    _FIRST_OF_COUNTRY.setdefault(_normal[0], []).append(_normal)
_PHRASES_OF_COUNTRY: Final[dict[tuple[str, ...], str]] = {
    ("united", "stat"): "usa",
    ("united", "kingdom"): "uk",
    ("soviet", "union"): "russia",
}


def _merge_countries(tokens: list[str], surfaces: list[str]) -> tuple[list[str], list[str]]:
    merged: list[str] = []
    merged_surfaces: list[str] = []
    done = 0
    for at in [at for at, token in enumerate(tokens) if token in _FIRST_OF_COUNTRY]:
        size = _size_of_country(tokens, at)
        if size and at >= done:
            merged += tokens[done:at]
            merged_surfaces += surfaces[done:at]
            done = at + size
            merged.append(f"{COUNTRY_MASK}:{_name_phrase(tokens[at:done])}")
            merged_surfaces.append(" ".join(surfaces[at:done]))
    return merged + tokens[done:], merged_surfaces + surfaces[done:]


def _size_of_country(tokens: list[str], at: int) -> int:
    return next((len(one) for one in _FIRST_OF_COUNTRY[tokens[at]] if tuple(tokens[at : at + len(one)]) == one), 0)


def _name_phrase(words: list[str]) -> str:
    """One name for North Korea and North Korean, for West Germany and Bonn."""
    known = _PHRASES_OF_COUNTRY.get(tuple(words))
    first, last = words[0].rpartition(":")[2], words[-1].rpartition(":")[2]
    if known or first in ("north", "south", "n", "s"):
        return known or f"{first[0]}-{last[:4]}"
    return last if words[-1].startswith(COUNTRY_MASK) else first[:6]
