"""What holds for every history of a source."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.health import judge_look
from pipeline.health.evidence import read_look
from pipeline.health.state import LOOKS_APART, LOOKS_TO_DECIDE
from pipeline.models import Health, Look
from pipeline.store.codec import from_json, to_json
from tests.health.player import START, follow

OUTCOMES = [
    "ok", "empty", "unchanged", "postponed", "http_404", "http_403", "http_503", "timeout", "malformed", "wall", "?",
]  # fmt: skip
looks = st.builds(
    Look,
    looked_at=st.integers(0, 60 * 24 * 90).map(lambda minutes: START + timedelta(minutes=minutes)),
    outcome=st.sampled_from(OUTCOMES) | st.text(max_size=8),
    reason=st.text(max_size=8),
    entries_new=st.integers(0, 400),
    took_seconds=st.floats(0, 60),
    has_content=st.booleans(),
)
histories = st.lists(looks, max_size=60)
evidence = st.lists(st.sampled_from(["ok", "unchanged", "http_503", "http_403", "http_404"]), max_size=60)


@given(histories, st.randoms(use_true_random=False))
def test_any_history_in_any_order_gives_one_state(history: list[Look], dice: Random) -> None:
    shuffled = list(history)
    dice.shuffle(shuffled)
    assert follow(shuffled) == follow(history)


@given(histories)
def test_repeating_changes_nothing(history: list[Look]) -> None:
    health, _ = follow(history)
    assert follow(history, health) == (health, [])


@given(st.lists(looks, max_size=60, unique_by=lambda look: look.looked_at), st.integers(0, 60))
def test_a_history_may_be_counted_in_parts(history: list[Look], cut: int) -> None:
    in_order = sorted(history, key=lambda look: look.looked_at)
    health, first = follow(in_order[:cut])
    assert follow(in_order) == (lambda rest: (rest[0], first + rest[1]))(follow(in_order[cut:], health))


@given(histories)
def test_what_is_remembered_is_stored_whole_and_stays_small(history: list[Look]) -> None:
    health, _ = follow(history)
    assert from_json(Health, to_json(health)) == from_json(Health, to_json(from_json(Health, to_json(health))))
    assert len(health.counted) <= 5
    assert len(health.rhythm.waits) <= 56
    assert len(health.output.days) <= 28


@given(evidence)
def test_no_state_changes_faster_than_three_looks(script: list[str]) -> None:
    """Between turning bad and recovering lie three looks, each way."""
    health, counted = Health(), 0
    changed_after: list[int] = []
    for number, outcome in enumerate(script):
        before = health
        health = judge_look(health, Look(START + number * LOOKS_APART, outcome, has_content=outcome != "unchanged"))
        counted += outcome != "unchanged"
        if before.state.is_trouble != health.state.is_trouble:
            changed_after.append(counted)
    gaps = [later - earlier for earlier, later in zip([0, *changed_after], changed_after, strict=False)]
    assert all(gap >= LOOKS_TO_DECIDE for gap in gaps)


@given(histories, st.lists(st.just("unchanged"), min_size=1, max_size=10))
def test_unchanged_never_clears_trouble(history: list[Look], more: list[str]) -> None:
    health, _ = follow(history)
    last = health.looked_at or START
    silent = [Look(last + (n + 1) * LOOKS_APART, word, has_content=False) for n, word in enumerate(more)]
    after, _ = follow(silent, health)
    if health.state.is_trouble:
        assert after.state is health.state


@given(looks)
def test_every_outcome_speaks_for_something_or_nobody_was_asked(look: Look) -> None:
    is_evidence = look.outcome != "postponed" and (look.outcome != "unchanged" or look.has_content)
    assert (read_look(look) is not None) == is_evidence
