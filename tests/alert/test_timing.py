"""Quiet hours, digests and wishes on every clock of the world, on the nights when clocks change, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.alert.matching import Candidate, ask_route
from pipeline.alert.routes import QuietHours, Rhythm, Route
from pipeline.alert.timing import find_last_due, time_message
from pipeline.models import DeskWishes, StoryId, TopicMatch
from tests.alert.builders import make_article, make_development

# Half hours, clocks that go back by half an hour, no change at all, the ends of the world, change at midnight.
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Santiago", "Asia/Beirut",
    "Africa/Casablanca",
]  # fmt: skip
ROUTE = Route("desk", ("C0NEWSDESK",))
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
near_changes = st.sampled_from(
    [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]
)
moments = st.one_of(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.builds(lambda day, minutes: day + timedelta(minutes=minutes), near_changes, st.integers(-1440, 2880)),
)


@st.composite
def quiet_routes(draw: st.DrawFn) -> Route:
    """A route with quiet hours somewhere in the world."""
    start, end = draw(st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]))
    return replace(ROUTE, time_zone=draw(st.sampled_from(ZONES)), quiet_hours=QuietHours(start, end))


def is_quiet(route: Route, moment: datetime) -> bool:
    assert route.quiet_hours is not None
    start, end = route.quiet_hours.start, route.quiet_hours.end
    local = moment.astimezone(ZoneInfo(route.time_zone)).time()
    return start <= local < end if start < end else local >= start or local < end


def find_longest_hold(quiet: QuietHours) -> timedelta:
    """A day of 25 hours, and one more where the hour left out in spring may hold all the time that is not quiet."""
    loud = (quiet.start.hour - quiet.end.hour) * 60 + quiet.start.minute - quiet.end.minute
    return timedelta(hours=25 if loud % (24 * 60) >= 60 else 49)


MINUTE_LEFT_OUT = replace(ROUTE, time_zone="Asia/Beirut", quiet_hours=QuietHours(time(0, 1), time(0, 0)))


@example(MINUTE_LEFT_OUT, datetime(2026, 3, 28, 19, 59, tzinfo=UTC))
@settings(deadline=None, max_examples=300)
@given(quiet_routes(), moments)
def test_quiet_hours_hold_exactly_what_falls_into_them_and_let_it_out_at_their_first_end(
    route: Route, now: datetime
) -> None:
    assert route.quiet_hours is not None
    hold = time_message(route, now)
    assert (hold is not None) == is_quiet(route, now)
    if hold is None:
        return
    assert now < hold.until <= now + find_longest_hold(route.quiet_hours)
    assert not is_quiet(route, hold.until)
    assert time_message(route, hold.until) is None
    if hold.until.astimezone(ZoneInfo(route.time_zone)).time() != route.quiet_hours.end:
        return  # an hour that is left out in spring
    waits = range(0, int((hold.until - now).total_seconds()), 15 * 60)
    assert all(is_quiet(route, now + timedelta(seconds=seconds)) for seconds in waits)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(ZONES), times, moments)
def test_a_daily_digest_comes_within_the_day_at_its_hour(zone: str, at: time, now: datetime) -> None:
    hold = time_message(replace(ROUTE, rhythm=Rhythm.DAILY, digest_at=at, time_zone=zone), now)
    assert hold is not None
    assert hold.is_digest
    assert now < hold.until <= now + timedelta(hours=25)
    local = hold.until.astimezone(ZoneInfo(zone))
    skipped = local.replace(tzinfo=None, hour=at.hour, minute=at.minute, second=0)
    exists = skipped.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).time() == at
    assert local.time() == at or not exists


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(ZONES), moments)
def test_an_hourly_digest_comes_within_the_hour(zone: str, now: datetime) -> None:
    hold = time_message(replace(ROUTE, rhythm=Rhythm.HOURLY, time_zone=zone), now)
    assert hold is not None
    assert now < hold.until <= now + timedelta(hours=1)


@settings(deadline=None, max_examples=200)
@given(quiet_routes(), moments, st.sampled_from([Rhythm.DAILY, Rhythm.HOURLY]), times)
def test_no_digest_disturbs_quiet_hours(route: Route, now: datetime, rhythm: Rhythm, at: time) -> None:
    hold = time_message(replace(route, rhythm=rhythm, digest_at=at), now)
    assert hold is not None
    assert hold.until > now
    assert not is_quiet(route, hold.until)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(ZONES), times, moments, st.one_of(st.none(), st.integers(0, 6)))
def test_a_summary_is_due_once_a_day_or_week(zone: str, at: time, now: datetime, weekday: int | None) -> None:
    due = find_last_due(at, zone, now, weekday)
    span = timedelta(days=1 if weekday is None else 7)
    assert now - span - timedelta(hours=1) <= due <= now
    assert find_last_due(at, zone, due, weekday) == due
    assert find_last_due(at, zone, due - timedelta(seconds=1), weekday) < due


def test_the_second_half_of_a_doubled_hour_is_let_out_the_same_night() -> None:
    route = replace(ROUTE, time_zone="Europe/Berlin", quiet_hours=QuietHours(time(22), time(2, 30)))
    again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    hold = time_message(route, again)
    assert hold is not None
    assert hold.until == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("importance", [0.0, 0.3, 0.99])
def test_a_followed_story_is_told_at_any_importance_where_its_route_is_met(importance: float) -> None:
    candidate = Candidate(
        development=make_development(importance=importance),
        article=make_article(),
        source="Harbour Times",
        publisher="Harbour Times",
        story_title="Ferry",
        topics=(TopicMatch("transport", 0.9),),
        wishes=DeskWishes(follows=frozenset({StoryId("s-1")})),
    )
    assert ask_route(replace(ROUTE, minimum_importance=1.0), candidate).is_match
