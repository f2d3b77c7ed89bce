"""How newsrooms take something back, wherever in the article it stands."""

from __future__ import annotations

import pytest

from pipeline.detect.cues import KINDS, find_cues, is_marked_correction
from pipeline.detect.gate import measure_passages, score_sentences, squash, weigh
from pipeline.facts import SentenceView, read_report
from pipeline.judge import RamMemory
from pipeline.models import Label
from tests.detect.reports import CRANE, report
from tests.detect.test_judging import judge_all

SAID_BY_ONE = [
    ("The toll was wrong, the ministry said.", "corrects"),
    ("Two of the bodies had been counted twice.", "corrects"),
    ("Prosecutor sets the record straight on the anchor", "corrects"),
    ("A spokesman called the figure a fabricated slander.", "refutes"),
    ("There is no truth in the report, the club said.", "refutes"),
    ("The general conceded that the hill was still held by rebels.", "concedes"),
    ("The company has taken its statement back.", "withdraws"),
    ("The Council removed the shipping line from its list.", "withdraws"),
    ("A man of 34 is no longer a suspect.", "withdraws"),
    ("The agency told lawmakers that it was lowering its estimate.", "lowers"),
    ("There were fewer people on board.", "lowers"),
    ("The joint staff revised its account on Monday.", "corrects"),
    ("The general staff rejected the claim of the neighbours.", "refutes"),
    ("Police withdrew their account of the crash.", "withdraws"),
    ("The three traders reported drowned are alive.", "recalls"),
    ("The turnout was 44 percent, as stated earlier than first reported.", "recalls"),
    ("Its first figure had been based on radio traffic.", "recalls"),
    ("The money is a gift, not a loan.", "contrasts"),
    ("It was not his knee but his heart.", "contrasts"),
    ("Turnout was 44 percent and not 58.", "not_number"),
    ("Three missiles were fired, not four.", "not_number"),
    ("The town never refused a permit.", "never"),
]
PLAIN = [
    "The minister arrived on Tuesday with eleven advisers.",
    "Police reported 12 dead.",
    "The ship does not sail today.",
    "The lower house put off the vote.",
    "The back door opened by itself.",
    "Two parties withdrew their support for the plan.",
    "The candidate refused to concede.",
    "The board ordered a recount in 214 precincts.",
    "According to the indictment, not one of the eleven drills was held.",
    "Engineers put the number of ships at 40.",
]


def read_sentence(text: str) -> SentenceView:
    (sentence,) = read_report(report("x", text)).sentences
    return sentence


@pytest.mark.parametrize(("text", "kind"), SAID_BY_ONE)
def test_a_sentence_that_takes_back_has_its_cue(text: str, kind: str) -> None:
    assert kind in KINDS
    assert kind in find_cues(read_sentence(text))


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_sentence_has_none(text: str) -> None:
    assert not find_cues(read_sentence(text))


@pytest.mark.parametrize(
    ("headline", "is_correction"),
    [
        ("CORRECTED: Crane falls on market", True),
        ("CORRECTED-Crane falls on market", True),
        ("REFILE-CORRECTION: Crane falls", True),
        ("Correction: crane falls on market", True),
        ("CORRECT ANSWERS ONLY", False),
        ("Correctional officer held", False),
    ],
)
def test_an_agency_marks_what_it_corrects(headline: str, is_correction: bool) -> None:
    assert is_marked_correction(headline) is is_correction


def test_a_curly_apostrophe_denies_as_a_straight_one_does() -> None:
    assert find_cues(read_sentence("It wasn’t 12, not 12 at all.")) == find_cues(
        read_sentence("It wasn't 12, not 12 at all.")
    )


def test_a_sentence_beside_news_is_likelier_news() -> None:
    known, fresh = -3.0, 3.0
    beside, alone = (
        [squash(weigh(each, "passage")) for each in measure_passages(log_odds)]
        for log_odds in ([fresh, known, known], [known, known, known])
    )
    assert beside[1] > alone[1]
    assert beside[2] == alone[2]


def test_an_article_without_sentences_has_no_scores() -> None:
    assert score_sentences([]) == []


DEEP = """Divers worked through the night at the market of Port Arden, and traders brought them tea and bread.

The stalls on the western side opened again on Tuesday, though few customers came to buy fish or fruit.

The crane that fell had been inspected in spring, its owner has said.

Nine people died in the market, and not 12 as reported earlier, the fire service said on Tuesday.

Three of the bodies had been counted twice, fire chief Ines Carrow told reporters."""


def test_a_correction_far_down_is_found() -> None:
    first = report("a", CRANE, title="Crane falls on market in Port Arden, 12 dead")
    later = report("b", DEEP, 26, title="Port Arden market after the crane", publisher="Daily Post")
    verdict = judge_all([first, later], RamMemory())[-1]
    assert verdict.label is Label.CORRECTION
    assert any("and not 12" in sentence for sentence in verdict.new_facts)
