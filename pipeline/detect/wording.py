"""Facts in the words of the sentence that carries them: "40 tonnes of tents", "Minister Konrad Jelen resigned"."""

from __future__ import annotations

import re

from pipeline.facts import Quantity, SentenceView
from pipeline.facts.names import fold_name
from pipeline.text import STOPWORDS, fold_text, list_words

MOST_WORDS = 3  # behind a number, or on either side of a verb
MOST_NAME_WORDS = 5
FATES = frozenset(("dead", "hurt", "missing"))  # what befalls people: subjects of numbers
_WORD = re.compile(r"[^\W_][^\W_]*(?:['’.,-][^\W_]+)*")
_CAPITALISED = re.compile(r"[^\W\d_][\w'’-]*(?:\.(?=[^\W\d_]))?(?:[ -][^\W\d_][\w'’-]*)*")
_DENIAL = re.compile(r"\b(?:[^\W\d_]+ )?(?:not|never|no longer)(?: [^\W_]+){1,3}", re.I)
_LOWER_ENDING = re.compile(r"-(?:based|led|backed|owned|run|made|born|bound)$")  # Athens-based
# in front of a verb: whether it was done at all
_AUXILIARIES = re.compile(
    r"(?:\b(?:will|would|may|might|could|should|must|can|cannot|to|is|are|was|were|be|been|being|has|have|had|not|never)\s+)+$",
    re.I,
)
LONG_AGO = re.compile(r"^(?:\W+\w+){0,4}?\W+(?:last|ago|earlier|previous|in (?:19|20)\d\d|since)\b", re.I)
_NEXT_WORD = re.compile(r"(\s+of\s+|[\s-]+)([^\W\d_][\w'’]*)")
_OF_THEM = re.compile(r"\s+of (?:the|them|its|his|her|their|those|these)\b", re.I)
# behind a verb they lead to another deed, its doer or its day: what comes before the verb says more
_TURNS = frozenset(list_words("by on when after before as and but while today yesterday"))
_VERBS = frozenset(
    list_words("brought left took fell rose went stood lay held sank fled plus minus per were was is are had have has")
)
_KILLING = re.compile(r"\bkill(?:s|ed|ing)?\s+(?:at least |about |some |more than )?$")
_HURTING = re.compile(r"\b(?:injur|wound)(?:es|s|ed|ing)?\s+(?:at least |about |some |more than )?$")
_TOLL = re.compile(r"\b(?:toll\b(?:\W+\w+){0,12}|dead at)\W+$")
_FATE = re.compile(
    r"(?:\s+(?!(?:after|when|as|and|with|in|on|from|while|but|by|before|who|of)\b)[^\W\d_]+){0,3}?\s+"
    r"(?:dead|died|killed|deaths|fatalities|injured|wounded|hurt|missing|unaccounted)\b",
    re.I,
)
_PARTITIVE = re.compile(r"\s+(?:more|others?|further|of (?:the|them|its|his|her|their|those|these)\b)", re.I)
_ADDED = re.compile(r"\b(?:another|further|additional|extra|other|by)\s+$", re.I)


def find_place(quantity: Quantity, sentence: SentenceView) -> tuple[int, int] | None:
    """Where a number of a sentence stands in its text; None when it was written in another way than it was read."""
    tokens, text = [token for token in quantity.text.split() if token != "-"], sentence.text
    if tokens and text.isascii() and quantity.text.isascii():
        return _find_tokens(tokens, text)
    pattern = r"[\s‐-―-]*".join(map(re.escape, tokens))
    found = re.search(rf"(?<![\w$€£])(?<!\d[.,])(?:{pattern})(?!\w)", text, re.I)
    return found.span() if found else None


def _find_tokens(tokens: list[str], text: str) -> tuple[int, int] | None:
    """The same in ASCII. A pattern a number would take longer to compile than all else that detection does."""
    low, first = text.lower(), tokens[0].lower()
    start = low.find(first)
    while start >= 0:
        end = start + len(first)
        for token in tokens[1:]:
            while low[end : end + 1] == "-" or low[end : end + 1].isspace():
                end += 1
            end = end + len(token) if low.startswith(token.lower(), end) else len(low) + 1
        if end <= len(low) and not _goes_on(low[max(0, start - 2) : start], low[end : end + 1]):
            return start, end
        start = low.find(first, start + 1)
    return None


def _goes_on(before: str, behind: str) -> bool:
    """True when a number is only a part of one, or of a word."""
    is_part = before[-1:].isalnum() or before[-1:] in ("_", "$") or behind.isalnum() or behind == "_"
    return is_part or (before[-1:] in (".", ",") and before[:1].isdigit() and len(before) == 2)


def tidy_number(written: str) -> str:
    """A number as a reader writes it: "58 - year" -> "58-year"."""
    return re.sub(r"\s*-\s*", "-", written)


def is_part(quantity: Quantity, sentence: SentenceView) -> bool:
    """True for a number that counts only some, or some more: "14 more", "two of the 13", "a further six"."""
    place = find_place(quantity, sentence)
    if place is None:
        return True
    text = sentence.text
    return bool(_PARTITIVE.match(text, place[1]) or _ADDED.search(text[: place[0]]))


