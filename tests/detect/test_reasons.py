"""What is said to have changed belongs together; all else is named as new, in the words of its sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.detect import start_telling, tell_article
from pipeline.detect.novelty import ToldIndex
from pipeline.detect.reasons import explain_findings, gather_findings
from pipeline.facts import ArticleView, read_report
from pipeline.models import ItemId, Report, StoryId
from pipeline.text import list_words


def read_text(text: str, title: str = "") -> ArticleView:
    return read_report(Report(ItemId(text), datetime(2026, 3, 3, tzinfo=UTC), "Wire", "Wire", "", title, text))


def explain(first: str, later: str, title: str = "") -> str:
    """What the second text adds to the first."""
    told = tell_article(start_telling(StoryId("s"), datetime(2026, 3, 2, tzinfo=UTC)), read_text(first))
    view = read_text(later, title)
    index = ToldIndex(told, view)
    said = [(sentence, index.find_new(sentence)) for sentence in (view.title, *view.sentences)]
    return explain_findings(gather_findings(said[1:], told, said[0]))


FERRY = "At least 13 people were killed when the ferry Malaika sank on Lake Orrin on Monday, the coast guard said. "


@pytest.mark.parametrize(
    ("later", "reason"),
    [
        ("At least 27 people were killed when the ferry Malaika sank on Lake Orrin, the coast guard said.", "13 -> 27"),
        ("The death toll in the sinking of the ferry Malaika on Lake Orrin rose to 27 on Tuesday.", "dead 13 -> 27"),
        ("Divers on Tuesday found more victims of the ferry Malaika; 27 were killed, up from 13.", "dead 13 -> 27"),
    ],
)
def test_a_toll_that_rises_is_a_change(later: str, reason: str) -> None:
    assert reason in explain(FERRY, later)


@pytest.mark.parametrize(
    "later",
    [
        "Navy divers brought up 14 more bodies on Tuesday from the ferry Malaika that sank on Lake Orrin.",
        "Police on Tuesday arrested two of the owners of the ferry Malaika, Oskar Brand and Ilse Korn, on Lake Orrin.",
        "A storm on Tuesday killed five people on the shore where the ferry Malaika sank on Lake Orrin, police said.",
    ],
)
def test_another_number_is_no_change_of_the_toll(later: str) -> None:
    assert "->" not in explain(FERRY, later)


def test_a_sum_of_several_words_stands_behind_a_colon() -> None:
    first = "Four frigates ordered from Italy will cost 2.4 billion euros, the defence ministry said on Monday."
    later = "The frigates will cost 2.9 billion euros, not the 2.4 billion given by the minister, the ministry said."
    assert explain(first, later) == "sum: 2.4 billion -> 2.9 billion euros"


DEAL = (
    "Torvania is in talks with Astrel of Lorrane on 24 maritime patrol aircraft, the defence ministry said on Monday. "
)


def test_a_corrected_value_names_old_and_new() -> None:
    later = "CORRECTED: The contract of Torvania with Astrel covers 18 maritime patrol aircraft and not 24 as stated."
    assert "maritime patrol aircraft 24 -> 18" in explain(DEAL, later)


def test_a_step_follows_the_one_of_the_same_affair() -> None:
    later = "Torvania signed a contract with Astrel of Lorrane for 24 maritime patrol aircraft on Tuesday."
    assert explain(DEAL, later).startswith("talks -> signed")


@pytest.mark.parametrize(
    "later",
    [
        "Torvania will fly maritime patrol aircraft if a contract with Astrel of Lorrane is signed, Rehn said Tuesday.",
        "The mayor of Halsted, Greta Holm, signed a petition on Tuesday against flights over her old town by Torvania.",
    ],
)
def test_a_step_not_taken_or_of_another_affair_follows_nothing(later: str) -> None:
    assert "->" not in explain(DEAL, later)


def test_what_is_new_is_quoted_with_its_noun_and_whole_names() -> None:
    later = (
        "A first flight with 40 tonnes of tents reached Lake Orrin on Tuesday, and Transport Minister Beatrice Nalugo "
        "has suspended every ferry, the coast guard said."
    )
    reason = explain(FERRY, later)
    assert "40 tonnes of tents" in reason
    assert "Transport Minister Beatrice Nalugo" in reason


def test_a_sentence_that_is_turned_round_is_quoted() -> None:
    first = "The World Food Fund will halve rations for 1.2 million people in Garuun from April 1, it said on Monday."
    later = (
        "The World Food Fund will not halve rations for 1.2 million people in Garuun from April 1, it said on Sunday."
    )
    assert explain(first, later) == "now: will not halve rations for"


@pytest.mark.parametrize(
    ("later", "quoted"),
    [
        ("President Ilse Marant of Torvania arrived in Quillon on Tuesday, her office said.", "arrived in Quillon"),
        ("The first aircraft is to be delivered to Torvania in the autumn of 2028, Rehn said.", "is to be delivered"),
        (
            "Defence Minister Oskar Rehn resigned on Tuesday, the office of Torvania's premier said.",
            "Oskar Rehn resigned",
        ),
        (
            "The minister of Torvania has suspended every flight of Astrel, his office said.",
            "new: suspended every flight",
        ),
    ],
)
def test_a_deed_is_quoted_as_it_was_or_will_be_done(later: str, quoted: str) -> None:
    assert quoted in explain(DEAL, later)


def test_what_was_done_long_ago_is_no_deed() -> None:
    later = "The fee of the terminal of Astrel in Torvania is above that of the pact signed in 2025, an owner said."
    assert "signed" not in explain(DEAL, later)


words = st.sampled_from(
    list_words(
        "dead 12 31 not signed talks $2 billion three people, Rehn to be from toll 1,100 km - (683 miles) É ﬁ . 12th"
    )
)


@given(st.lists(words, max_size=40).map(" ".join), st.text(max_size=60), st.lists(words, max_size=40).map(" ".join))
def test_whatever_the_texts_there_is_a_reason_of_one_line(first: str, title: str, later: str) -> None:
    reason = explain(first, later, title)
    assert reason.strip()
    assert "\n" not in reason
