"""Readers' verdicts move the threshold of telling, carefully."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.detect import DetectSettings, JudgedAlert, tune_threshold
from pipeline.detect.tuning import HIGHEST, LEAST_VERDICTS, LOWEST
from pipeline.models import StoryId

DEFAULT = DetectSettings()
judged_alerts = st.builds(
    JudgedAlert, st.sampled_from([StoryId(f"s-{n}") for n in range(9)]), st.floats(0, 1), st.booleans()
)


def judge(count: int, certainty: float, useful: int, first: int = 0) -> list[JudgedAlert]:
    """So many alerts of one certainty, each of a story of its own, some of them useful."""
    return [JudgedAlert(StoryId(f"s-{first + n:03}"), certainty, n < useful) for n in range(count)]


def test_too_few_verdicts_change_nothing_and_say_so() -> None:
    tuning = tune_threshold(judge(LEAST_VERDICTS - 1, 0.7, useful=0), DEFAULT)
    assert not tuning.is_better
    assert tuning.reason == "29 alerts have a verdict (useful or repeat), 30 are needed"


def test_repeats_just_above_the_threshold_raise_it() -> None:
    tuning = tune_threshold([*judge(40, 0.70, useful=8), *judge(40, 0.97, useful=36, first=40)], DEFAULT)
    assert tuning.is_better
    assert 0.7 < tuning.tell_at < 0.97
    assert (tuning.repeats_left_out, tuning.useful_left_out) == (32, 8)
    assert DEFAULT.wait_at < tuning.wait_at < tuning.tell_at


def test_useful_alerts_just_above_the_threshold_lower_it() -> None:
    tuning = tune_threshold(judge(60, 0.70, useful=60), DEFAULT)
    assert tuning.is_better
    assert LOWEST <= tuning.tell_at < DEFAULT.tell_at


def test_verdicts_as_expected_leave_it_where_it_is() -> None:
    tuning = tune_threshold([*judge(60, 0.70, useful=42), *judge(60, 0.9, useful=54, first=60)], DEFAULT)
    assert tuning.tell_at == pytest.approx(DEFAULT.tell_at, abs=0.03)


def test_few_verdicts_move_it_less_than_many() -> None:
    few = tune_threshold(judge(30, 0.75, useful=10), DEFAULT).tell_at
    many = tune_threshold(judge(300, 0.75, useful=100), DEFAULT).tell_at
    assert DEFAULT.tell_at < few < many


@given(st.lists(judged_alerts, max_size=80))
def test_it_stays_in_its_bounds_whatever_readers_say(judged: list[JudgedAlert]) -> None:
    tuning = tune_threshold(judged, DEFAULT)
    assert LOWEST <= tuning.tell_at <= HIGHEST
    assert 0 < tuning.wait_at < tuning.tell_at
    assert math.isfinite(tuning.loss_before)
    assert math.isfinite(tuning.loss_after)


@given(st.lists(judged_alerts, max_size=60))
def test_the_order_of_verdicts_does_not_matter(judged: list[JudgedAlert]) -> None:
    turned = judged[::-1]
    assert tune_threshold(judged, DEFAULT).tell_at == pytest.approx(tune_threshold(turned, DEFAULT).tell_at, abs=0.002)
