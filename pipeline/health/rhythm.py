"""When does a source bring something new, and has it been quiet for far longer than that?

Of each day on which something came, the longest wait that ended then is kept: a wire that is quiet every
night and every weekend has those waits in its rhythm however often it is looked at, and a weekly paper has its weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from pipeline.health.evidence import ANSWERS
from pipeline.models import Look, Rhythm, Wait

WAITS_KEPT = 56  # days on which something came: eight weeks of a daily source, a year of a weekly one
WAITS_NEEDED = 5
DAYS_NEEDED = 14  # two weekends
LONG_WAIT_QUANTILE = 0.9
TIMES_LONG_WAIT = 3.0  # a long weekend is twice a weekend, a holiday week three times
TIMES_LONGEST_WAIT = 1.5  # of the longest but one, as the longest may have been an outage of ours
SHORTEST_SILENCE = timedelta(days=1)


def note_look(rhythm: Rhythm, look: Look) -> Rhythm:
    """The rhythm with one more look."""
    if look.outcome not in ANSWERS:
        return replace(rhythm, has_hole=True)
    if rhythm.last_new_at is None:  # what the first answer holds is of any age
        return Rhythm(last_new_at=look.looked_at)
    if not look.entries_new:
        return rhythm
    waits = rhythm.waits if rhythm.has_hole else _add_wait(rhythm.waits, rhythm.last_new_at, look.looked_at)
    return Rhythm(last_new_at=look.looked_at, waits=waits)


def find_silence(rhythm: Rhythm, now: datetime) -> str:
    """Why the source counts as silent, for a person; empty while it does not, or cannot be judged yet."""
    limit = limit_silence(rhythm)
    if limit is None or rhythm.last_new_at is None or now - rhythm.last_new_at <= limit:
        return ""
    usual = timedelta(seconds=_find_quantile([wait.seconds for wait in rhythm.waits], LONG_WAIT_QUANTILE))
    return f"nothing new for {say_span(now - rhythm.last_new_at)}, its long waits are {say_span(usual)}"


def limit_silence(rhythm: Rhythm) -> timedelta | None:
    """How long the source may be quiet; None for one that is too young or too rare to judge."""
    waits = rhythm.waits
    if len(waits) < WAITS_NEEDED or (waits[-1].ended_on - waits[0].ended_on).days < DAYS_NEEDED:
        return None
    seconds = sorted(wait.seconds for wait in waits)
    long_wait = TIMES_LONG_WAIT * _find_quantile(seconds, LONG_WAIT_QUANTILE)
    return max(SHORTEST_SILENCE, timedelta(seconds=max(long_wait, TIMES_LONGEST_WAIT * seconds[-2])))


def describe_rhythm(rhythm: Rhythm) -> str:
    """How often something new comes, for a person: "every 7 days"; empty while it is not known."""
    if len(rhythm.waits) < WAITS_NEEDED:
        return ""
    return f"every {say_span(timedelta(seconds=median(wait.seconds for wait in rhythm.waits)))}"


def say_span(span: timedelta) -> str:
    """A span in the unit that a person would choose."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 90:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"


def _add_wait(waits: tuple[Wait, ...], begun_at: datetime, ended_at: datetime) -> tuple[Wait, ...]:
    wait = Wait(ended_at.date(), (ended_at - begun_at).total_seconds())
    if waits and waits[-1].ended_on == wait.ended_on:
        return (*waits[:-1], max(waits[-1], wait, key=lambda one: one.seconds))
    return (*waits, wait)[-WAITS_KEPT:]


def _find_quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values do not pass."""
    in_order = sorted(values)
    return in_order[min(len(in_order) - 1, int(share * len(in_order)))]
