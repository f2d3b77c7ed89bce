"""News that is not sure enough waits for an independent publisher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.detect import DetectSettings
from pipeline.judge import JudgeSettings, Memory, RamMemory, judge_development, judge_duplicate, judge_story
from pipeline.models import Development, Label, Report
from tests.detect.reports import CRANE, report
from tests.detect.test_judging import JsonMemory

UNSURE = JudgeSettings(detect=DetectSettings(tell_at=0.999, wait_at=0.0, wait_hours=6))
FIRST = report("a", CRANE, title="Crane falls on market in Port Arden, 12 dead")
HELD = report(
    "b",
    "The crane that fell on a market in Port Arden had failed 3 safety checks, union leader Oskar Brand said Monday.",
    2,
    title="Crane in Port Arden had failed checks",
    publisher="Daily Post",
)


def second(hours: float, publisher: str = "Evening Star", text: str = "") -> Report:
    said = (
        text
        or "City papers seen on Monday show that the crane in Port Arden had failed 3 safety checks before it fell."
    )
    return report("c", said, hours, title="Fallen crane in Port Arden had failed checks", publisher=publisher)


def judge_all(reports: Sequence[Report], memory: Memory | None = None) -> list[Development]:
    memory, verdicts = memory or RamMemory(), []
    for each in reports:
        duplicate = judge_duplicate(each, memory, UNSURE)
        assignment = judge_story(each, duplicate, memory, UNSURE)
        assert assignment.story_id == "s-a", each.item_id
        verdicts.append(judge_development(each, duplicate, assignment, memory, UNSURE))
    return verdicts


def test_unsure_news_waits_and_says_so() -> None:
    verdict = judge_all([FIRST, HELD])[-1]
    assert (verdict.label, verdict.new_facts) == (Label.REPEAT, ())
    assert verdict.because.startswith("waits up to 6 h for a second publisher: new: ")


def test_an_independent_publisher_confirms_it_in_time() -> None:
    verdict = judge_all([FIRST, HELD, second(7)])[-1]
    assert verdict.label is Label.DEVELOPMENT
    assert verdict.because.startswith("confirmed by a second publisher, after Daily Post: new: ")
    assert "failed 3 safety checks" in verdict.new_facts[0]
    assert verdict.importance > 0


def test_an_article_that_was_published_before_and_comes_late_confirms_too() -> None:
    assert judge_all([FIRST, HELD, second(1)])[-1].label is Label.DEVELOPMENT


def test_after_the_time_it_is_old_and_the_reason_says_how_long_it_waited() -> None:
    verdict = judge_all([FIRST, HELD, second(9)])[-1]
    assert verdict.label is Label.REPEAT
    assert "waited 6 h for a second publisher" in verdict.because


@pytest.mark.parametrize(
    "other",
    [
        second(4, publisher="Daily Post"),
        second(4, text="The crane in Port Arden had failed 3 safety checks before it fell, the Daily Post reported."),
        second(
            4, text="The crane in Port Arden fell on a market on Monday after weeks of rain and wind, a witness said."
        ),
    ],
    ids=["same publisher", "names it as its source", "says something else"],
)
def test_what_is_no_second_voice_confirms_nothing(other: Report) -> None:
    verdict = judge_all([FIRST, HELD, other])[-1]
    assert not verdict.because.startswith("confirmed")
    assert verdict.label is Label.REPEAT


def test_a_copy_is_no_second_voice() -> None:
    verdict = judge_all([FIRST, HELD, replace(HELD, item_id=second(0).item_id, publisher="Evening Star")])[-1]
    assert verdict.label is Label.NEAR_DUPLICATE


def test_it_is_confirmed_once() -> None:
    text = "Before it fell, the crane in Port Arden had failed 3 safety checks, Mayor Ines Holm admitted to reporters."
    third = report("d", text, 8, title="Mayor admits failed checks of crane", publisher="Morning Echo")
    verdict = judge_all([FIRST, HELD, second(7), third])[-1]
    assert not verdict.because.startswith("confirmed")


def test_a_restart_after_every_article_changes_nothing() -> None:
    reports = [FIRST, HELD, second(7)]
    assert judge_all(reports, JsonMemory()) == judge_all(reports)


def test_no_hours_mean_that_nothing_waits() -> None:
    settings = JudgeSettings(detect=replace(UNSURE.detect, wait_hours=0))
    memory = RamMemory()
    for each in (FIRST, HELD):
        assignment = judge_story(each, None, memory, settings)
        verdict = judge_development(each, None, assignment, memory, settings)
    assert verdict.because == "tells nothing that was not told"
