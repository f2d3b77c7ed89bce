"""Where to look for reactions, and how often: everything young each time, what is older in turns. Pure.

A reading costs a request, and Slack allows about fifty a minute of each kind
(https://docs.slack.dev/apis/web-api/rate-limits, tier 3); so a tour has a bounded number of them. Ninety days are
also what Slack's free plan still shows.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.models import Posted

YOUNG = timedelta(days=1)  # looked at in every tour
OLDEST = timedelta(days=90)
YOUNG_READS, OLD_READS = 40, 20  # requests of one tour
_SLOT_SECONDS = 900  # of a tour
# Up to which age in every how many-th quarter of an hour; no two have a factor in common, and none of them one with
# the steps of a slower clock (half an hour, an hour, four hours), so that its tours reach everything in the end, too.
_TURNS = ((timedelta(days=3), 3), (timedelta(days=10), 7), (timedelta(days=30), 29), (OLDEST, 97))


@dataclass(frozen=True, slots=True)
class Look:
    """A part of a channel that is read at once: what was posted to it in a time, or one thread."""

    channel: str
    since: datetime
    until: datetime  # what was posted last in it, or the end of the time
    thread_ts: str | None = None


def plan_looks(sent: Iterable[tuple[str, Posted]], now: datetime) -> tuple[list[Look], list[Look]]:
    """The young parts and the older ones whose turn it is, newest first; `sent`: the channels and places of alerts."""
    parts: dict[tuple[str, str], Look] = {}
    for channel, place in sent:
        posted_at = datetime.fromtimestamp(float(place.ts), UTC)
        look = _find_part(channel, posted_at, place.thread_ts, now)
        known = parts.get(key := (channel, look.thread_ts or look.since.isoformat()))
        if known is None or known.until < look.until:
            parts[key] = look
    newest_first = sorted(parts.values(), key=lambda look: (look.until, look.channel), reverse=True)
    young = [look for look in newest_first if now - look.until < YOUNG]
    old = [look for look in newest_first if now - look.until >= YOUNG and _is_its_turn(look, now)]
    return young, old


def _find_part(channel: str, posted_at: datetime, thread_ts: str | None, now: datetime) -> Look:
    if thread_ts:
        return Look(channel, datetime.fromtimestamp(float(thread_ts), UTC), posted_at, thread_ts)
    if now - posted_at < YOUNG:
        return Look(channel, now - YOUNG, now)
    day = posted_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Look(channel, day, min(day + timedelta(days=1), now - YOUNG))


def _is_its_turn(look: Look, now: datetime) -> bool:
    every = next((turn for age, turn in _TURNS if now - look.until <= age), 0)
    name = f"{look.channel} {look.thread_ts or look.since.isoformat()}"
    return bool(every) and (int(now.timestamp()) // _SLOT_SECONDS + zlib.crc32(name.encode())) % every == 0
