"""What stands in front of an article's words: a dateline ("BELMARK, 12 May (Outlet) - "), a slug ("UPDATE 2-")."""

from __future__ import annotations

import re

_LONGEST = 90  # characters
_PLACE = r"[^\W\d_][\w.'’]*(?:[ -][^\W\d_][\w.'’]*){0,3}"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATELINE = re.compile(
    rf"(?P<places>{_PLACE}(?:, ?{_PLACE}){{0,2}}?)"
    rf"(?P<day>,? (?:{_MONTH} \d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH})(?:,? \d{{4}})?)?"
    r"(?P<credit>,? *(?:\([^()]{2,40}\)|/[^/\s]{2,20}/))?"
    r" *(?:(?P<dash>--?|[–—―])|:)\s+"
)
# how an agency or a site calls the state of a report; a correction is left there, it says something
_SLUG = re.compile(
    r"(?:(?:update|wrapup|refile|rpt|lead|roundup)\s*\d{0,2}\s*[-:|]|(?:breaking(?: news)?|live(?: updates?| blog)?"
    r"|exclusive|urgent|flash|developing|just in|watch|video|in pictures)\s*[:|]|(?:breaking|live|exclusive|urgent) - )"
    r"\s*(?=\S)",
    re.I,
)
_SLUG_BEHIND = re.compile(
    r"\s*[(\[-]\s*(?:updated?|lead|ld|\d(?:st|nd|rd|th)\s+(?:ld|lead))(?:\s*\d{1,2})?\s*[)\]]?$", re.I
)


def strip_slug(headline: str) -> str:
    """A folded headline without "UPDATE 2-", "Breaking:" or "(Lead 3)": they tell where a report stands, no news."""
    while match := _SLUG.match(headline):
        headline = headline[match.end() :]
    return _SLUG_BEHIND.sub("", headline) or headline


def strip_dateline(sentence: str) -> str:
    """The sentence without place, day and agency in front of it; as it is when nothing or all of it is dateline."""
    match = _DATELINE.match(sentence[:_LONGEST])
    if match is None or not all(word[0].isupper() for word in re.findall(r"[^\W\d_][\w.'’]*", match["places"])):
        return sentence
    place = re.split(r"[ ,-]", match["places"])[0]
    is_set_in_capitals = len(place) > 1 and place.isupper()
    is_dateline = bool((match["day"] or match["credit"]) and match["dash"]) or is_set_in_capitals
    return (sentence[match.end() :] or sentence) if is_dateline else sentence
