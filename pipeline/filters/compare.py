"""Replayed answers beside those that were given at the time: what other settings would have changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pipeline.filters.replay import Replay, read_time
from pipeline.models import Label

MOST_NAMED = 40  # articles that are named one by one


class Comparison:
    """Collects the lines of `wirewatch export` and the new answers to them.

    Articles published before `since` only teach the rooms what was known by then.
    """

    def __init__(self, replay: Replay, since: datetime | None = None) -> None:
        self._replay = replay
        self._since = since
        self._moves: Counter[tuple[str, str]] = Counter()
        self._changed: list[str] = []

    def answer(self, line: dict[str, Any]) -> dict[str, Any]:
        """The new answer to a line; its `label`, where it has one, is the old answer."""
        reply = self._replay.answer(line)
        if self._since is None or read_time(line["published_at"]) >= self._since:
            self._note(line, reply)
        return reply

    def _note(self, line: dict[str, Any], reply: dict[str, Any]) -> None:
        was, now = str(line.get("label")), reply["label"]
        if was not in set(Label):
            return
        self._moves[(was, now)] += 1
        if was != now:
            self._changed.append(f"{line['published_at']} {was} -> {now}: {line.get('title')} ({reply['because']})")

    def describe(self) -> Iterator[str]:
        """The differences, line by line."""
        was, now = self._count_alerts(0), self._count_alerts(1)
        yield f"{self._moves.total()} articles compared; alerts {was} -> {now}"
        for (old, new), count in sorted(self._moves.items(), key=lambda move: (-move[1], move[0])):
            if old != new:
                yield f"{count:6d}  {old} -> {new}"
        yield from self._changed[:MOST_NAMED]
        if len(self._changed) > MOST_NAMED:
            yield f"... and {len(self._changed) - MOST_NAMED} more"

    def _count_alerts(self, side: int) -> int:
        return sum(count for move, count in self._moves.items() if Label(move[side]).deserves_alert)
