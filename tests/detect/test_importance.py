"""Importance: every fact, every further voice and more certainty can only raise it, and it says what it is made of."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.detect.changes import Change
from pipeline.detect.importance import weigh_news
from pipeline.detect.reasons import Findings
from pipeline.facts import Quantity
from pipeline.models import Label

NOTHING = Findings((), (), (), (), (), False, "", "")
TOLL = Change("dead", "12", "31", True, 19)
VALUE = Change("tankers", "28", "31", False, 3)
SIGNED = replace(NOTHING, moves=(("talks", "signed"),))
NAMED = replace(NOTHING, names=("Oskar Rehn",))

all_findings = st.builds(
    Findings,
    st.lists(st.sampled_from((TOLL, VALUE))).map(tuple),
    st.lists(st.sampled_from((("talks", "signed"), ("planned", "cancelled")))).map(tuple),
    st.lists(st.sampled_from((("killed", "killed two"), ("tested", "tested it")))).map(tuple),
    st.lists(st.sampled_from(((Quantity(3, "", "ship", "3"), "3 ships"), (Quantity(3, "usd", "", "$3"), "$3")))).map(
        tuple
    ),
    st.lists(st.just("Oskar Rehn")).map(tuple),
    st.booleans(),
    st.sampled_from(("", "will not sign")),
    st.just(""),
)
labels = st.sampled_from((Label.NEW_STORY, Label.DEVELOPMENT, Label.CORRECTION))
certainties = st.floats(0, 1)


def weigh(findings: Findings, label: Label = Label.DEVELOPMENT, certainty: float = 0.9, publishers: int = 1) -> float:
    return weigh_news(findings, label, certainty, publishers).importance


@given(all_findings, labels, certainties, st.integers(1, 50))
def test_it_lies_between_0_and_1(findings: Findings, label: Label, certainty: float, publishers: int) -> None:
    assert 0 <= weigh(findings, label, certainty, publishers) <= 1


@given(all_findings, labels, certainties, certainties, st.integers(1, 50), st.integers(1, 50))
def test_certainty_and_voices_never_lower_it(
    findings: Findings, label: Label, one: float, other: float, few: int, many: int
) -> None:
    low = weigh(findings, label, min(one, other), min(few, many))
    assert low <= weigh(findings, label, max(one, other), max(few, many))


@given(all_findings)
def test_a_further_fact_never_lowers_it(findings: Findings) -> None:
    assert weigh(findings) <= weigh(replace(findings, changes=(*findings.changes, TOLL)))
    assert weigh(findings) <= weigh(replace(findings, names=("Oskar Rehn",)))
    assert weigh(findings) <= weigh(findings, Label.CORRECTION)


def test_a_toll_outweighs_a_step_and_a_step_a_name() -> None:
    assert weigh(replace(NOTHING, changes=(TOLL,))) > weigh(SIGNED) > weigh(NAMED) > weigh(NOTHING)


def test_its_parts_are_named() -> None:
    parts = weigh_news(replace(SIGNED, names=("Oskar Rehn",)), Label.DEVELOPMENT, 0.93, 3).because
    assert parts == "signed 0.75, name 0.40; sure 0.93; 3 publishers"
