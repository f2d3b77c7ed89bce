"""Looks -> the state of a source, since when, and why.

Turning bad takes three bad looks of the last five, so that neither one bad look makes a source bad nor one good
look hides a flapping one; leaving trouble, or passing from one trouble to another, takes three looks in a row.
A mere "nothing has changed" ends no trouble: a server that says it may still be unable to send its feed.
Trouble that comes back within a week has to stay away for a day, so that a flapping source is told once.
Nor is a look that had to wait for its host; but a source that nobody could read for two days is failing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.health import rhythm, volume
from pipeline.health.evidence import ANSWERS, NOT_ASKED, UNCHANGED, explain_look, read_look
from pipeline.models import CountedLook, Health, HealthState, Look, SourceChange, SourceId, Volume

LOOKS_KEPT = 5
LOOKS_TO_DECIDE = 3
# Looks closer together count as one: a server that restarts for half an hour is no news to anybody. With a
# look every two hours a verdict takes four hours, with one a day two days.
LOOKS_APART = timedelta(minutes=90)
# What was taken down by mistake is mostly back after a weekend: three days, less the jitter of a daily run.
GONE_AFTER = timedelta(hours=71)
UNCHANGED_LOOKS = 3
RELAPSE_WITHIN = timedelta(days=7)
CALM_AFTER_RELAPSE = timedelta(hours=23)
UNREAD_TOO_LONG = timedelta(hours=47)  # two days, less the jitter of a daily run


def judge_looks(source_id: SourceId, health: Health, looks: Iterable[Look]) -> tuple[Health, list[SourceChange]]:
    """Count looks in, whatever their order; returns what became of the source and what somebody should hear of.

    Looks that are not newer than the last one counted are passed over: a repeated call changes nothing.
    """
    changes: list[SourceChange] = []
    for look in sorted(looks, key=_order):
        before, health = health, judge_look(health, look)
        changes += _list_changes(source_id, before, health, look)
    return health, changes


def judge_look(health: Health, look: Look) -> Health:
    """The health of a source after one more look."""
    if health.looked_at is not None and look.looked_at <= health.looked_at:
        return health
    seen = _note_unread(replace(health, looked_at=look.looked_at), look)
    if look.outcome == NOT_ASKED:
        return _judge_wait(seen, look)
    noted = replace(
        _note_evidence(_note_unchanged(seen, look), look),
        rhythm=rhythm.note_look(health.rhythm, look),
        output=volume.note_look(health.output, look),
    )
    judged = _judge_evidence(noted)
    return judged if _has_evident_trouble(judged) else _judge_quiet(judged, look)


def _order(look: Look) -> tuple[datetime, str, str, int, float, bool]:
    return look.looked_at, look.outcome, look.reason, look.entries_new, look.took_seconds, look.has_content


def _note_unread(health: Health, look: Look) -> Health:
    return replace(health, unread_since=None if look.outcome in ANSWERS else health.unread_since or look.looked_at)


def _judge_wait(health: Health, look: Look) -> Health:
    """A source that was not asked: its host rests, or there was no time. For two days, that is trouble by itself."""
    since = health.unread_since
    is_long = since is not None and look.looked_at - since >= UNREAD_TOO_LONG
    if not is_long or _has_evident_trouble(health):
        return health
    # What was seen before says nothing now: it is well again after as many good looks as any other.
    waited = CountedLook(look.looked_at, HealthState.FAILING, look.reason or "it was not asked")
    reason = f"not read for two days: {waited.reason}"
    return replace(health, state=HealthState.FAILING, since=since, reason=reason, counted=(waited,), same_from=waited)


def _note_unchanged(health: Health, look: Look) -> Health:
    if look.outcome != UNCHANGED:
        return replace(health, unchanged_since=None, unchanged_looks=0)
    since = health.unchanged_since or look.looked_at
    return replace(health, unchanged_since=since, unchanged_looks=health.unchanged_looks + 1)


def _note_evidence(health: Health, look: Look) -> Health:
    """Keep what the look speaks for, if anything."""
    speaks_for = read_look(look)
    if speaks_for is None:
        if _has_evident_trouble(health):
            return health
        speaks_for = HealthState.HEALTHY  # else a few failures among hundreds of answers would be all that is seen
    counted = CountedLook(look.looked_at, speaks_for, explain_look(look))
    is_same = health.same_from is not None and health.same_from.speaks_for is speaks_for
    is_close = bool(health.counted) and look.looked_at - health.counted[-1].looked_at < LOOKS_APART
    return replace(
        health,
        same_from=health.same_from if is_same else counted,
        counted=health.counted if is_close else (*health.counted, counted)[-LOOKS_KEPT:],
    )


def _has_evident_trouble(health: Health) -> bool:
    """Trouble that looks gave evidence of; silence is what the rhythm says."""
    return health.state.is_trouble and health.state is not HealthState.SILENT


def _judge_evidence(health: Health) -> Health:
    """What the looks that speak for or against the source make of it."""
    if _has_evident_trouble(health):
        return _judge_trouble(health)
    bad = _list_bad(health)
    if len(bad) < LOOKS_TO_DECIDE:
        return health
    kind, number = Counter(look.speaks_for for look in bad).most_common(1)[0]
    state = _name_trouble(health, kind) if number >= LOOKS_TO_DECIDE else HealthState.FAILING
    return replace(health, state=state, since=bad[0].looked_at, reason=_explain_trouble(health))


def _judge_trouble(health: Health) -> Health:
    """A source in trouble stays there until three looks in a row agree on something else."""
    last = health.counted[-LOOKS_TO_DECIDE:]
    kinds = {look.speaks_for for look in last}
    if kinds == {HealthState.HEALTHY}:
        if _is_relapse(health):
            return health
        begun_at, now = last[0].looked_at, health.looked_at
        return replace(health, state=HealthState.HEALTHY, since=begun_at, reason="", recovered_at=now)
    state = _name_trouble(health, last[-1].speaks_for) if len(kinds) == 1 else health.state
    since = health.since
    if state is not health.state and health.same_from is not None:
        since = health.same_from.looked_at
    return replace(health, state=state, since=since, reason=_explain_trouble(health))


def _is_relapse(health: Health) -> bool:
    """Whether the trouble came back soon after the last one, and has not stayed away for a day yet."""
    if health.recovered_at is None or health.since is None or health.since - health.recovered_at > RELAPSE_WITHIN:
        return False
    calm_from, now = health.same_from, health.looked_at
    return calm_from is not None and now is not None and now - calm_from.looked_at < CALM_AFTER_RELAPSE


def _name_trouble(health: Health, kind: HealthState) -> HealthState:
    """An address that is not there is failing, and gone once every look of three days has said so."""
    if kind is not HealthState.GONE or health.state is HealthState.GONE:
        return kind
    first, last = health.same_from, health.looked_at
    if first is None or last is None or first.speaks_for is not kind or last - first.looked_at < GONE_AFTER:
        return HealthState.FAILING
    return kind


def _judge_quiet(health: Health, look: Look) -> Health:
    """A source without evident trouble: is it silent, unchanged or healthy?"""
    silence = rhythm.find_silence(health.rhythm, look.looked_at) if look.outcome in ANSWERS else ""
    if silence:
        return replace(health, state=HealthState.SILENT, since=health.rhythm.last_new_at, reason=silence)
    if health.state is HealthState.SILENT:
        return _turn(health, HealthState.HEALTHY, look.looked_at) if look.entries_new else health
    if health.unchanged_looks >= UNCHANGED_LOOKS:
        return _turn(health, HealthState.UNCHANGED, health.unchanged_since)
    if look.outcome != UNCHANGED and read_look(look) is HealthState.HEALTHY:
        return _turn(health, HealthState.HEALTHY, look.looked_at)
    return health


def _turn(health: Health, state: HealthState, since: datetime | None) -> Health:
    return health if health.state is state else replace(health, state=state, since=since, reason="")


def _list_bad(health: Health) -> list[CountedLook]:
    return [look for look in health.counted if look.speaks_for.is_trouble]


def _explain_trouble(health: Health) -> str:
    bad = _list_bad(health)
    return f"{bad[-1].reason}; {len(bad)} of the last {len(health.counted)} looks went wrong"


def _list_changes(source_id: SourceId, before: Health, after: Health, look: Look) -> list[SourceChange]:
    """What somebody should hear of; a source that is merely unchanged is no news."""
    changes = []
    if after.state is not before.state and (before.state.is_trouble or after.state.is_trouble):
        since = after.since or look.looked_at
        changes.append(SourceChange(source_id, look.looked_at, before.state, after.state, since, after.reason))
    now, was = after.output.volume, before.output.volume
    if now is not was and now is not Volume.USUAL:
        since = before.output.started_at or look.looked_at
        reason = volume.explain_volume(after.output)
        changes.append(SourceChange(source_id, look.looked_at, was, now, since, reason))
    return changes
