"""What changed at the sources since the last digest -> one notice to operations; nothing changed, no notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime

from pipeline.models import HealthState, Notice, NoticeSection, SourceChange, SourceId, Volume

LINES_SHOWN = 4  # of one section; the others are counted
NAME_CHARACTERS = 60

# What to do, in the order in which it is needed.
TROUBLES = {
    HealthState.FAILING: "look again in a day or two; when it stays, mend the address",
    HealthState.BLOCKED: "it does not want to be read: ask its publisher, or remove it",
    HealthState.GONE: "find its new address and add that, or remove it",
    HealthState.MALFORMED: "see what it sends now: wirewatch sources check; its address may have a new kind",
    HealthState.SLOW: "its server is tired: nothing to do, unless it lasts",
    HealthState.SILENT: "see whether it has moved or stopped",
}
VOLUMES = {
    Volume.FLOOD: "see whether it repeats old articles or has widened",
    Volume.DROUGHT: "see whether something of it is missing: a section, a holiday",
}


def make_digest_key(day: date) -> str:
    """One digest a day (UTC)."""
    return f"sources-digest/{day.isoformat()}"


def write_digest(
    changes: Sequence[SourceChange], names: Mapping[SourceId, str], channel: str, now: datetime
) -> Notice | None:
    """The digest of the changes that nobody was told of; None when nothing is different after all of them."""
    states = _collapse([change for change in changes if isinstance(change.became, HealthState)])
    volumes = _collapse([change for change in changes if isinstance(change.became, Volume)])
    recovered = [change for change in states if isinstance(change.became, HealthState) and not change.became.is_trouble]
    groups = [(state.value, [one for one in states if one.became is state], do) for state, do in TROUBLES.items()]
    groups.append(("recovered", recovered, ""))
    groups += [(kind.value, [one for one in volumes if one.became is kind], do) for kind, do in VOLUMES.items()]
    filled = [(name, group, do) for name, group, do in groups if group]
    if not filled:
        return None
    counts = ", ".join(f"{len(group)} {name}" for name, group, _ in filled)
    return Notice(
        key=make_digest_key(now.astimezone(UTC).date()),
        channel=channel,
        title=f"Sources, what changed: {counts}",
        sections=tuple(_write_section(name, group, do, names) for name, group, do in filled),
        published_at=now,
    )


def _collapse(changes: Sequence[SourceChange]) -> list[SourceChange]:
    """The last change of each source, longest trouble first; none of one that ended where it began."""
    first: dict[SourceId, SourceChange] = {}
    last: dict[SourceId, SourceChange] = {}
    for change in sorted(changes, key=lambda one: one.changed_at):
        first.setdefault(change.source_id, change)
        last[change.source_id] = change
    kept = [change for source_id, change in last.items() if _differs(first[source_id], change)]
    return sorted(kept, key=lambda change: (change.since, change.source_id))


def _differs(first: SourceChange, last: SourceChange) -> bool:
    return _name(first.was) != _name(last.became)


def _name(state: HealthState | Volume) -> str:
    """All states that need nobody are one."""
    return "good" if isinstance(state, HealthState) and not state.is_trouble else state.value


def _write_section(name: str, group: Sequence[SourceChange], do: str, names: Mapping[SourceId, str]) -> NoticeSection:
    heading = f"{name.capitalize()} ({len(group)})" + (f": {do}" if do else "")
    write = _write_recovery if name == "recovered" else _write_trouble
    lines = [_write_line(change, names, write) for change in group[:LINES_SHOWN]]
    left = len(group) - LINES_SHOWN
    if left > 0:
        lines.append(f"and {left} more" + (f": wirewatch sources list --state {name}" if do else ""))
    return NoticeSection(heading, tuple(lines))


def _write_line(change: SourceChange, names: Mapping[SourceId, str], write: Callable[[SourceChange], str]) -> str:
    name = names.get(change.source_id, change.source_id)
    return f"{name[:NAME_CHARACTERS]}, {write(change)}"


def _write_trouble(change: SourceChange) -> str:
    return f"since {_say_time(change.since)}: {change.reason}"


def _write_recovery(change: SourceChange) -> str:
    return f"since {_say_time(change.since)}, was {change.was.value}"


def _say_time(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %H:%M} UTC"
