"""Numbers with their units, folded: 683 miles = 1,100 km, thirteen = 13, a hundred and fifty minutes = 2.5 hours."""

from __future__ import annotations

import re
from itertools import compress, count

from pipeline.facts.views import Quantity
from pipeline.facts.words import find_tokens, take_apart
from pipeline.text import STOPWORDS, keep_answers, list_words, stem_word

_SMALL = {
    w: float(n)
    for n, w in enumerate(
        list_words(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen"
        )
    )
} | {w: 10.0 * n for n, w in enumerate(list_words("twenty thirty forty fifty sixty seventy eighty ninety"), 2)}
_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "mln": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bln": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "dozen": 12.0,
}
_FRACTIONS = {"half": 0.5, "quarter": 0.25, "third": 1 / 3}

# unit word -> (base unit, factor); sources: SI brochure, US customary and imperial definitions
_UNITS: dict[str, tuple[str, float]] = {}
for _base, _factor, _words in (
    ("km", 1.0, "km kms kilometer kilometers kilometre kilometres"),
    ("km", 1.609344, "mile miles"),
    ("km", 1.852, "nm nautical"),
    ("km", 0.001, "m meter meters metre metres"),
    ("km", 0.0003048, "ft foot feet"),
    ("km", 0.0000254, "inch inches"),
    ("km", 0.00001, "cm centimeter centimeters centimetre centimetres"),
    ("km", 0.0009144, "yd yard yards"),
    ("km/h", 1.0, "km/h kmh kph kmph"),
    ("km/h", 1.609344, "mph"),
    ("km/h", 1.852, "knot knots"),
    ("kg", 1.0, "kg kilogram kilograms kilogramme kilogrammes kilo kilos"),
    ("kg", 1000.0, "tonne tonnes ton tons"),
    ("kg", 0.45359237, "pound pounds lb lbs"),
    ("liter", 1.0, "liter liters litre litres"),
    ("liter", 3.785411784, "gallon gallons"),
    ("liter", 158.987, "barrel barrels bpd bbl"),
    ("hectare", 1.0, "hectare hectares ha"),
    ("hectare", 0.40468564, "acre acres"),
    ("minute", 1.0, "minute minutes min mins"),
    ("minute", 60.0, "hour hours hr hrs"),
    ("minute", 1440.0, "day days"),
    ("minute", 10080.0, "week weeks fortnight"),
    ("month", 1.0, "month months"),
    ("month", 12.0, "year years yr yrs"),
    ("%", 1.0, "% percent pc"),
    ("c", 1.0, "°c celsius centigrade"),
    ("usd", 1.0, "$ dollar dollars usd"),
    ("eur", 1.0, "€ euro euros eur"),
    ("gbp", 1.0, "£ quid gbp"),
):
    for _word in _words.split():
        _UNITS[_word] = (_base, _factor)

_TONS = {"metric": 1000.0, "us": 907.18474, "short": 907.18474, "long": 1016.0469088}  # kg

ROUNDED_GAP = 0.015  # $3.6bn, $3.55bn
CONVERTED_GAP = 0.05  # newsrooms convert to two digits: 3.5 metres, 11 feet
OTHER_UNIT_GAP = 0.1  # ... or to whole ones: six kilometres, four miles
ROUGH_GAP = 0.06  # "almost sixty" for 58
_CONVERTED = frozenset(("km", "km/h", "kg", "liter", "hectare", "c"))
_ROUGH = frozenset(list_words("about around roughly nearly almost some approximately estimated close"))
_NUMBER_WORDS = frozenset(("pair", "couple", *_SMALL, *(word for word in _SCALES if len(word) > 3)))
# "1,100 km (683 miles)", "3.6 billion dollars (SR 13.5bn)": the bracket says it again
_CONVERSION = re.compile(r"(\d[^()]{0,24})\([^()]{0,8}\d[^()]{0,24}\)")
_CLOCK = re.compile(r"\d{1,2}\.\d\d")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_BEGINNINGS = frozenset(("$", "€", "£", "half", "a", "an", "dozen", *_SMALL))
_MONTHS = frozenset(
    list_words(
        "january february march april may june july august september october november december "
        "jan feb mar apr jun jul aug sept sep oct nov dec"
    )
)

