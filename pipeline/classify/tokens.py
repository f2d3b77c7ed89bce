"""Text -> normalised tokens: inflections folded, numbers and names that date masked.

"U.S. troops killed 12 in Basra on Monday" becomes
`_country:usa troop kill _num in _place:iraq on _day`; what follows the colon only serves to tell one country
from another and is dropped before anything is learned. What stands between two blanks is cut by itself, so that
it need not be cut again when it comes back.
"""

from __future__ import annotations

import html
import re
from itertools import chain
from typing import Final, NamedTuple

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
_QUOTES: Final = ("quot;", "amp;", "lt;", "gt;", "nbsp;")
_BARE_QUOTE: Final = re.compile(rf"\b(?:{'|'.join(_QUOTES)})")
_MARKUP: Final = re.compile(r"<[^<>\s]{1,40}>|https?://\S+")
_INITIALS: Final = re.compile(r"\b(?:[A-Za-z]\.){2,}")
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
    """Undo broken entities, markup and agency credits."""
    if "#" in text:
        text = _BARE_ENTITY.sub(_entity_character, text)
    if "&" in text:
        text = html.unescape(text)
    if any(quote in text for quote in _QUOTES):
        text = _BARE_QUOTE.sub(" ", text)
    if "<" in text or "://" in text:
        text = _MARKUP.sub(" ", text)
    return _CREDIT.sub(" ", text) if "(" in text else text


def _entity_character(entity: re.Match[str]) -> str:
    code = int(entity.group(1))
    return chr(code) if 32 <= code < 0xD800 else " "


class Piece(NamedTuple):
    """A token of a text."""

    token: str
    surface: str  # the words of the text that it stands for


def drop_country(token: str) -> str:
    """What is learned of a token: a mask loses the name of its country."""
    return token.partition(":")[0]


def split_tokens(text: str) -> list[str]:
    """Normalised tokens in order, with `SENTENCE_END` between sentences; country names of two words merged."""
    return [piece.token for piece in split_pieces(text)]


def split_pieces(text: str) -> list[Piece]:
    """The same with what each token stands for."""
    pieces = [*chain.from_iterable(map(cut_chunk, text.split()))]
    joined: list[Piece] = []
    at = 0
    while at < len(pieces):
        ahead = pieces[at : at + LONGEST_COUNTRY]
        token, size = join_country(tuple(piece.token for piece in ahead))
        joined.append(Piece(token, " ".join(piece.surface for piece in ahead[:size])))
        at += size
    return joined


def cut_chunk(chunk: str) -> list[Piece]:
    """The pieces of what stands between two blanks, which neither initials nor words look across."""
    if chunk.count(".") > 1:
        chunk = _INITIALS.sub(lambda initials: initials.group().replace(".", "").upper() + " ", chunk)
    surfaces = (chunk,) if chunk.isalpha() else _WORD.findall(chunk)
    return [Piece(token, surface) for surface in surfaces if (token := normalise_token(surface))]


_FIRST_OF_COUNTRY: dict[str, list[tuple[str, ...]]] = {}
for _phrase in COUNTRY_PHRASES:
    _normal = tuple(normalise_token(word) for word in _phrase)
    _FIRST_OF_COUNTRY.setdefault(_normal[0], []).append(_normal)
LONGEST_COUNTRY: Final = max(map(len, COUNTRY_PHRASES))  # in words
_PHRASES_OF_COUNTRY: Final[dict[tuple[str, ...], str]] = {
    ("united", "stat"): "usa",
    ("united", "kingdom"): "uk",
    ("soviet", "union"): "russia",
}


def may_start_country(token: str) -> bool:
    """Whether some country of several words begins so."""
    return token in _FIRST_OF_COUNTRY


def join_country(tokens: tuple[str, ...]) -> tuple[str, int]:
    """The country whose name the tokens begin with, or else the first token; and how many tokens that is."""
    words = next((one for one in _FIRST_OF_COUNTRY.get(tokens[0], ()) if tokens[: len(one)] == one), ())
    return (f"{COUNTRY_MASK}:{_name_phrase(words)}", len(words)) if words else (tokens[0], 1)


def _name_phrase(words: tuple[str, ...]) -> str:
    """One name for North Korea and North Korean, for West Germany and Bonn."""
    known = _PHRASES_OF_COUNTRY.get(words)
    first, last = words[0].rpartition(":")[2], words[-1].rpartition(":")[2]
    if known or first in ("north", "south", "n", "s"):
        return known or f"{first[0]}-{last[:4]}"
    return last if words[-1].startswith(COUNTRY_MASK) else first[:6]
