"""Floods and droughts, against what the source usually brings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.health.volume import describe_output
from pipeline.models import Look, SourceChange
from tests.health.player import START, follow

DAY = timedelta(days=1)


def bring(*counts: int, looks_a_day: int = 1) -> list[Look]:
    """So many items on each day, spread evenly over its looks; the first look starts the clock."""
    looks = [Look(START, "ok", "", 500)]
    for day, count in enumerate(counts):
        for part in range(looks_a_day):
            share = count * (part + 1) // looks_a_day - count * part // looks_a_day
            at = START + day * DAY + (part + 1) * DAY / looks_a_day
            looks.append(Look(at, "ok" if share else "unchanged", "", share))
    return looks


def tell(*counts: int, looks_a_day: int = 1) -> list[SourceChange]:
    return follow(bring(*counts, looks_a_day=looks_a_day))[1]


MONTH = (24, 26, 23, 25, 27, 24, 22) * 4


@pytest.mark.parametrize("looks_a_day", [1, 12])
def test_a_flood_and_a_drought_are_told(looks_a_day: int) -> None:
    (flood,) = tell(*MONTH, 130, looks_a_day=looks_a_day)
    assert (flood.was, flood.became, flood.since) == ("usual", "flood", START + 28 * DAY)
    assert flood.reason == "130 new items in a day, usually about 24"
    (drought,) = tell(*MONTH, 0, looks_a_day=looks_a_day)
    assert (drought.became, drought.reason) == ("drought", "0 new items in a day, usually about 24")


@pytest.mark.parametrize("count", [10, 15, 40, 60])
def test_a_busy_or_slow_day_is_none(count: int) -> None:
    assert tell(*MONTH, count) == []


@pytest.mark.parametrize("young", [(), (24,) * 20])
def test_a_young_source_is_not_judged(young: tuple[int, ...]) -> None:
    assert tell(*young, 500) == []


def test_a_rare_source_is_not_judged() -> None:
    assert tell(*(1, 0, 0, 0, 0, 0, 0) * 6, 200) == []
    assert tell(*(6, 5, 7, 6, 5, 6, 7) * 4, 0) == []  # a quiet day of six items is no drought


def test_weekends_have_their_own_measure() -> None:
    quiet_weekend = (60, 58, 61, 60, 59, 4, 3)  # the first day is a Monday
    assert tell(*quiet_weekend * 6) == []
    (flood,) = tell(*quiet_weekend * 4, 60, 58, 61, 60, 59, 60)
    assert flood.became == "flood"


def test_a_lasting_flood_is_told_once_and_becomes_usual() -> None:
    assert [change.became for change in tell(*MONTH, *(200,) * 40)] == ["flood"]


def test_a_flood_that_comes_and_goes_is_told_once() -> None:
    assert [change.became for change in tell(*MONTH, 200, 24, 200, 25, 24, 200, 24)] == ["flood"]
    assert [change.became for change in tell(*MONTH, 200, 24, 25, 23, 200)] == ["flood", "flood"]


def test_what_an_outage_held_back_is_no_flood() -> None:
    looks = bring(*MONTH)
    late = looks[-1].looked_at + 5 * DAY
    assert follow([*looks, Look(late, "ok", "", 125)])[1] == []


def test_the_output_in_words() -> None:
    assert describe_output(follow(bring(*MONTH))[0].output) == "about 24 a day"
    assert describe_output(follow(bring(0, 1, 0, 0, 0, 0, 0))[0].output) == ""
