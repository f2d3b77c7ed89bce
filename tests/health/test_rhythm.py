"""Silence is judged by the source's own rhythm."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pipeline.health.rhythm import describe_rhythm
from pipeline.models import Health, Look
from tests.health.player import START, follow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def watch(until: timedelta, every: timedelta, publishes_every: timedelta, stops_after: timedelta) -> list[Look]:
    """A source that brings one item at its pace, until it stops; the looks go on."""
    looks, published = [], 0
    for number in range(int(until / every) + 1):
        at = number * every
        due = int(min(at, stops_after) / publishes_every)
        looks.append(Look(START + at, "ok" if due > published else "unchanged", "", max(0, due - published)))
        published = max(published, due)
    return looks


@pytest.mark.parametrize(
    ("publishes_every", "weeks", "quiet", "state"),
    [
        (HOUR, 3, 2 * DAY, "silent"),
        (HOUR, 3, 20 * HOUR, "unchanged"),
        (DAY, 3, 2 * DAY, "unchanged"),
        (DAY, 3, 5 * DAY, "silent"),
        (7 * DAY, 10, 9 * DAY, "unchanged"),
        (7 * DAY, 10, 20 * DAY, "unchanged"),
        (7 * DAY, 10, 23 * DAY, "silent"),
        (DAY, 1, 30 * DAY, "unchanged"),  # too young to judge
        (30 * DAY, 12, 90 * DAY, "unchanged"),  # too rare to judge yet
    ],
)
def test_each_source_has_its_own_silence(publishes_every: timedelta, weeks: int, quiet: timedelta, state: str) -> None:
    stops_after = timedelta(weeks=weeks)
    health, _ = follow(watch(stops_after + quiet, 2 * HOUR, publishes_every, stops_after))
    assert health.state == state


def test_silence_is_dated_by_the_last_item_and_ends_with_the_next() -> None:
    looks = watch(30 * DAY, DAY, DAY, 21 * DAY)
    health, (change,) = follow(looks)
    assert (change.became, change.since) == ("silent", START + 21 * DAY)
    assert change.reason == "nothing new for 4 days, its long waits are 24 hours"
    health, changes = follow(
        [Look(START + 31 * DAY, "unchanged", has_content=False), Look(START + 32 * DAY, "ok", "", 2)], health
    )
    assert [(one.was, one.became) for one in changes] == [("silent", "healthy")]


def is_working_hour(at: datetime) -> bool:
    return at.weekday() < 5 and 8 <= at.hour < 18


def test_nights_and_weekends_belong_to_the_rhythm() -> None:
    instants = [START + n * HOUR for n in range(24 * 7 * 8)]
    looks = [Look(at, "ok", "", 1 if is_working_hour(at) else 0) for at in instants]
    health, changes = follow(looks)
    assert (health.state, changes) == ("healthy", [])


def test_an_outage_is_no_silence_and_leaves_the_rhythm_alone() -> None:
    daily = watch(21 * DAY, DAY, DAY, 21 * DAY)
    down = [Look(START + (22 + n) * DAY, "http_503") for n in range(20)]
    back = [Look(START + (42 + n) * DAY, "ok", "", 1) for n in range(3)]
    health, changes = follow([*daily, *down, *back])
    assert [change.became for change in changes] == ["failing", "healthy"]
    assert max(wait.seconds for wait in health.rhythm.waits) == DAY.total_seconds()


def test_the_rhythm_in_words() -> None:
    assert describe_rhythm(follow(watch(70 * DAY, DAY, 7 * DAY, 70 * DAY))[0].rhythm) == "every 7 days"
    assert describe_rhythm(Health().rhythm) == ""