_CALENDAR = _MONTHS | frozenset(list_words("monday tuesday wednesday thursday friday saturday sunday"))


def find_quantities(sentence: str) -> tuple[Quantity, ...]:
    """Every number of a folded sentence in order; days of the month, years and clock times are left to `dates`."""
    pieces = take_apart(sentence)
    if not pieces.has_digit and pieces.runs.isdisjoint(_NUMBER_WORDS):
        return ()
    tokens = find_tokens(_CONVERSION.sub(r"\1", pieces.low)) if "(" in sentence else pieces.tokens
    found: list[Quantity] = []
    end = 0
    for at in compress(count(), map(_may_begin, tokens)):
        if at < end:
            continue
        value, end = _read_number(tokens, at)
        if end > at and not _is_calendar(tokens, at, end, value):
            found.append(_make_quantity(tokens, at, end, value))
    return tuple(found)


@keep_answers
def _may_begin(token: str) -> bool:
    return token in _BEGINNINGS or token[0].isdecimal()


def is_same_value(first: Quantity, second: Quantity) -> bool:
    """True when two numbers may be the same one, rounded or converted."""
    if first.unit and second.unit and first.unit != second.unit:
        return False
    larger = max(abs(first.value), abs(second.value))
    gap = abs(first.value - second.value)
    if gap == 0:
        return True
    allowed = 0.0
    if first.unit in _CONVERTED:
        allowed = CONVERTED_GAP if _find_factor(first) == _find_factor(second) else OTHER_UNIT_GAP
    elif first.unit or second.unit:
        allowed = ROUNDED_GAP
    if (first.is_rough or second.is_rough) and (allowed or (larger >= 20 and _may_count_the_same(first, second))):
        allowed = max(allowed, ROUGH_GAP)
    return gap <= allowed * larger


def _find_factor(quantity: Quantity) -> float:
    """Of the unit in which a quantity is written, to the base unit; 0 when its words do not show it."""
    factors = (_UNITS[word][1] for word in reversed(quantity.text.split()) if word in _UNITS)
    return next(factors, 0.0)


def _may_count_the_same(first: Quantity, second: Quantity) -> bool:
    return first.subject == second.subject or not first.subject or not second.subject


def _read_number(tokens: tuple[str, ...], at: int) -> tuple[float, int]:
    """The number that starts at a token and the index behind it; the same index when there is none."""
    start = at + 1 if tokens[at] in "$€£" and at + 1 < len(tokens) else at
    token = tokens[start]
    if token[0].isdecimal():
        return _scale(tokens, _read_digits(token), start + 1)
    if token == "half" and tokens[start + 1 : start + 3] == ("a", "dozen"):
        return 6.0, start + 3
    if token == "a" and start + 1 < len(tokens) and tokens[start + 1] in ("pair", "couple"):
        return 2.0, start + 2
    if (
        token in ("a", "an")
        and start + 1 < len(tokens)
        and tokens[start + 1] in ("hundred", "thousand", "million", "dozen")
    ):
        return _read_words(tokens, start + 1, at)
    if token in _SMALL or token == "dozen":
        return _read_words(tokens, start, at)
    return 0.0, at


def _read_digits(token: str) -> float:
    ordinal = _ORDINAL.fullmatch(token)
    return float((ordinal.group(1) if ordinal else token).replace(",", ""))


def _scale(tokens: tuple[str, ...], value: float, at: int) -> tuple[float, int]:
    skip = 1 if at + 1 < len(tokens) and tokens[at] == "-" else 0
    word = tokens[at + skip] if at + skip < len(tokens) else ""
    if word in _SCALES and word != "hundred" and not (word == "m" and value >= 1000):
        return value * _SCALES[word], at + skip + 1
    return value, at


def _read_words(tokens: tuple[str, ...], at: int, begin: int) -> tuple[float, int]:
    total, part, end, index = 0.0, 0.0, begin, at
    while index < len(tokens):
        token = tokens[index]
        if token in _SMALL:
            part += _SMALL[token]
        elif token in _SCALES and len(token) > 2:
            part = max(part, 1.0) * _SCALES[token]
            if _SCALES[token] >= 1000:
                total, part = total + part, 0.0
        elif token in _FRACTIONS and index > at and tokens[index - 1] in ("a", "and"):
            return total + part + _FRACTIONS[token], index + 1
        elif token not in ("-", "and", "a") or index == at:
            break
        else:
            index += 1
            continue
        index += 1
        end = index
    return total + part, end


