"""Plays a source over many days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from pipeline.health import judge_looks
from pipeline.models import Health, Look, SourceChange, SourceId

START = datetime(2026, 3, 2, 6, tzinfo=UTC)  # a Monday
SOURCE = SourceId("harbour")
WORDS = {
    "ok": "ok",
    "304": "unchanged",
    "404": "http_404",
    "403": "http_403",
    "503": "http_503",
    "slow": "timeout",
    "same": "unchanged",
}


def play(script: str, every: timedelta = timedelta(days=1), new: int = 1, start: datetime = START) -> list[Look]:
    """One look for each word of the script: an outcome, or one of WORDS; an `ok` brings `new` items, `ok:3` three."""
    looks = []
    for number, word in enumerate(script.split()):
        name, _, items = word.partition(":")
        outcome = WORDS.get(name, name)
        brought = int(items) if items else new if outcome == "ok" else 0
        has_content = name != "304"
        looks.append(Look(start + number * every, outcome, f"it said {name}", brought, has_content=has_content))
    return looks


def follow(looks: Iterable[Look], health: Health | None = None) -> tuple[Health, list[SourceChange]]:
    return judge_looks(SOURCE, health or Health(), looks)


def tick(every: timedelta, start: datetime = START) -> Iterator[datetime]:
    """The instants of a schedule."""
    return (start + number * every for number in count())
