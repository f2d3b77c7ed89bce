"""One notice for what changed: grouped, bounded, nothing when nothing changed."""

from __future__ import annotations

from datetime import timedelta

from pipeline.health import write_digest
from pipeline.models import HealthState, Notice, SourceChange, SourceId, Volume
from tests.health.player import START

HOUR = timedelta(hours=1)
H, V = HealthState, Volume


def change(
    was: HealthState | Volume, became: HealthState | Volume, source: str = "harbour", hours: int = 0
) -> SourceChange:
    at = START + hours * HOUR
    return SourceChange(SourceId(source), at, was, became, at, "the server answered 503")


def write(*changes: SourceChange) -> Notice | None:
    return write_digest(changes, {SourceId("harbour"): "Harbour Post"}, "C0OPERATIONS", START + 24 * HOUR)


def test_the_title_counts_and_each_section_says_what_to_do() -> None:
    digest = write(change(H.HEALTHY, H.GONE), change(H.SLOW, H.HEALTHY, "echo"), change(V.USUAL, V.FLOOD, "quay"))
    assert digest is not None
    assert digest.title == "Sources, what changed: 1 gone, 1 recovered, 1 flood"
    assert digest.key == "sources-digest/2026-03-03"
    assert [section.heading for section in digest.sections] == [
        "Gone (1): find its new address and add that, or remove it",
        "Recovered (1)",
        "Flood (1): see whether it repeats old articles or has widened",
    ]
    assert digest.sections[0].lines == ("Harbour Post, since 2 Mar 06:00 UTC: the server answered 503",)


def test_many_sources_are_counted_not_listed() -> None:
    digest = write(*(change(H.HEALTHY, H.FAILING, f"s{number:02d}", number) for number in range(41)))
    assert digest is not None
    (section,) = digest.sections
    assert len(section.lines) == 5
    assert str(section.lines[0]).startswith("s00")  # the longest trouble first
    assert section.lines[-1] == "and 37 more: wirewatch sources list --state failing"


def test_only_where_a_source_stands_now_is_told() -> None:
    steps = (change(H.HEALTHY, H.FAILING), change(H.FAILING, H.BLOCKED, hours=1), change(H.BLOCKED, H.GONE, hours=2))
    digest = write(*reversed(steps))
    assert digest is not None
    assert digest.title == "Sources, what changed: 1 gone"


def test_nothing_is_written_when_nothing_is_different_in_the_end() -> None:
    assert write() is None
    assert write(change(H.HEALTHY, H.FAILING), change(H.FAILING, H.UNCHANGED, hours=1)) is None
    assert write(change(H.FAILING, H.HEALTHY), change(H.HEALTHY, H.FAILING, hours=1)) is None