def find_fate(quantity: Quantity, sentence: SentenceView) -> str:
    """What befell the people that a number counts ("dead", "hurt", "missing"), said behind it or in front; or empty."""
    place = None if quantity.unit else find_place(quantity, sentence)
    if place is None:
        return ""
    if quantity.subject in FATES and _FATE.match(sentence.text, place[1]):
        return quantity.subject
    before = sentence.text[: place[0]].lower()
    if _KILLING.search(before):
        return "dead"
    if _HURTING.search(before):
        return "hurt"
    return "dead" if _TOLL.search(before) and not _take_noun(sentence.text[place[1] :], False) else ""


def quote_number(quantity: Quantity, sentence: SentenceView) -> str:
    """A number with what it counts, as written; empty for one that says nothing without its sentence."""
    place = find_place(quantity, sentence)
    if place is None or _OF_THEM.match(sentence.text, place[1]):
        return ""
    number = sentence.text[place[0] : place[1]]
    is_adjective = "-" in number  # 240-kilometre pipe
    behind = _take_noun(sentence.text[place[1] :], bool(quantity.unit) and not is_adjective)
    if number.lower() == "one" and not quantity.unit:
        return ""
    if not behind and not quantity.unit:
        fate = find_fate(quantity, sentence)
        return f"{number} {fate}" if fate else ""
    return re.sub(r"\s+", " ", number + behind)


def name_counted(quantity: Quantity, sentence: SentenceView) -> str:
    """What a number counts, as written; what befell people in one word."""
    fate = find_fate(quantity, sentence)
    if fate:
        return fate
    place = find_place(quantity, sentence)
    return re.sub(r"\s+", " ", _take_noun(sentence.text[place[1] :], False)).strip(" -") if place else ""


def _take_noun(text: str, has_unit: bool) -> str:
    """The first words of a text up to a stop, a small word, a verb or a number: "of tents", "patrol aircraft"."""
    taken, words, at = "", 0, 0
    while words < MOST_WORDS and (match := _NEXT_WORD.match(text, at)):
        joint, word = match.group(1), fold_text(match.group(2)).lower()
        of = "of" in joint
        if has_unit and not (of or words):
            break
        if word in STOPWORDS - {"more"} or word in _VERBS or (words and word.endswith("ed")) or word.endswith("'s"):
            break
        if of and not words and not has_unit:
            break
        taken, at, words = text[: match.end()], match.end(), words + (joint != "-")
    return taken.removesuffix(" more")


def list_names(names: tuple[str, ...], sentence: SentenceView) -> list[str]:
    """The names of a sentence that hold one of these folded words, as written, each once."""
    wanted, found = set(names), []
    for match in _CAPITALISED.finditer(sentence.text):
        for run in _split_runs(match.group().split(" "), wanted if match.start() == 0 else None):
            if any(part in wanted for word in run for part in _fold_parts(word)):
                name = " ".join(run[-MOST_NAME_WORDS:]).removesuffix("'s").removesuffix("’s").rstrip(".")
                found.append(_LOWER_ENDING.sub("", name))
    return list(dict.fromkeys(found))


def _split_runs(words: list[str], opening: set[str] | None) -> list[list[str]]:
    """Capitalised words that stand together. The first word of a sentence is capitalised anyway: it belongs to the
    run only when it and the next one are among the `opening` names.
    """
    runs: list[list[str]] = [[]]
    if opening is not None and not all(set(_fold_parts(word)) & opening for word in words[:2]):
        words = words[1:]
    for word in words:
        if not word[:1].isupper():
            runs.append([])
            continue
        runs[-1].append(word)
        if word.endswith(("'s", "’s")):
            runs.append([])
    return [run for run in runs if run]


def _fold_parts(word: str) -> list[str]:
    return [fold_name(part.removesuffix("'s")) for part in fold_text(word).split("-")]


def quote_denial(sentence: SentenceView) -> str:
    """The first denied words of a sentence: "will not halve rations"; empty when nothing is denied."""
    match = _DENIAL.search(sentence.text)
    return match.group() if match else ""


def quote_deed(verb: str, sentence: SentenceView) -> str:
    """A verb of a sentence with what it is done to, or by whom; `verb` is lower case, as written.

    Empty for what was done long ago, or when nothing stands beside the verb.
    """
    match = re.search(rf"(?<!\w){re.escape(verb)}(?!\w)", sentence.text, re.I)
    if match is None or LONG_AGO.match(sentence.text[match.end() :]):
        return ""
    before = re.split(r"[.,;:()\"“”]|\s[-–—]\s", sentence.text[: match.start()])[-1]
    auxiliaries = _AUXILIARIES.search(before)
    helpers = auxiliaries.group() if auxiliaries else ""
    deed = f"{'' if helpers.strip().lower() in ('has', 'have', 'had') else helpers}{match.group()}"
    behind = _take_clause(_WORD, sentence.text[match.end() :])
    if any(word.lower() not in STOPWORDS for word in behind):
        return " ".join([deed, *behind])
    said_before = before[: len(before) - len(helpers)]
    doer = re.split(r"\b(?:and|but|that|who|which)\b", said_before)[-1].split()[-MOST_WORDS:]
    while doer and doer[0].lower() in STOPWORDS:
        doer = doer[1:]
    return " ".join([*doer, deed]) if doer else ""


def _take_clause(pattern: re.Pattern[str], text: str) -> list[str]:
    """The next words up to a stop, without small words at the end."""
    clause = re.split(r"[,;:()\"“”]|[.!?](?:\s|$)|\s[-–—]\s", text, maxsplit=1)[0]
    words = pattern.findall(clause)[: MOST_WORDS + 1]
    if words and words[0].lower() in _TURNS:
        return []
    while words and words[-1].lower() in STOPWORDS:
        words.pop()
    return words