def _is_calendar(tokens: tuple[str, ...], at: int, end: int, value: float) -> bool:
    before = tokens[at - 1] if at else ""
    after = tokens[end] if end < len(tokens) else ""
    if _CLOCK.fullmatch(tokens[at]) and _is_clock_half(tokens, end):
        return True
    if tokens[at].isdigit():
        if 1900 <= value <= 2100 and end == at + 1 and after not in _UNITS and before not in ("$", "€", "£"):
            return True
        if before in _MONTHS or after in _MONTHS:
            return value <= 31
        if after == ":" or before == ":" or _is_clock_half(tokens, end):
            return True
    return before in _MONTHS and value <= 31


def _is_clock_half(tokens: tuple[str, ...], at: int) -> bool:
    """True for "am" or "p.m." at a token."""
    return tokens[at : at + 1] in (("am",), ("pm",)) or tokens[at : at + 3] in (("a", ".", "m"), ("p", ".", "m"))


def _make_quantity(tokens: tuple[str, ...], at: int, end: int, value: float) -> Quantity:
    unit, factor, behind = _find_unit(tokens, at, end)
    value, behind = _add_half(tokens, behind, value, unit)
    return Quantity(
        value=round(value * factor, 6),
        unit=unit,
        subject=_find_subject(tokens, behind),
        text=" ".join(tokens[at:behind]).replace("$ ", "$").replace("€ ", "€").replace("£ ", "£"),
        is_rough=not _ROUGH.isdisjoint(tokens[max(0, at - 2) : at]),
    )


def _find_unit(tokens: tuple[str, ...], at: int, end: int) -> tuple[str, float, int]:
    if tokens[at] in "$€£":
        return *_UNITS[tokens[at]], end
    index = end + 1 if end < len(tokens) and tokens[end] == "-" else end
    word = tokens[index] if index < len(tokens) else ""
    if word in _TONS and index + 1 < len(tokens) and tokens[index + 1] in ("ton", "tons", "tonne", "tonnes"):
        return "kg", _TONS[word], index + 2
    if word == "per" and index + 1 < len(tokens) and tokens[index + 1] == "cent":
        return "%", 1.0, index + 2
    if word in _UNITS and not (word in ("m", "min", "ha") and index == end + 1):
        return _per_hour(tokens, *_UNITS[word], index + 1)
    return "", 1.0, end


def _per_hour(tokens: tuple[str, ...], unit: str, factor: float, behind: int) -> tuple[str, float, int]:
    if unit == "km" and tokens[behind : behind + 2] in (("per", "hour"), ("an", "hour")):
        return "km/h", factor, behind + 2
    return unit, factor, behind


def _add_half(tokens: tuple[str, ...], behind: int, value: float, unit: str) -> tuple[float, int]:
    """ "Two hours and a half" is read behind the unit."""
    if unit and tokens[behind : behind + 3] == ("and", "a", "half"):
        return value + 0.5, behind + 3
    return value, behind


def _find_subject(tokens: tuple[str, ...], behind: int) -> str:
    """What is counted: the first content word behind the number, or what befell it ("31 people were killed")."""
    found = ""
    for token in tokens[behind : behind + 5]:
        if token in '.,;:()"':
            break
        if token.isalpha() and token not in STOPWORDS and token not in _CALENDAR:
            subject = _SUBJECTS.get(token, stem_word(token))
            if subject in _FATES:
                return subject
            found = found or subject
    return found


_FATES = frozenset(("dead", "hurt", "missing"))
# one subject for the words that count the same thing
_SUBJECTS = {
    word: subject
    for subject, words in {
        "dead": "dead deaths died killed fatalities fatality lives bodies victims",
        "hurt": "injured wounded hurt injuries casualties",
        "missing": "missing unaccounted",
        "people": "people persons passengers residents villagers civilians",
        "car": "cars carriages wagons coaches vehicles",
    }.items()
    for word in words.split()
}
