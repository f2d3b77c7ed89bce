"""Looks to states: one rule per test."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.models import Health, HealthState, Look
from tests.health.player import START, follow, play

HOURLY, DAILY = timedelta(hours=1), timedelta(days=1)


def end(script: str, every: timedelta = DAILY) -> Health:
    return follow(play(script, every))[0]


def became(script: str, every: timedelta = DAILY) -> list[str]:
    return [change.became.value for change in follow(play(script, every))[1]]


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("", "new"),
        ("503", "new"),
        ("ok", "healthy"),
        ("ok 503", "healthy"),
        ("ok 503 503", "healthy"),
        ("ok 503 503 503", "failing"),
        ("ok 403 403 403", "blocked"),
        ("ok wall wall wall", "blocked"),
        ("ok blocked_by_robots blocked_by_robots blocked_by_robots", "blocked"),
        ("ok slow slow slow", "slow"),
        ("ok not_a_feed malformed malformed", "malformed"),
        ("ok 503 404 403", "failing"),  # no two of a kind: trouble all the same
        ("ok something_nobody_has_heard_of x y", "failing"),
        ("ok postponed postponed", "healthy"),
        ("503 503 503", "failing"),
    ],
)
def test_three_bad_looks_of_five_make_trouble(script: str, state: str) -> None:
    assert end(script).state == state


def test_one_good_look_does_not_hide_a_flapping_source() -> None:
    assert end("ok 503 ok 503 ok 503").state == "failing"
    assert end("ok 503 ok 503 ok 503 ok ok").state == "failing"
    assert end("ok 503 ok 503 ok 503 ok ok ok").state == "healthy"


def test_an_unchanged_answer_is_no_evidence() -> None:
    assert end("ok 503 503 503 304 304 304 304 304").state == "failing"
    assert end("ok 503 503 503 ok ok 304 304").state == "failing"
    assert end("ok 503 503 503 ok 304 ok 304 ok").state == "healthy"
    assert end("ok 503 304 503 304 503").state == "failing"


def test_content_that_was_read_and_is_the_same_is_evidence() -> None:
    assert end("ok 503 503 503 same same").state == "failing"
    assert end("ok 503 503 503 same same same").state == "unchanged"


def test_what_is_merely_unchanged_is_no_news() -> None:
    health, changes = follow(play("ok 304 304 304"))
    assert (health.state, health.since, changes) == ("unchanged", START + DAILY, [])
    assert end("ok 304 304 304 ok").state == "healthy"


def test_trouble_is_dated_by_its_first_bad_look_and_says_why() -> None:
    health, (change,) = follow(play("ok ok 503 503 503"))
    assert (health.since, change.since) == (START + 2 * DAILY, START + 2 * DAILY)
    assert change.changed_at == START + 4 * DAILY
    assert change.reason == "it said 503; 3 of the last 5 looks went wrong"


def test_recovery_is_dated_by_its_first_good_look() -> None:
    health, changes = follow(play("ok 503 503 503 ok ok ok"))
    assert [(change.was, change.became) for change in changes] == [("healthy", "failing"), ("failing", "healthy")]
    assert health.since == START + 4 * DAILY


def test_an_address_is_gone_when_every_look_of_three_days_says_so() -> None:
    assert end("ok 404 404 404").state == "failing"
    assert end("ok 404 404 404 404").state == "gone"
    assert became("ok 404 404 404 404") == ["failing", "gone"]
    assert end("ok dns_failure http_410 404 folder_missing").state == "gone"
    assert end(" ".join(["ok", *["404"] * 71]), HOURLY).state == "failing"
    assert end(" ".join(["ok", *["404"] * 74]), HOURLY).state == "gone"
    assert end(" ".join(["ok", *["404"] * 40, "503", *["404"] * 40]), HOURLY).state == "failing"


def test_trouble_that_comes_back_must_stay_away_for_a_day() -> None:
    flaps = "ok 503 503 503 ok ok ok 503 503 503"
    assert became(flaps + " ok ok ok 503 ok ok ok ok 503 503" * 5, 2 * HOURLY) == ["failing", "healthy", "failing"]
    assert end(flaps + " ok" * 12, 2 * HOURLY).state == "failing"
    assert end(flaps + " ok" * 13, 2 * HOURLY).state == "healthy"
    assert end(flaps + " ok ok ok").state == "healthy"  # a day apart


def test_a_few_failures_among_many_unchanged_answers_are_no_trouble() -> None:
    rare = "ok " + "503 304 304 304 304 304 " * 10
    assert became(rare, 2 * HOURLY) == []


def test_a_gone_source_is_not_back_after_one_good_look() -> None:
    assert end("ok 404 404 404 404 ok 404").state == "gone"
    assert end("ok 404 404 404 404 ok ok ok").state == "healthy"


def test_trouble_changes_its_name_after_three_looks_in_a_row() -> None:
    assert end("ok 503 503 503 403 403").state == "failing"
    assert became("ok 503 503 503 403 403 403") == ["failing", "blocked"]
    assert became("ok 503 503 503 403 503 403 503 403") == ["failing"]


def test_looks_in_quick_succession_count_as_one() -> None:
    minutes = timedelta(minutes=10)
    assert end("ok 503 503 503 503 503", minutes).state == "healthy"
    assert end(" ".join(["ok", *["503"] * 40]), minutes).state == "failing"


def test_a_source_that_nobody_could_read_for_two_days_is_failing() -> None:
    resting = [replace(look, reason="quay.example is left alone") for look in play("postponed " * 25, 2 * HOURLY)]
    well, _ = follow(play("ok ok ok", start=START - 3 * DAILY))
    health, changes = follow(resting[:-1], well)
    assert (health.state, changes) == ("healthy", [])
    health, (change,) = follow(resting, health)
    assert (change.since, change.became) == (START, "failing")
    assert change.reason == "not read for two days: quay.example is left alone"
    assert end("ok 503 postponed postponed").state == "failing"  # a look that went wrong begins the wait


def test_after_a_long_rest_three_good_looks_show_that_it_is_well() -> None:
    rested = "ok ok ok postponed postponed postponed"
    assert end(f"{rested} postponed 304 304 304").state == "failing"
    assert end(f"{rested} ok ok").state == "failing"
    health = end(f"{rested} ok ok ok")
    assert (health.state, health.since) == ("healthy", START + 6 * DAILY)


def test_a_rest_does_not_rename_the_trouble_before_it() -> None:
    assert became("ok 403 403 403 postponed postponed postponed postponed") == ["blocked"]
    silent = "ok " * 22 + "304 " * 4
    assert became(f"{silent} postponed postponed postponed") == ["silent", "failing"]


def test_a_wait_that_an_answer_ends_is_no_trouble() -> None:
    assert end("ok postponed postponed 304 postponed postponed ok postponed postponed").state == "healthy"


def test_answers_that_take_very_long_are_slow() -> None:
    looks = [replace(look, took_seconds=12.0) for look in play("ok ok ok")]
    health, _ = follow(looks)
    assert (health.state, health.reason) == ("slow", "the answer took 12 s; 3 of the last 3 looks went wrong")


def test_a_repeated_look_counts_once() -> None:
    looks = play("ok 503 503")
    health, _ = follow([*looks, *looks, *looks])
    assert health.state == "healthy"
    assert follow(looks, health) == (health, [])


def test_a_reason_without_words_is_named() -> None:
    assert follow([Look(START + n * DAILY, "tls_failure") for n in range(3)])[0].reason.startswith("tls failure;")


def test_every_state_can_be_asked_for() -> None:
    from pipeline.cli.sources import STATES

    assert set(STATES) == {*HealthState, "trouble", "flood", "drought"}


def test_every_trouble_has_its_advice() -> None:
    from pipeline.health.digest import TROUBLES

    assert set(TROUBLES) == {state for state in HealthState if state.is_trouble}
