"""Reading points in time as publishers write them. Everything here is a function of its text: no clock, no locale."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # there was hardly a news page before
FUTURE_SLACK = timedelta(hours=14)  # a date without a zone may be up to this far ahead of UTC (Kiribati, UTC+14)

_MONTH_NAMES = (
    "jan january januar janvier enero janeiro gennaio января januari ene janv gen stycznia ocak jän jänner",
    "feb february februar février fevrier febrero fevereiro febbraio февраля februari févr fev lutego şubat",
    "mar march märz mars marzo março марта maart mär marca mart maret",
    "apr april avril abril aprile апреля abr avr kwietnia nisan",
    "may mai mayo maio maggio мая mei mag maja mayıs maj",
    "jun june juni juin junio junho giugno июня giu czerwca haziran",
    "jul july juli juillet julio julho luglio июля juil lug lipca temmuz",
    "aug august août aout agosto августа augustus ago sierpnia ağustos agustus augusti",
    "sep sept september septembre septiembre setembro settembre сентября set września eylül",
    "oct october oktober octobre octubre outubro ottobre октября okt out ott października ekim",
    "nov november novembre noviembre novembro ноября listopada kasım",
    "dec december dezember décembre decembre diciembre dezembro dicembre декабря dez déc dic grudnia aralık desember",
)
"""Names and short forms in the languages of the default sources, January first."""
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "et": -5, "cst": -6, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "pt": -8, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "ist": 5.5, "jst": 9,
    "kst": 9, "aest": 10, "aedt": 11, "sgt": 8, "hkt": 8, "wib": 7,
}  # fmt: skip
_MONTH = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>[0-3]?\d)"
_ISO = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<month>[01]?\d)[-/.](?P<day>[0-3]?\d)(?!\d)"
    r"(?:[T\s]+(?P<rest>\d{1,2}:\d\d.*))?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"^(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?:T?(?P<clock>\d{6}|\d{4})Z?)?$")
_MONTH_FIRST = re.compile(rf"\b(?P<name>{_MONTH})\.?\s+{_DAY}(?:st|nd|rd|th)?\s*,?\s+{_YEAR}\b", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"(?<!\d){_DAY}(?:st|nd|rd|th|er|\.|º)?[\s\-/]+(?:de\s+|of\s+)?(?P<name>{_MONTH})\b\.?,?[\s\-/]+(?:de\s+)?{_YEAR}\b",
    re.IGNORECASE,
)
_CJK = re.compile(r"(?P<year>(?:19|20)\d\d)\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]")
_NUMERIC = re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<year>(?:19|20)\d\d)(?!\d)")
_MAIL_DAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)\w*, +\d", re.IGNORECASE)
_CLOCK = re.compile(
    r"\b(?P<hour>[0-2]?\d)[:.h](?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d))?(?:\.\d+)?\s*(?P<half>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?P<sign>[+\-−])(?P<hours>[01]?\d):?(?P<minutes>[0-5]\d)?\s*\)?$")
_ZONE_NAME = re.compile(rf"\b({'|'.join(_ZONES)})\b\.?", re.IGNORECASE)
_HALF_CLOCK = re.compile(r"\b(?P<hour>1?\d)\s*(?P<half>[ap]\.?m\b)", re.IGNORECASE)


def parse_when(text: str) -> datetime | None:
    """The point in time that a piece of metadata names; UTC where it names no zone. None if it names no day."""
    text = text.strip()[:80]
    if not text:
        return None
    if text.isdigit() and len(text) in (10, 13):
        return _from_epoch(int(text))
    for read in (_read_iso, _read_compact, _read_mail, find_written_date):
        found = read(text)
        if found is not None:
            return found
    return None


def find_written_date(text: str) -> datetime | None:
    """The first full date (day, month, year) written in a line, with its clock time and zone if they follow."""
    for pattern in (_ISO, _MONTH_FIRST, _DAY_FIRST, _CJK, _NUMERIC):
        found = pattern.search(text)
        if found is not None:
            date = _from_match(found)
            if date is not None:
                return _with_clock(
                    date, text[: found.start()], text[found.end() :] if pattern is not _ISO else (found["rest"] or "")
                )
    return None


def is_plausible(when: datetime, now: datetime) -> bool:
    """False for the future and for years before there were news pages."""
    return EARLIEST <= when <= now + (FUTURE_SLACK if is_bare_day(when) else timedelta(minutes=10))


def is_bare_day(when: datetime) -> bool:
    """True for a day without a time of day (and for midnight, which nobody publishes at)."""
    return when.hour == when.minute == when.second == 0


def _from_epoch(number: int) -> datetime | None:
    seconds = number / 1000 if number > 10**11 else number
    return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None


def _read_iso(text: str) -> datetime | None:
    if not text[:4].isdigit():
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _read_compact(text: str) -> datetime | None:
    found = _COMPACT.match(text)
    if found is None:
        return None
    return _make(int(found["year"]), int(found["month"]), int(found["day"]))


def _read_mail(text: str) -> datetime | None:
    if not _MAIL_DAY.match(text):
        return None
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _from_match(found: re.Match[str]) -> datetime | None:
    parts = found.groupdict()
    year = int(parts["year"])
    if parts.get("a"):
        first, second = int(parts["a"]), int(parts["b"])
        # 03/04/2024 means two things; a dot or a number over 12 in front says day first, else American order.
        day_first = first > 12 or (parts["sep"] == "." and second <= 12)
        return _make(year, second, first) if day_first else _make(year, first, second)
    month = _MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["month"])
    return _make(year, month, int(parts["day"]))


def _make(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def _with_clock(date: datetime, before: str, after: str) -> datetime:
    clock = _CLOCK.search(after[:30]) or _CLOCK.search(before[-30:])
    half_only = None if clock else _HALF_CLOCK.search(after[:20])
    found = clock or half_only
    if found is None:
        return date
    parts = found.groupdict()
    hour = int(parts["hour"])
    half = (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23:
        return date
    rest = found.string[found.end() : found.end() + 14]
    return date.replace(
        hour=hour, minute=int(parts.get("minute") or 0), second=int(parts.get("second") or 0), tzinfo=_read_zone(rest)
    )


def _read_zone(text: str) -> timezone:
    offset = _OFFSET.search(text.strip())
    if offset is not None:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        return timezone(timedelta(minutes=minutes if offset["sign"] == "+" else -minutes))
    name = _ZONE_NAME.search(text)
    return timezone(timedelta(hours=_ZONES[name[1].lower()])) if name else UTC
