"""How wire text becomes tokens."""

from __future__ import annotations

import pytest

from pipeline.classify.tokens import clean_wire_text, drop_dateline, normalise_token, split_pieces, split_tokens


def test_names_that_date_are_masked() -> None:
    text = "U.S. troops killed 12 in Basra on Monday, and in 2004 North Korea paid $5 mln"
    tokens = split_tokens(clean_wire_text(text))
    assert " ".join(tokens[:8]) == "_country:usa troop kill _num in _place:iraq on _day"
    assert " ".join(tokens[8:]) == "and in _year _country:n-kore paid _money million"


@pytest.mark.parametrize(
    "head",
    ["HANOI (Reuters) - ", "AP - ", "BERLIN, March 4 - ", "BAGHDAD, Iraq - ", "LIMA, Peru (AP) -- ", "(CP) - "],
)
def test_a_dateline_is_dropped(head: str) -> None:
    assert drop_dateline(head + "The talks opened.") == "The talks opened."


def test_a_dash_in_a_sentence_is_no_dateline() -> None:
    text = "Fidel is back on his feet - and so are we."
    assert drop_dateline(text) == text


def test_entities_that_lost_their_ampersand_are_mended() -> None:
    mended = clean_wire_text("Japan #39;s quot;no quot; to talks &amp; aid")
    assert " ".join(mended.split()) == "Japan's no to talks & aid"


@pytest.mark.parametrize(
    "words",
    [
        ("visit", "visits", "visited", "visiting"),
        ("stop", "stops", "stopped", "stopping"),
        ("army", "armies"),
        ("defence", "defense"),
        ("mobilise", "mobilize", "mobilized", "mobilising"),
        ("kill", "killed", "kills", "killing"),
        ("supply", "supplies", "supplied", "supplying"),
    ],
)
def test_inflections_and_spellings_are_one_token(words: tuple[str, ...]) -> None:
    assert len({normalise_token(word) for word in words}) == 1


def test_the_pronoun_is_not_the_country() -> None:
    assert normalise_token("us") != normalise_token("US") == "_country:usa"


def test_surfaces_follow_the_tokens() -> None:
    text = "Armed men from South Korea killed N Korea's envoys."
    pairs = [(piece.token, piece.surface) for piece in split_pieces(text)]
    assert ("_country:s-kore", "South Korea") in pairs
    assert ("kill", "killed") in pairs


@pytest.mark.parametrize(
    "names",
    [("Russia", "Russian", "Moscow"), ("North Korea", "North Korean"), ("West Germany", "Bonn"), ("U.S.", "American")],
)
def test_all_names_of_a_country_are_one(names: tuple[str, ...]) -> None:
    assert len({split_tokens(clean_wire_text(name))[0].partition(":")[2] for name in names}) == 1
