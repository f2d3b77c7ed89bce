"""The three judging rooms over many articles: one after the other as ever, but what they will read is read at once.

    weigh all > look all up > compare > read what lies near > judge one after the other

What is foreseen only saves time: each article is judged by what the memory holds when it is its turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Protocol, TypeVar

from pipeline import judge
from pipeline.dedupe import Fingerprint
from pipeline.detect import Told
from pipeline.facts import read_report
from pipeline.group import Corpus, GroupSettings, Sketch, StoryState, list_terms, rank_stories
from pipeline.judge import DEFAULTS, FINGERPRINTS, JudgeSettings, Membership, Memory, MovedUntold, Weighed
from pipeline.models import Assignment, Development, Duplicate, ItemId, Report, make_story_id

Record = TypeVar("Record")
Given = Sequence[tuple[Report, Duplicate | None]]


class LotMemory(Memory, Protocol):
    """One that reads for many articles at once what each of them would ask for alone."""

    def read_ahead(self, kind: type[Record], keys: Iterable[str]) -> None:
        """Read the records that will be recalled."""

    def find_ahead(
        self, kind: type[Record], asked: Sequence[tuple[Sequence[str], datetime]], limit: int
    ) -> list[Sequence[Record]]:
        """What `find` says by now to each of these terms since these times."""


def judge_duplicates(
    reports: Sequence[Report], memory: LotMemory, settings: JudgeSettings = DEFAULTS
) -> list[Duplicate | None]:
    """`judge_duplicate` of many articles."""
    views = [read_report(report) for report in reports]
    asked = [(view.band_keys, judge.remember_since(view, settings.dedupe)) for view in views]
    memory.find_ahead(Fingerprint, asked, FINGERPRINTS)
    return [judge.judge_duplicate(report, memory, settings) for report in reports]


def judge_stories(given: Given, memory: LotMemory, settings: JudgeSettings = DEFAULTS) -> list[Assignment]:
    """`judge_story` of many articles."""
    weighed = _compare(_weigh(given, memory, settings.group), memory, settings.group)
    _read_near(list(weighed.values()), memory, settings.group)
    return [
        judge.judge_story(report, duplicate, memory, settings, weighed.get(report.item_id))
        for report, duplicate in given
    ]


def judge_developments(
    given: Sequence[tuple[Report, Duplicate | None, Assignment]],
    memory: LotMemory,
    settings: JudgeSettings = DEFAULTS,
) -> list[Development]:
    """`judge_development` of many articles."""
    memory.read_ahead(Told, [story for _, _, at in given for story in (at.story_id, at.near) if story])
    memory.read_ahead(MovedUntold, [report.item_id for report, _, _ in given])
    return [judge.judge_development(*each, memory, settings) for each in given]


def _weigh(given: Given, memory: LotMemory, settings: GroupSettings) -> dict[ItemId, Weighed]:
    """Those articles that will not follow another one, each as it is when it is its turn to be placed."""
    views = [read_report(report) for report in _list_placed(given, memory)]
    documents, known = memory.read_counts(set(chain.from_iterable(view.terms for view in views)))
    counts, weighed = dict(known), {}
    for number, view in enumerate(views):
        corpus = Corpus(documents + number, {term: counts[term] for term in view.terms if term in counts})
        weighed[ItemId(view.item_id)] = judge.weigh_report(view, corpus, settings)
        for term in view.terms:
            counts[term] = counts.get(term, 0) + 1
    return weighed


def _list_placed(given: Given, memory: LotMemory) -> list[Report]:
    """The reports for which the room will find nothing to follow."""
    firsts = [judge.find_first(*each) for each in given]
    memory.read_ahead(Membership, [*firsts, *(report.item_id for report, _ in given)])
    placed, judged = [], set()
    for (report, _), first in zip(given, firsts, strict=True):
        if first not in judged and memory.recall(Membership, first) is None:
            placed.append(report)
        judged.add(report.item_id)
    return placed


def _compare(weighed: dict[ItemId, Weighed], memory: LotMemory, settings: GroupSettings) -> dict[ItemId, Weighed]:
    asked = [(each.terms, each.since) for each in weighed.values()]
    found = memory.find_ahead(StoryState, asked, settings.candidates)
    memory.read_ahead(StoryState, map(make_story_id, weighed))  # a story that is opened asks whether its name is free
    return {
        item_id: replace(each, ranked=rank_stories(each.article, stories, each.corpus))
        for (item_id, each), stories in zip(weighed.items(), found, strict=True)
    }


def _read_near(weighed: Sequence[Weighed], memory: LotMemory, settings: GroupSettings) -> None:
    """The articles of the stories that will be put together anew, and how common their terms are."""
    near = [judge.choose_near(each.ranked, settings) for each in weighed]
    members = {item_id for stories in near for story in stories for item_id in story.members}
    sketches = memory.recall_all(Sketch, list(members))
    memory.read_counts(
        list_terms([*(each.sketch for each, stories in zip(weighed, near, strict=True) if stories), *sketches])
    )
