"""The three judging rooms, composed: what is new, once.

    report > judge_duplicate > judge_story > judge_development

The steps run each room over everything that waits, room by room; the replay filter runs article by article through
all three. The answers are equal because every room remembers for itself and reads only what its own room, or a room
before it that has already judged this article, put down: dedupe keeps `ArticleView`, group keeps `StoryState`,
`Membership` and the term counts, detect keeps `Told`. Inside a room articles are judged one after the other, in the
order of publication (ties by item id); two workers must not run the same room at once.

`Memory` is all that a store has to offer: records of a kind under a key, findable by terms, and a table of term
counts. A record is a frozen dataclass of plain types, and `pydantic.TypeAdapter(kind)` carries it to JSON and back;
the store needs to know nothing else about it, so it can name its rows `kind.__name__`.

The three functions read and write the memory themselves. What they return is theirs to save by the caller, in the
same transaction as the memory.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, cast

from pipeline.dedupe import DedupeSettings, find_duplicate
from pipeline.detect import DetectSettings, Told, detect_development, start_telling, tell_article
from pipeline.facts import ArticleView, read_report
from pipeline.group import (
    Corpus,
    GroupSettings,
    StoryState,
    assign_story,
    choose_index_terms,
    open_story,
    take_in_article,
    weigh_article,
)
from pipeline.models import Assignment, Development, Duplicate, ItemId, Label, Report, StoryId

Record = TypeVar("Record")
DUPLICATE_CANDIDATES = 8


class Memory(Protocol):
    """What the rooms remember. Every read sees every earlier write of the same caller."""

    def recall(self, kind: type[Record], key: str) -> Record | None:
        """The record of that kind under that key, as last remembered."""

    def find(self, kind: type[Record], terms: Sequence[str], since: datetime, limit: int) -> Sequence[Record]:
        """The records of a kind with `at >= since` that were remembered under at least one of the terms.

        Order: number of shared terms, most first; then `at`, newest first; then key, ascending. The first `limit`.
        `terms` holds no term twice, at most 40 of them.
        """

    def remember(self, key: str, record: object, at: datetime, terms: Sequence[str] = ()) -> None:
        """Keep a record of kind `type(record)` under a key, in place of an earlier one and of its terms.

        `at` is aware and decides how long it can be found; a record whose `at` lies more than KEEP_DAYS before the
        newest of its kind is never asked for again and may be deleted.
        """

    def count_terms(self, terms: Collection[str]) -> None:
        """One more document that holds these terms, each once."""

    def read_counts(self, terms: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """How many documents were counted, and how many of them hold each term; terms never counted may be absent."""


KEEP_DAYS = 60
MAX_RECORDS = 15_000  # of a kind in RamMemory: about 45 KB an article in all, so below 0.8 GB


@dataclass(frozen=True, slots=True)
class Membership:
    """Which story an article went to."""

    item_id: ItemId
    story_id: StoryId


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """The settings of the three rooms."""

    dedupe: DedupeSettings = field(default_factory=DedupeSettings)
    group: GroupSettings = field(default_factory=GroupSettings)
    detect: DetectSettings = field(default_factory=DetectSettings)


DEFAULTS = JudgeSettings()


def judge_duplicate(report: Report, memory: Memory, settings: JudgeSettings = DEFAULTS) -> Duplicate | None:
    """Whether this article is an earlier one again. Remembers it when it is not: copies are stood for by the first."""
    view = read_report(report)
    since = view.published_at - timedelta(days=settings.dedupe.memory_days)
    candidates = memory.find(ArticleView, view.band_keys, since, DUPLICATE_CANDIDATES)
    duplicate = find_duplicate(view, candidates, settings.dedupe)
    if duplicate is None:
        memory.remember(view.item_id, replace(view, terms={}, band_keys=()), view.published_at, view.band_keys)
    return duplicate


def judge_story(
    report: Report, duplicate: Duplicate | None, memory: Memory, settings: JudgeSettings = DEFAULTS
) -> Assignment:
    """Which story the article belongs to. A copy goes with its original, a new version stays where the first went."""
    assignment = _follow(report, duplicate, memory)
    if assignment is None:
        assignment = _place(read_report(report), memory, settings.group)
    membership = Membership(report.item_id, assignment.story_id)
    memory.remember(report.item_id, membership, report.published_at)
    return assignment


def _follow(report: Report, duplicate: Duplicate | None, memory: Memory) -> Assignment | None:
    leader = duplicate.of if duplicate else report.item_id
    known = memory.recall(Membership, leader)
    if known is None:
        return None
    because = f"copy of {duplicate.of}" if duplicate else "new version of a known article"
    return Assignment(report.item_id, known.story_id, False, duplicate.similarity if duplicate else 1.0, because)


def _place(view: ArticleView, memory: Memory, settings: GroupSettings) -> Assignment:
    corpus = Corpus(*memory.read_counts(view.terms.keys()))
    article = weigh_article(view, corpus)
    terms = choose_index_terms(article, settings.index_terms)
    since = view.published_at - timedelta(days=settings.open_days)
    candidates = memory.find(StoryState, terms, since, settings.candidates)
    assignment = assign_story(view, article, candidates, corpus, settings)
    story = next((s for s in candidates if s.id == assignment.story_id), None)
    story = take_in_article(story, view, article, terms) if story else open_story(view, article, terms)
    memory.remember(story.id, story, story.last_at, story.index_terms)
    memory.count_terms(view.terms.keys())
    return assignment


def judge_development(
    report: Report,
    duplicate: Duplicate | None,
    assignment: Assignment,
    memory: Memory,
    settings: JudgeSettings = DEFAULTS,
) -> Development:
    """What the article tells that its story had not told yet."""
    story_id = assignment.story_id
    if duplicate is not None:
        because = f"same text as {duplicate.of}"
        return Development(report.item_id, story_id, Label.NEAR_DUPLICATE, (), because)
    view = read_report(report)
    told = memory.recall(Told, story_id)
    development = detect_development(view, story_id, told, settings.detect)
    told = tell_article(told or start_telling(story_id, view.published_at), view)
    memory.remember(story_id, told, told.last_at)
    return development


class RamMemory:
    """A memory for one process: the replay filter and the tests. Keeps the newest MAX_RECORDS of each kind."""

    def __init__(self) -> None:
        self._records: dict[type, dict[str, tuple[object, datetime, tuple[str, ...]]]] = {}
        self._postings: dict[type, dict[str, set[str]]] = {}
        self._documents = 0
        self._counts: Counter[str] = Counter()

    def recall(self, kind: type[Record], key: str) -> Record | None:
        """See `Memory.recall`."""
        held = self._records.get(kind, {}).get(key)
        return cast(Record, held[0]) if held else None

    def find(self, kind: type[Record], terms: Sequence[str], since: datetime, limit: int) -> Sequence[Record]:
        """See `Memory.find`."""
        postings, records = self._postings.get(kind, {}), self._records.get(kind, {})
        shared = Counter(key for term in terms for key in postings.get(term, ()))
        ranked = (
            (-count, -records[key][1].timestamp(), key) for key, count in shared.items() if records[key][1] >= since
        )
        return [cast(Record, records[key][0]) for _, _, key in heapq.nsmallest(limit, ranked)]

    def remember(self, key: str, record: object, at: datetime, terms: Sequence[str] = ()) -> None:
        """See `Memory.remember`."""
        self._forget(type(record), key)
        self._records.setdefault(type(record), {})[key] = (record, at, tuple(terms))
        postings = self._postings.setdefault(type(record), {})
        for term in terms:
            postings.setdefault(term, set()).add(key)
        if len(self._records[type(record)]) > MAX_RECORDS + MAX_RECORDS // 10:
            self._forget_oldest(type(record))

    def count_terms(self, terms: Collection[str]) -> None:
        """See `Memory.count_terms`."""
        self._documents += 1
        self._counts.update(terms)

    def read_counts(self, terms: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """See `Memory.read_counts`."""
        return self._documents, {term: self._counts[term] for term in terms if term in self._counts}

    def _forget_oldest(self, kind: type) -> None:
        by_age = sorted(self._records[kind], key=lambda key: (self._records[kind][key][1], key))
        for key in by_age[: len(by_age) - MAX_RECORDS]:
            self._forget(kind, key)

    def _forget(self, kind: type, key: str) -> None:
        held = self._records.get(kind, {}).pop(key, None)
        for term in held[2] if held else ():
            keys = self._postings[kind][term]
            keys.discard(key)
            if not keys:
                del self._postings[kind][term]
