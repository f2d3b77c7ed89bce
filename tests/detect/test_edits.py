"""An edited article tells what the edit brought, and nothing for the rest: articles of the seed streams, edited."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.filters.replay import Replay
from pipeline.judge import RamMemory, judge_development, judge_duplicate, judge_story
from pipeline.models import Development, EarlierVersions, ItemId, Label, Report
from tests.detect.reports import CRANE, PACT

STREAMS = Path(__file__).resolve().parents[2] / "seeds" / "streams"


@cache
def read_openings() -> dict[str, Report]:
    """The first article of each story of the streams a to d."""
    openings: dict[str, Report] = {}
    for path in sorted(STREAMS.glob("stream_[a-d].jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            at = datetime.fromisoformat(row["published_at"])
            head = (ItemId(row["id"]), at, row["source"], row["publisher"], row["url"])
            openings.setdefault(row["story"], Report(*head, row["title"], row["text"]))
    return openings


def edit(before: Report, item: str, old: str, new: str) -> Report:
    """The next version; without `old` a paragraph is added."""
    assert old in before.title + before.text
    title, text = (part.replace(old, new) if old else part for part in (before.title, before.text))
    known = before.earlier.item_ids if before.earlier else ()
    return replace(
        before,
        item_id=ItemId(item),
        title=title,
        text=text if old else f"{text.rstrip()}\n\n{new}",
        earlier=EarlierVersions((*known, before.item_id), before.title, before.text),
    )


def judge(report: Report, memory: RamMemory) -> Development:
    duplicate = judge_duplicate(report, memory)
    return judge_development(report, duplicate, judge_story(report, duplicate, memory), memory)


def judge_edit(story: str, old: str, new: str) -> Development:
    """The verdict on the second version of the article that opened a story."""
    first, memory = read_openings()[story], RamMemory()
    opened = judge(first, memory)
    verdict = judge(edit(first, "second", old, new), memory)
    assert verdict.story_id == opened.story_id
    return verdict


COSMETIC = [
    ("sa01", "traders home", "merchants home"),
    ("sa01", "about two kilometres off", "roughly 2 km off"),
    ("sa01", "Sinkings are frequent", "Accidents are frequent"),
    ("sa01", "Overloaded ferry sinks on Lake Tembani, at least 13 dead", "Ferry sinks on Lake Tembani, killing 13"),
    ("sa01", "", "Kasembe lies on the southern shore of the lake and depends on boats for much of its trade."),
    ("sa01", "", "(Reporting by Inland staff; editing by M. Osei)"),
    ("sa01", "", "This story was updated to fix a typing error."),
    ("sa03", "broke off ties", "severed relations"),
    ("sa03", "", "Karrad, a country of nine million, lies between two seas."),
    ("sa03", "", "The visit was first announced by the palace on its website."),
    ("sb01", "rolled down an embankment", "tumbled down a slope"),
    ("sb01", "seven people and injuring 58", "7 people and leaving 58 injured"),
    (
        "sb01",
        '"I was asleep, and then I was lying on the window," said Teresa Valdim',
        "Teresa Valdim was asleep, said she",
    ),
    ("sb01", "in which 22 people perished", "that killed 22 people"),
    ("sb01", "", "Read more: how safe are our railways?"),
    ("sc03", "walks between them", "shuttles between the rooms"),
    ("sc03", "brokered in 2022, held", "agreed in 2022, lasted"),
    ("sc03", "", "The Halmar hills rise in the north-east of the country."),
    ("sd03", "Boxship aground across Sarrat Canal", "Container ship blocks Sarrat Canal"),
    ("sd03", "ran aground in the Sarrat Canal", "went aground in the Sarrat Canal"),
    ("sd03", "", "More than 50 ships a day use the waterway, which saves a voyage around the continent."),
    ("sb04", "keeps its 1,900 workers busy", "means work for its 1,900 people"),
    ("sb04", "", "Quell is one of the richest states of the region."),
]

TELLING = [
    ("sa01", "at least 13", "at least 31", "13 -> 31"),
    ("sa01", "killing at least 13 people", "killing at least 27 people", "13 -> 27"),
    ("sa01", "", "Police later said they had arrested the skipper, Juma Kalonga, at a house in Ruhoro.", "Kalonga"),
    ("sa01", "", "President Daudi Mwalle declared three days of national mourning.", "Mwalle"),
    ("sa01", "licensed for 50", "licensed for 30", "50 -> 30"),
    ("sa03", "on January 15", "on January 22", ""),
    ("sa03", "will pay a state visit", "has cancelled a state visit", "cancelled"),
    ("sa03", "", "Late on Monday the office said the visit had been postponed because of illness.", "postponed"),
    ("sb01", "seven people and injuring 58", "nine people and injuring 64", "-> nine"),
    ("sb01", "", "The company said later that the driver had been detained by the police.", "detained"),
    ("sb01", "carrying 312 passengers", "carrying 287 passengers", "312 -> 287"),
    ("sc03", "a ceasefire of 60 days", "a ceasefire of 90 days", "-> 90"),
    ("sc03", "", "The talks broke off on Monday evening and the rebels left Geneva, Tschanz said.", ""),
    ("sd03", "two tugs had failed", "five tugs had failed", "-> five"),
    (
        "sd03",
        "",
        "The ship was refloated at 19:40 on Tuesday and traffic has resumed, the canal authority said.",
        "resumed",
    ),
    ("sb04", "24 self-propelled howitzers", "36 self-propelled howitzers", "24 -> 36"),
    ("sb04", "cost 210 million euros", "cost 310 million euros", "-> 310"),
    ("sb04", "", "The parliament of Quell has to approve the contract, Brendl told reporters on Tuesday.", ""),
]


@pytest.mark.parametrize(("story", "old", "new"), COSMETIC)
def test_a_cosmetic_edit_tells_nothing(story: str, old: str, new: str) -> None:
    verdict = judge_edit(story, old, new)
    assert not verdict.label.deserves_alert
    assert verdict.because.startswith("edited, nothing new")


@pytest.mark.parametrize(("story", "old", "new", "because"), TELLING)
def test_what_an_edit_changed_or_added_is_told(story: str, old: str, new: str, because: str) -> None:
    verdict = judge_edit(story, old, new)
    assert verdict.label in (Label.DEVELOPMENT, Label.CORRECTION)
    assert because in verdict.because
    assert any(new[:30] in sentence for sentence in verdict.new_facts)


def write_line(item: str, address: str, text: str, day: int = 4, publisher: str = "Coastwire") -> dict[str, Any]:
    at = f"2026-05-{day:02d}T09:00:00Z"
    return {"id": item, "published_at": at, "source": publisher, "url": address, "title": "Crane falls", "text": text}


ADDRESS = "https://coastwire.example/crane"


def test_a_line_with_a_known_address_is_a_new_version() -> None:
    answer = Replay().answer
    answer(write_line("a", ADDRESS, CRANE))
    light = answer(write_line("b", f"{ADDRESS}?utm_source=mail", CRANE.replace("fell on", "toppled onto")))
    changed = answer(write_line("c", ADDRESS, CRANE.replace("12 people", "31 people")))
    again = answer(write_line("d", ADDRESS, CRANE.replace("12 people", "31 people")))
    assert (light["label"], light["duplicate_of"], light["because"]) == ("repeat", None, "edited, nothing new")
    assert (changed["label"], changed["duplicate_of"], changed["story"]) == ("development", None, "s-a")
    assert (again["label"], again["duplicate_of"]) == ("near_duplicate", "c")


def test_another_article_at_a_known_address_is_an_article_of_its_own() -> None:
    answer = Replay().answer
    answer(write_line("a", "https://coastwire.example/latest", CRANE))
    other = answer(write_line("b", "https://coastwire.example/latest", PACT))
    assert (other["label"], other["story"]) == ("new_story", "s-b")


def test_an_outlet_that_lags_behind_the_story_tells_nothing() -> None:
    answer = Replay().answer
    answer(write_line("a", ADDRESS, CRANE))
    ahead = CRANE.replace("12 people were killed", "31 people were killed").replace("said.", "said on Tuesday.")
    answer(write_line("b", "https://dailypost.example/crane", ahead, 5, "Daily Post"))
    late = answer(write_line("c", ADDRESS, CRANE.replace("12 people", "19 people"), 5))
    assert late["label"] == "repeat"


def test_a_copy_of_a_later_version_is_a_copy_of_that_version() -> None:
    answer = Replay().answer
    answer(write_line("a", ADDRESS, CRANE))
    later = CRANE.replace("12 people", "31 people")
    answer(write_line("b", ADDRESS, later))
    copy = answer(write_line("c", "https://dailypost.example/crane", f"{later}\n\nRead more.", 4, "Daily Post"))
    assert (copy["label"], copy["duplicate_of"], copy["story"]) == ("near_duplicate", "b", "s-a")


LIGHT = ["traders home", "about two kilometres", "by telephone", "an hour", "with the search", "going along the line"]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_is_polished_one_changed_value_is_told_once(data: st.DataObject) -> None:
    first, memory = read_openings()["sa01"], RamMemory()
    judge(first, memory)
    steps = data.draw(st.permutations([*((old, f"{old} indeed") for old in LIGHT), ("at least 13", "at least 31")]))
    version, told = first, []
    for number, (old, new) in enumerate(steps):
        version = edit(version, f"v{number}", old, new)
        told += [new] if judge(version, memory).label.deserves_alert else []
    assert told == ["at least 31"]
    again = replace(version, item_id=ItemId("again"))
    assert not judge(again, memory).label.deserves_alert


def test_versions_that_are_read_again_tell_nothing() -> None:
    answer = Replay().answer
    texts = [CRANE, CRANE.replace("12 people", "31 people"), CRANE.replace("12 people", "33 people")]
    labels = [
        answer(write_line(f"{turn}-{n}", ADDRESS, text))["label"] for turn in "ab" for n, text in enumerate(texts)
    ]
    assert labels == ["new_story", "development", "development", *["near_duplicate"] * 3]
