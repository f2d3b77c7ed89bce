"""Names, days, steps and manners, folded."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.facts.dates import find_dates
from pipeline.facts.manner import find_marks
from pipeline.facts.names import find_headline_names, find_names, find_skeleton, fold_name
from pipeline.facts.stages import find_stages
from pipeline.text import find_words, split_sentences, stem_word

WEDNESDAY = date(2026, 5, 6)


@pytest.mark.parametrize(
    ("first", "second"),
    [("Kozhemyako", "Kozhemiako"), ("Beksultanov", "Bexultanov"), ("Dmitry", "Dmitri"), ("Indonesian", "Indonesia")],
)
def test_two_spellings_of_one_name(first: str, second: str) -> None:
    assert fold_name(first) == fold_name(second)


@pytest.mark.parametrize(("first", "second"), [("Kwang", "Gwang"), ("Mohammed", "Muhamad"), ("Tchaikin", "Chaykin")])
def test_two_spellings_share_their_consonants(first: str, second: str) -> None:
    assert find_skeleton(fold_name(first)) == find_skeleton(fold_name(second))


def test_a_first_word_is_a_name_only_when_known() -> None:
    assert find_names("Officials met Ines Carrow.") == (fold_name("ines"), fold_name("carrow"))
    assert find_names("Arden was quiet.") == ()
    assert find_names("Arden was quiet.", known=frozenset({"arden"})) == (fold_name("arden"),)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("he said on Wednesday", "2026-05-06"),
        ("he said on Tuesday", "2026-05-05"),
        ("he is due to arrive on Friday", "2026-05-08"),
        ("he said early Thursday local time", "2026-05-07"),
        ("on March 4", "2026-03-04"),
        ("on 4 March 2025", "2025-03-04"),
        ("until June 2029", "2029-06"),
        ("since 1987", "1987"),
        ("yesterday", "2026-05-05"),
    ],
)
def test_days_are_counted_from_the_publication(text: str, day: str) -> None:
    assert find_dates(text, WEDNESDAY) == (day,)


def test_a_distance_is_no_year() -> None:
    assert find_dates("rose to 2050.7 km", WEDNESDAY) == ()


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("the ministers signed the pact", "signed"),
        ("both sides are negotiating", "talks"),
        ("the visit was postponed", "delayed"),
        ("the trip has been called off and cancelled", "cancelled"),
        ("the pact was not signed", "!signed"),
    ],
)
def test_a_step_is_named_whatever_the_verb(text: str, stage: str) -> None:
    assert stage in find_stages(find_words(text))


def test_manner_is_marked() -> None:
    assert "today" in find_marks("The council agreed on Wednesday.", WEDNESDAY)
    assert "today" not in find_marks("The council agreed last Wednesday.", WEDNESDAY)
    assert "opinion" in find_marks("My guess is that nobody wins.", WEDNESDAY)
    assert "boilerplate" in find_marks("Sign up for our newsletter.", WEDNESDAY)


def test_abbreviations_end_no_sentence() -> None:
    assert len(split_sentences("Gen. A. Rusk of the U.S. Army left at 7 p.m. local time. He came back.")) == 2


@pytest.mark.parametrize(("first", "second"), [("armoured", "armored"), ("cancelled", "canceled"), ("talks", "talk")])
def test_one_stem(first: str, second: str) -> None:
    assert stem_word(first) == stem_word(second)


def test_in_a_headline_set_in_capitals_only_words_the_text_capitalises_are_names() -> None:
    title = "Two Ministers Dismissed After Oil Terminal Fire In Ardal"
    assert find_headline_names(title, known=frozenset({"ardal"})) == ("ardal",)


def test_a_plain_headline_keeps_its_names() -> None:
    title = "Two ministers dismissed after fire at Skarv terminal in Ardal"
    assert find_headline_names(title, known=frozenset()) == ("skarv", "ardal")
