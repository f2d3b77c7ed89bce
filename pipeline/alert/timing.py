"""When a route tells: at once, after its quiet hours, or with the next digest. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipeline.alert.routes import QuietHours, Rhythm, Route


@dataclass(frozen=True, slots=True)
class Hold:
    """A message that is held back until a time; `is_digest`: it then comes together with others."""

    until: datetime  # UTC
    reason: str  # for a person
    is_digest: bool = False


def time_message(route: Route, now: datetime) -> Hold | None:
    """When a development that is decided on at `now` is told on this route; None: at once."""
    if route.rhythm is not Rhythm.IMMEDIATE:
        due_at = _end_quiet(route, _next_digest(route, now)) or _next_digest(route, now)
        return Hold(due_at, f"{route.rhythm.value} digest of {_say(route, due_at)}", is_digest=True)
    end = _end_quiet(route, now)
    return Hold(end, f"quiet hours until {_say(route, end)}") if end else None


def find_last_due(at: time, time_zone: str, now: datetime, weekday: int | None = None) -> datetime:
    """The last time, up to `now`, that it was `at` o'clock there (on that weekday, Monday is 0), in UTC."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    days = (today - timedelta(days=n) for n in range(9))
    moments = (datetime.combine(day, at, zone) for day in days if weekday is None or day.weekday() == weekday)
    return next(moment for moment in (each.astimezone(UTC) for each in moments) if moment <= now)


def _next_digest(route: Route, now: datetime) -> datetime:
    """The first digest after `now`: the next full hour, or the next `digest_at` of the route's time zone."""
    if route.rhythm is Rhythm.HOURLY:
        # Counted in UTC: an hour has sixty minutes on the days when clocks change, too.
        minute = now.astimezone(ZoneInfo(route.time_zone)).minute
        full = now.astimezone(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minute)
        return full + timedelta(hours=1)
    return _next_local(route, route.digest_at, now)


def _end_quiet(route: Route, moment: datetime) -> datetime | None:
    """The end of the quiet hours that `moment` falls into; None when it falls into none."""
    quiet, zone = route.quiet_hours, ZoneInfo(route.time_zone)
    if quiet is None or not _is_within(quiet, moment.astimezone(zone).time()):
        return None
    today = moment.astimezone(zone).date()
    # In the night when an hour comes twice, its end does, too.
    ends = (quiet.end.replace(fold=fold) for fold in (0, 1))
    found = [datetime.combine(today + timedelta(days=n), end, zone).astimezone(UTC) for end in ends for n in (0, 1, 2)]
    return min(each for each in found if each > moment and not _is_within(quiet, each.astimezone(zone).time()))


def _is_within(quiet: QuietHours, local: time) -> bool:
    if quiet.start < quiet.end:
        return quiet.start <= local < quiet.end
    return local >= quiet.start or local < quiet.end


def _next_local(route: Route, at: time, after: datetime) -> datetime:
    zone = ZoneInfo(route.time_zone)
    today = after.astimezone(zone).date()
    candidates = (datetime.combine(today + timedelta(days=n), at, zone).astimezone(UTC) for n in (0, 1, 2))
    return next(moment for moment in candidates if moment > after)


def _say(route: Route, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(route.time_zone)):%d %b %H:%M} {route.time_zone}"
