"""How much does a source bring in a day, and is that far outside of what it usually brings?

A day is counted from look to look, whenever 23 hours have passed, so that a verdict is there with the look
that completes it. Its baseline is the median of the same weekday in the last four weeks; the spread is the
median absolute deviation (times 1.4826, which makes it a standard deviation for a normal distribution: Rousseeuw
and Croux, "Alternatives to the Median Absolute Deviation", 1993), never below that of a Poisson process.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import sqrt
from statistics import median

from pipeline.health.evidence import ANSWERS
from pipeline.models import DayOutput, Look, Output, Volume

SHORTEST_DAY, LONGEST_DAY = timedelta(hours=23), timedelta(hours=30)  # a longer one had an outage in it
DAYS_KEPT = 28
DAYS_NEEDED = 21  # younger sources are not judged
WEEKDAYS_NEEDED = 3  # of the same weekday: many outlets halve at weekends, and not all weekends are alike
LEAST_USUAL = 1.0  # items a day; rarer sources are not judged, and can still fall silent
MAD_TO_DEVIATION = 1.4826
# Far outside on purpose: with 10,000 sources a watch at three deviations would report 27 of them every day.
FLOOD_DEVIATIONS, FLOOD_TIMES, FLOOD_MORE = 6.0, 3.0, 10
# A source of fewer than 16 items a day cannot fall four Poisson deviations: it is left to its rhythm.
DROUGHT_DEVIATIONS, DROUGHT_SHARE = 4.0, 0.25
USUAL_DAYS_TO_END = 3


def note_look(output: Output, look: Look) -> Output:
    """The output with one more look; its volume is judged when that look completes a day."""
    if look.outcome not in ANSWERS:
        return output
    if output.started_at is None:  # what the first answer holds is of any age
        return replace(output, started_at=look.looked_at)
    items, span = output.items + look.entries_new, look.looked_at - output.started_at
    if span < SHORTEST_DAY:
        return replace(output, items=items)
    closed = replace(output, started_at=look.looked_at, items=0)
    if span > LONGEST_DAY:
        return closed
    day = DayOutput((output.started_at + span / 2).date(), round(items * timedelta(days=1) / span, 1))
    return _add_day(closed, day)


def judge_day(day: DayOutput, earlier: Sequence[DayOutput]) -> Volume:
    """One complete day against those before it."""
    if len(earlier) < DAYS_NEEDED or median(other.items for other in earlier) < LEAST_USUAL:
        return Volume.USUAL
    by_weekday = find_usual(earlier)
    usual = by_weekday.get(day.day.weekday())
    if usual is None:
        return Volume.USUAL
    known = [other for other in earlier if other.day.weekday() in by_weekday]
    far = median(abs(other.items - by_weekday[other.day.weekday()]) for other in known) * MAD_TO_DEVIATION
    deviations = (day.items - usual) / max(far, sqrt(usual), 1.0)
    if deviations >= FLOOD_DEVIATIONS and day.items >= max(FLOOD_TIMES * usual, usual + FLOOD_MORE):
        return Volume.FLOOD
    if deviations <= -DROUGHT_DEVIATIONS and day.items <= DROUGHT_SHARE * usual:
        return Volume.DROUGHT
    return Volume.USUAL


def find_usual(days: Sequence[DayOutput]) -> dict[int, float]:
    """What each weekday (Monday is 0) usually brings; weekdays of which too little is known are left out."""
    by_weekday: defaultdict[int, list[float]] = defaultdict(list)
    for day in days:
        by_weekday[day.day.weekday()].append(day.items)
    return {weekday: median(items) for weekday, items in by_weekday.items() if len(items) >= WEEKDAYS_NEEDED}


def explain_volume(output: Output) -> str:
    """The last complete day against the usual one, for a person."""
    day = output.days[-1]
    usual = find_usual(output.days).get(day.day.weekday(), 0)
    return f"{day.items:.0f} new items in a day, usually about {usual:.0f}"


def describe_output(output: Output) -> str:
    """How much comes on a usual day, for a person; empty while it is not known."""
    if len(output.days) < DAYS_NEEDED:
        return ""
    usual = median(day.items for day in output.days)
    return f"about {usual:.0f} a day" if usual >= LEAST_USUAL else ""


def _add_day(output: Output, day: DayOutput) -> Output:
    found = judge_day(day, output.days)
    usual_days = output.usual_days + 1 if found is Volume.USUAL else 0
    is_over = output.volume is not Volume.USUAL and usual_days >= USUAL_DAYS_TO_END
    volume = found if found is not Volume.USUAL or is_over else output.volume
    return replace(output, days=(*output.days, day)[-DAYS_KEPT:], volume=volume, usual_days=usual_days)
