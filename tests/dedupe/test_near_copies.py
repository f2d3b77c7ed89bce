"""What is an earlier text again, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.dedupe import DedupeSettings, find_duplicate
from pipeline.facts import ArticleView, read_report
from pipeline.models import Duplicate, ItemId, Report

WIRE = """PORT ARDEN, May 4 (Coastwire) - At least 12 people were killed when a crane fell on a market in Port Arden \
on Monday, the fire service said.

Rescuers pulled 9 people alive from under the crane, fire chief Ines Carrow told reporters at the scene.

The crane was being used to build a 30-storey hotel beside the market, which draws thousands of shoppers.

"I heard a crack and then everybody ran," said fruit seller Tomas Belk, who was standing 40 metres away.

The builder, Carrow and Sons, said that it was working with the police and would stop work at all its sites."""
MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)


def compare(text: str, earlier: str = WIRE, *, title: str = "Crane falls on market") -> Duplicate | None:
    """The verdict on a text that appears a day after an earlier one."""
    return find_duplicate(view("b", text, MONDAY + timedelta(hours=5), title), [view("a", earlier)], DedupeSettings())


def view(item: str, text: str, at: datetime = MONDAY, title: str = "Crane kills 12 in Port Arden") -> ArticleView:
    """An article as the rooms see it."""
    return read_report(
        Report(ItemId(item), at, "Coastwire", "Coastwire", f"https://coastwire.example/{item}", title, text)
    )


def test_the_same_words_are_an_exact_copy() -> None:
    found = compare(WIRE)
    assert found is not None
    assert (found.kind, found.of, found.similarity) == ("exact", "a", 1.0)


def test_a_cut_tail_and_another_headline_are_a_near_copy() -> None:
    found = compare("\n\n".join(WIRE.split("\n\n")[:3]), title="Market horror")
    assert found is not None
    assert found.kind == "near"


def test_added_boilerplate_is_a_near_copy() -> None:
    assert compare(WIRE + "\n\nSign up for our newsletter. Read more: ten cranes that changed the world")


def test_other_spelling_and_units_are_a_near_copy() -> None:
    assert compare(WIRE.replace("40 metres", "131 feet").replace("At least 12", "At least twelve"))


def test_a_conversion_in_brackets_is_a_near_copy() -> None:
    assert compare(WIRE.replace("40 metres away", "40 metres (131 feet) away"))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("At least 12 people", "At least 31 people"),
        ("on Monday, the fire service", "on Sunday, the fire service"),
        ("chief Ines Carrow told", "chief Paul Medvin told"),
        ("would stop work at all its sites", "had resumed work at all its sites"),
    ],
)
def test_one_changed_fact_is_no_copy(was: str, now: str) -> None:
    assert was in WIRE
    assert compare(WIRE.replace(was, now)) is None


TRUCE = """PORT ARDEN, Feb 26 (Coastwire) - Zemland and the Selby Front will sign a 21-day truce for two provinces on \
Friday, the mediator, Grace Natuk, announced on Wednesday.

The text covers Lasset and Upper Senk, takes effect at dawn on March 3 and lets UN flights land 6 km from Merkan.

The rebels, who had walked out at 4:20 a.m. over a drone strike, returned to some 30 tents on the airfield on Tuesday.

Parliament must approve the truce before it takes effect."""


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("6 km from", "four miles from"),
        ("at 4:20 a.m.", "at 4.20am"),
        ("the mediator, Grace Natuk", "HE the mediator, HRH Grace Natuk"),
        ("before it takes effect.", "before it takes effect.\n\nCoastwire carries dispatches every Wednesday."),
        (
            "before it takes effect.",
            "before it takes effect.\n\nAs our readers in Haakon told us, it rained.",
        ),
    ],
)
def test_how_an_outlet_writes_is_no_news(was: str, now: str) -> None:
    assert was in TRUCE
    assert compare(TRUCE.replace(was, now), TRUCE, title="Truce")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("will sign a 21-day truce", "signed a 21-day truce"),
        ("at dawn on March 3", "at dawn on May 3"),
        ("some 30 tents", "some 45 tents"),
        ("Parliament must approve the truce before it takes effect.", "MPs passed it by 121 votes to 48 on Sunday."),
        ("for two provinces", "for three provinces"),
    ],
)
def test_an_update_in_the_same_words_is_no_copy(was: str, now: str) -> None:
    assert was in TRUCE
    assert compare(TRUCE.replace(was, now), TRUCE, title="Truce") is None


def test_a_count_in_the_place_of_another_is_no_copy_though_the_number_stands_elsewhere() -> None:
    earlier = WIRE.replace("draws thousands of shoppers", "has about 30 stalls")
    assert compare(earlier.replace("At least 12 people", "At least 31 people"), earlier) is None


def test_a_step_in_the_headline_over_another_lead_is_no_copy() -> None:
    lead = "All 12 people who were buried when a crane fell on a market in Port Arden were lifted to safety on Monday, \
the fire service said."
    paragraphs = WIRE.split("\n\n")
    assert compare("\n\n".join([lead, *paragraphs[1:]]), title="Crane: all 12 found alive") is None


def test_an_added_report_is_no_copy() -> None:
    added = "Police on Monday arrested the crane's operator, Jon Faro, 44, on suspicion of negligence, they said."
    assert compare(WIRE + "\n\n" + added) is None


def test_a_copy_of_the_next_day_keeps_its_weekday() -> None:
    late = view("b", WIRE, MONDAY + timedelta(days=1))
    cut = view("c", "\n\n".join(WIRE.split("\n\n")[:4]), MONDAY + timedelta(days=1))
    assert find_duplicate(late, [view("a", WIRE)], DedupeSettings())
    assert find_duplicate(cut, [view("a", WIRE)], DedupeSettings())


def test_another_text_is_no_copy() -> None:
    assert compare("The council of Port Arden met on Tuesday to vote on the new harbour tax, its clerk said.") is None


def test_near_copies_share_a_band_and_strangers_do_not() -> None:
    copy = view("b", "\n\n".join(WIRE.split("\n\n")[:3]))
    other = view("c", "The council of Port Arden met on Tuesday to vote on the new harbour tax, its clerk said.")
    assert set(copy.band_keys) & set(view("a", WIRE).band_keys)
    assert not set(other.band_keys) & set(view("a", WIRE).band_keys)


@pytest.mark.parametrize("text", ["", " ", "...", "7", "²", "\ud800", "a" * 100_000, "A. " * 5000])
def test_odd_texts_are_read(text: str) -> None:
    assert find_duplicate(view("b", text), [view("a", WIRE)], DedupeSettings()) is None
