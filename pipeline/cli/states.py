"""The health of sources as lines of a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.cli.screen import printable
from pipeline.health import describe_habits
from pipeline.models import Health

if TYPE_CHECKING:
    from pipeline.store.sources import SourceState


def matches(health: Health, wanted: Collection[str]) -> bool:
    """Whether a source is in one of these states; `trouble` is every one that somebody should look at."""
    names = {health.state.value, health.output.volume.value}
    if health.state.is_trouble:
        names.add("trouble")
    return not names.isdisjoint(wanted)


def describe_source(state: SourceState, health: Health) -> str:
    """One source as a line of tab-separated columns."""
    since = f"since {_say_time(state.state_since)}" if state.state_since else ""
    columns = (
        state.source.id,
        state.source.name,
        state.source.kind,
        state.source.address,
        state.state.value,
        ": ".join(filter(None, (since, state.state_reason))) or "-",
        describe_habits(health),
        f"last success {_say_time(state.last_success_at)}",
        f"last look {_say_time(state.last_checked_at)}",
        f"{state.last_outcome or '-'} {state.last_reason or ''}".strip(),
    )
    return "\t".join(printable(column) for column in columns)


def count_states(states: Sequence[SourceState]) -> str:
    """How many sources are in each state, most first; empty without sources."""
    counts = Counter(state.state.value for state in states)
    return ", ".join(f"{number} {name}" for name, number in counts.most_common())


def _say_time(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else "never"
