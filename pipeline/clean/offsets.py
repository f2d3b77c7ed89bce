"""The publisher's own offset for a time that its metadata gives in UTC, told by what the page shows beside it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from pipeline.clean.dates import is_bare_day

MAX_OFFSET = timedelta(hours=14)
MAX_DAY_SHIFT_HOURS = 12


def give_offset(when: datetime, shown: list[datetime]) -> datetime:
    """The same instant with the publisher's own offset, where the page shows its local time as well.

    Metadata in UTC dates an evening in New York on the next day. A second time on the
    page that differs by whole half hours is the same moment in local time.
    """
    if when.utcoffset() != timedelta(0):
        return when
    for infer in (_infer_offset, _infer_from_day):
        zones = (infer(when, other) for other in shown)
        found = next((zone for zone in zones if zone is not None), None)
        if found is not None:
            return when.astimezone(found)
    return when


def _infer_offset(when: datetime, other: datetime) -> timezone | None:
    """The offset under which a second time on the page is the same moment, None where it cannot be."""
    if is_bare_day(other):
        return None
    if other.utcoffset() != timedelta(0):
        return timezone(other.utcoffset() or timedelta(0)) if abs(other - when) < timedelta(minutes=1) else None
    gap = other - when
    step = _round_offset(gap)
    is_same_moment = abs(gap - step) < timedelta(minutes=1) and timedelta(0) < abs(step) <= MAX_OFFSET
    return timezone(step) if is_same_moment else None


def _infer_from_day(when: datetime, other: datetime) -> timezone | None:
    """The least offset in whole hours under which the moment lies on the day before or after that the page shows."""
    if not is_bare_day(other) or other.utcoffset() != timedelta(0):
        return None
    since_midnight = when - when.replace(hour=0, minute=0, second=0, microsecond=0)
    if other.date() == when.date() - timedelta(days=1):
        hours = -(since_midnight // timedelta(hours=1) + 1)
    elif other.date() == when.date() + timedelta(days=1):
        hours = -((since_midnight - timedelta(days=1)) // timedelta(hours=1))
    else:
        return None
    return timezone(timedelta(hours=hours)) if abs(hours) <= MAX_DAY_SHIFT_HOURS else None


def _round_offset(gap: timedelta) -> timedelta:
    half_hour = timedelta(minutes=30)
    return round(gap / half_hour) * half_hour
