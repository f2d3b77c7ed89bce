"""What is held out, how good a model is, whether it may take over, what is asked, and the page about it."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.classify.examples import Example
from pipeline.classify.model import TopicModel
from pipeline.classify.topics import parse_topics
from pipeline.classify.training import TrainingSettings, train_model
from pipeline.classify.upkeep.asking import Candidate, choose_questions
from pipeline.classify.upkeep.figures import Answer, answer_examples, average_precision, measure_answers
from pipeline.classify.upkeep.held_out import is_held_out, make_key, split_examples
from pipeline.classify.upkeep.promotion import judge_candidate
from pipeline.classify.upkeep.report import ReportHead, make_bins, render_report
from pipeline.models import Classification, Figures, ItemId, TopicFigures
from tests.classify.bees import TOPICS, make_text


@pytest.fixture(scope="module")
def bees() -> TopicModel:
    rows = [make_text(number, topic) for number in range(40) for topic in ("bees", "boats", "")]
    return train_model([_example(row) for row in rows], parse_topics(TOPICS), TrainingSettings())


def _example(row: dict[str, object]) -> Example:
    topics = row["topics"]
    assert isinstance(topics, list)
    return Example(str(row["title"]), str(row["text"]), tuple(topics))


# ---------------------------------------------------------------- the held-out part


@given(st.text())
def test_a_key_goes_to_one_part_for_ever(key: str) -> None:
    assert is_held_out(key) is is_held_out(key)


def test_about_a_tenth_is_held_out() -> None:
    assert 70 < sum(is_held_out(f"text {number}") for number in range(1000)) < 130


def test_the_parts_do_not_depend_on_what_else_there_is() -> None:
    examples = [Example(f"title {number}", "text", ()) for number in range(200)]
    keyed = [(one.title, one) for one in examples]
    apart = set(split_examples(keyed).held_out)
    random.Random(1).shuffle(keyed)
    assert set(split_examples(keyed[:100]).held_out) == apart & {one for _, one in keyed[:100]}


def test_copies_with_other_tails_and_figures_go_together() -> None:
    body = "A ferry with 31 people ran aground off the northern port on Monday. " * 8
    first = Example("Ferry aground", body + "Reporting by one.", ())
    second = Example("Ferry aground", body.replace("31", "32") + "More soon.", ())
    assert make_key(first) == make_key(second)


# ---------------------------------------------------------------- figures


def test_average_precision_is_the_mean_over_the_true_texts() -> None:
    assert average_precision([True, False, True], [0.9, 0.8, 0.7]) == pytest.approx((1 + 2 / 3) / 2)


def test_figures_are_those_of_the_answers(bees: TopicModel) -> None:
    right, wrong = _example(make_text(50, "bees")), Example("Bread", "The baker sold bread and paper.", ("bees",))
    figures = measure_answers(answer_examples(bees, [right, wrong]), bees).topics[0]
    assert (figures.topic, figures.precision, figures.recall, figures.support) == ("bees", 1.0, 0.5, 2)


# ---------------------------------------------------------------- promotion


def make_figures(*f1: float, support: int = 40) -> Figures:
    topics = [TopicFigures(f"topic_{at}", one, one, one, one, support, 0.5) for at, one in enumerate(f1)]
    return Figures(100, tuple(topics))


@pytest.mark.parametrize(
    ("before", "after", "is_promoted"),
    [
        ((0.8, 0.7), (0.8, 0.7), True),
        ((0.8, 0.7), (0.85, 0.72), True),
        ((0.8, 0.7), (0.795, 0.695), True),
        ((0.8, 0.7), (0.78, 0.69), False),
        ((0.8, 0.7), (0.95, 0.6), False),
    ],
)
def test_a_model_takes_over_when_it_is_not_worse(
    before: tuple[float, ...], after: tuple[float, ...], is_promoted: bool
) -> None:
    verdict = judge_candidate(make_figures(*after), make_figures(*before))
    assert verdict.is_promoted is is_promoted
    assert "macro F1 0.750 -> " in verdict.reason


def test_a_new_topic_does_not_count_against_the_new_model() -> None:
    assert judge_candidate(make_figures(0.8, 0.7, 0.2), make_figures(0.8, 0.7)).is_promoted


def test_too_few_texts_to_compare_promote_nothing() -> None:
    verdict = judge_candidate(make_figures(0.9, support=2), make_figures(0.1, support=2))
    assert not verdict.is_promoted
    assert "label more" in verdict.reason


# ---------------------------------------------------------------- what to ask


def make_candidate(number: int, text: str, bees: float, group: str = "") -> Candidate:
    item_id = ItemId(f"{number:016d}")
    found = Classification(item_id, "v", (), {"bees": bees, "boats": 0.0})
    return Candidate(item_id, "", text, group or item_id, found)


def test_the_least_sure_is_asked_first(bees: TopicModel) -> None:
    border = float(bees.decision.thresholds[0])
    sure = make_candidate(1, "The baker sold bread.", 0.001)
    unsure = make_candidate(2, "The hive stood by the chapel.", border)
    chosen = choose_questions([sure, unsure], bees, 1)
    assert [(one.candidate, one.topic) for one in chosen] == [(unsure, "bees")]


def test_alike_texts_and_one_story_are_asked_once(bees: TopicModel) -> None:
    text = "The beekeeper took the hive and the honey away."
    twins = [make_candidate(number, text, 0.5) for number in (1, 2)]
    story = [
        make_candidate(3, "A swarm stopped the school.", 0.4, group="s"),
        make_candidate(4, "The yacht left.", 0.4, "s"),
    ]
    assert len(choose_questions([*twins, *story], bees, 9)) == 2


def test_a_foreign_text_is_not_asked(bees: TopicModel) -> None:
    found = Classification(ItemId("1"), "v", (), {"bees": 0.0, "boats": 0.0}, unsupported_language=True)
    assert choose_questions([Candidate(ItemId("1"), "", "Der Imker.", "1", found)], bees, 9) == []


# ---------------------------------------------------------------- the page


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def make_page(model: TopicModel, examples: list[Example]) -> str:
    answers = answer_examples(model, examples)
    head = ReportHead(model.version, "some texts", datetime(2026, 3, 2, 6, 0, tzinfo=UTC))
    return render_report(head, answers, measure_answers(answers, model))


def test_the_page_loads_nothing_and_runs_nothing(bees: TopicModel) -> None:
    parser = _Tags()
    parser.feed(make_page(bees, [_example(make_text(number, "bees")) for number in range(9)]))
    tags = {tag for tag, _ in parser.seen}
    assert {"table", "svg", "polyline"} <= tags
    assert not tags & {"script", "link", "img", "iframe"}
    assert not [attrs for _, attrs in parser.seen if {"src", "href", "onload", "onclick"} & set(attrs)]


def test_texts_of_the_web_are_escaped(bees: TopicModel) -> None:
    page = make_page(bees, [Example("<script>alert(1)</script>", "<img src=x onerror=y>", ("bees",))])
    assert "&lt;script&gt;" in page
    assert not re.search(r"<script|<img", page)


def test_errors_of_both_kinds_are_shown(bees: TopicModel) -> None:
    page = make_page(
        bees, [Example("Quiet hive", _example(make_text(3, "bees")).text, ()), Example("Odd", "x", ("bees",))]
    )
    assert "bees: 1 false alarms, 1 misses shown" in page


def test_bins_say_how_often_a_probability_was_true() -> None:
    answers = [
        Answer(Example("", "", ("bees",)), {"bees": 0.95}, {}),
        Answer(Example("", "", ()), {"bees": 0.93}, {}),
        Answer(Example("", "", ()), {"bees": 0.02}, {}),
    ]
    assert [(round(one.said, 2), one.true, one.count) for one in make_bins(answers)] == [(0.02, 0, 1), (0.94, 0.5, 2)]


def test_a_page_of_one_text_stands(bees: TopicModel, tmp_path: Path) -> None:
    assert "macro F1" in make_page(bees, [Example("", "", ())])
