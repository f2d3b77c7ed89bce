"""Dates of feeds: RFC 822, ISO 8601 and what is found instead; always aware, the publisher's offset kept."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
# Zone names that RFC 822 does not know and feeds use; those with two meanings (IST, CST in Asia) are left out.
ZONES = {
    "CET": "+0100",
    "CEST": "+0200",
    "MET": "+0100",
    "MEST": "+0200",
    "BST": "+0100",
    "WET": "+0000",
    "WEST": "+0100",
    "EET": "+0200",
    "EEST": "+0300",
    "MSK": "+0300",
    "JST": "+0900",
    "KST": "+0900",
    "HKT": "+0800",
    "SGT": "+0800",
    "AEST": "+1000",
    "AEDT": "+1100",
    "NZST": "+1200",
    "NZDT": "+1300",
    "UTC": "+0000",
    "Z": "+0000",
}
ZONE_NAME = re.compile(r"\b(" + "|".join(ZONES) + r")\s*$")
OTHER_FORMATS = (
    "%d %B %Y %H:%M:%S",
    "%d %B %Y",
    "%B %d, %Y %H:%M",
    "%B %d, %Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y%m%d",
)


def parse_feed_date(text: str | None) -> datetime | None:
    """An aware time, or None. A date without zone is taken as UTC (RSS and Atom both ask for one)."""
    text = " ".join((text or "").split())
    if not 6 <= len(text) <= 80:
        return None
    found = _parse_iso(text) or _parse_mail(text) or _parse_other(text)
    if found is None or not EARLIEST_YEAR < found.year < LATEST_YEAR:
        return None
    return found if found.tzinfo is not None and found.utcoffset() is not None else found.replace(tzinfo=UTC)


def _parse_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace(" +", "+").replace("/", "-").removesuffix(" UTC"))
    except ValueError:
        return None


def _parse_mail(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(ZONE_NAME.sub(lambda match: ZONES[match.group(1)], text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _parse_other(text: str) -> datetime | None:
    for pattern in OTHER_FORMATS:
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return None
