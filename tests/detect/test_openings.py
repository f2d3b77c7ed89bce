"""The first report of a story that stands near another one: news of its own, or that story in other words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.detect import DetectSettings, detect_development, start_telling, tell_article
from pipeline.detect.gate import measure_article
from pipeline.detect.reading import read_against
from pipeline.facts import read_report
from pipeline.judge import RamMemory, judge_development
from pipeline.models import Assignment, ItemId, Label, StoryId
from tests.detect.reports import CRANE, START, report

COLUMN = """What does a market remember? I have walked past the stalls of Port Arden every Monday for years.

When the crane fell, twelve people were buying bread, and thousands of us had looked up at that hotel and shrugged.

My grandmother used to say that greed builds tall. She never saw a crane, but she would have known this one.

Perhaps we should ask who wanted thirty storeys beside the cabbages. Perhaps we already know."""
OTHER = """A crane collapsed at the shipyard of Selby on Wednesday and killed 4 welders, the yard's owner Norvik said.

Police detained the yard's safety engineer, Tomas Reld, on Wednesday evening, prosecutors said."""
NEAR = tell_article(start_telling(StoryId("s-crane"), START), read_report(report("crane", CRANE)))


def label(text: str, *, is_near: bool) -> Label:
    """The label of an article that opens a story two days after the crane fell."""
    view = read_report(report("x", text, 48))
    near = NEAR if is_near else None
    return detect_development(view, StoryId("s-x"), None, DetectSettings(), near).development.label


def test_a_column_near_a_story_is_no_first_report() -> None:
    assert label(COLUMN, is_near=True) is Label.REPEAT


def test_what_stands_by_itself_is_told_whatever_it_says() -> None:
    assert label(COLUMN, is_near=False) is Label.NEW_STORY


def test_the_opening_of_a_look_alike_is_told() -> None:
    assert label(OTHER, is_near=True) is Label.NEW_STORY


def test_a_story_that_only_a_column_opened_is_opened_by_its_first_report() -> None:
    memory = RamMemory()
    reports = [report("crane", CRANE), report("column", COLUMN, 48), report("other", OTHER, 50)]
    views = {each.item_id: each for each in reports}
    opens = Assignment(ItemId("crane"), StoryId("s-crane"), True, 0.0, "")
    column = Assignment(ItemId("column"), StoryId("s-column"), True, 0.0, "", near=StoryId("s-crane"))
    follows = Assignment(ItemId("other"), StoryId("s-column"), False, 0.5, "")
    labels = [judge_development(views[each.item_id], None, each, memory).label for each in (opens, column, follows)]
    assert labels == [Label.NEW_STORY, Label.REPEAT, Label.NEW_STORY]


@pytest.mark.parametrize(
    ("title", "is_live"),
    [
        ("LIVE: Rescuers search the market", 1.0),
        ("Crane fall in Port Arden: Monday as it happened", 1.0),
        ("Port Arden live blog", 1.0),
        ("Those who live beside the crane", 0.0),
    ],
)
def test_a_live_page_is_known_by_its_headline(title: str, is_live: float) -> None:
    view = read_report(replace(report("x", OTHER, 48), title=title))
    read = read_against(view, NEAR)
    assert measure_article(view, read.scores, read.found, read.index)["live"] == is_live
