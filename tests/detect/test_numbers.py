"""Numbers, folded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.numbers import find_quantities, is_same_value


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a trip of 1,100 km", "the 683-mile slog"),
        ("13 cars", "thirteen carriages"),
        ("two and a half hours", "a hundred and fifty minutes"),
        ("a $3.6 billion deal", "a deal worth $3.6bn"),
        ("700,000 barrels", "0.7 million barrels"),
        ("40 percent of revenue", "40% of revenue"),
        ("40 per cent of revenue", "40% of revenue"),
        ("6 launchers", "half a dozen launchers"),
        ("2 posts", "a pair of posts"),
        ("60 km/h", "about 37 mph"),
        ("3.5 metres", "11.5 feet"),
        ("five tonnes", "5,000 kg"),
        ("six kilometres", "four miles"),
        ("5.1 tonnes", "5.6 US tons"),
    ],
)
def test_one_value_written_two_ways(first: str, second: str) -> None:
    (one,), (other,) = find_quantities(first), find_quantities(second)
    assert is_same_value(one, other)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("12 dead", "31 dead"),
        ("the 12th package", "the 13th package"),
        ("11 tankers", "10 tankers"),
        ("5 km", "5 kg"),
        ("6 km", "6.5 km"),
        ("31 people were killed", "about 30 stalls"),
    ],
)
def test_two_values(first: str, second: str) -> None:
    (one,), (other,) = find_quantities(first), find_quantities(second)
    assert not is_same_value(one, other)


@pytest.mark.parametrize(
    "text",
    ["on March 4", "in 2026", "at 7 p.m.", "at 4.20am", "at 6:12", "until June 2029", "one of them came on 4 March"],
)
def test_calendar_and_clock_are_no_quantities(text: str) -> None:
    assert [q for q in find_quantities(text) if q.value != 1] == []


def test_the_subject_is_what_is_counted() -> None:
    (dead,) = find_quantities("31 people were killed")
    (deaths,) = find_quantities("a toll of 44 deaths")
    assert (dead.subject, deaths.subject) == ("dead", "dead")


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    for quantity in find_quantities(text):
        assert quantity.value == quantity.value
