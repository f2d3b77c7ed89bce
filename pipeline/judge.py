"""The three judging rooms, composed: what is new, once.

    report > judge_duplicate > judge_story > judge_development

The steps run each room over everything that waits, room by room; the replay filter runs article by article through
all three. The answers are equal because every room remembers for itself and reads only what its own room, or a room
before it that has already judged this article, put down: dedupe keeps `Fingerprint` and `ArticleView`, group keeps
`StoryState`, `Membership` and the term counts, detect keeps `Told`. Inside a room articles are judged one after the
other, in the order of publication (ties by item id); two workers must not run the same room at once.

`Memory` is all that a store has to offer: records of a kind under a key, findable by terms, and a table of term
counts. A record is a frozen dataclass of plain types, and `pydantic.TypeAdapter(kind)` carries it to JSON and back;
the store needs to know nothing else about it, so it can name its rows `kind.__name__`.

The three functions read and write the memory themselves. What they return is theirs to save by the caller, in the
same transaction as the memory.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol, TypeVar, cast

from pipeline.dedupe import (
    DedupeSettings,
    Fingerprint,
    choose_candidates,
    find_duplicate,
    find_same_words,
    keep_facts,
    take_fingerprint,
)
from pipeline.detect import (
    DetectSettings,
    Told,
    Verdict,
    detect_development,
    detect_edit,
    keep_waiting,
    start_telling,
    tell_again,
    tell_article,
    tell_both,
)
from pipeline.facts import ArticleView, has_new_headline, read_earlier, read_report
from pipeline.group import (
    Change,
    Corpus,
    GroupSettings,
    Neighbourhood,
    Sketch,
    StoryState,
    WeighedArticle,
    choose_index_terms,
    explain_place,
    is_clear,
    join_article,
    list_near,
    list_terms,
    place_article,
    rank_stories,
    sketch_article,
    weigh_article,
)
from pipeline.listing import LISTED, count_day
from pipeline.models import Assignment, Development, Duplicate, ItemId, Label, Move, Report, StoryId

Record = TypeVar("Record")
FINGERPRINTS = 64  # looked at for one article: more share a band by chance in a large archive


class Memory(Protocol):
    """What the rooms remember. Every read sees every earlier write of the same caller."""

    def recall(self, kind: type[Record], key: str) -> Record | None:
        """The record of that kind under that key, as last remembered."""

    def recall_all(self, kind: type[Record], keys: Collection[str]) -> list[Record]:
        """Those that there are of the records under these keys, in the order of the keys."""

    def find(self, kind: type[Record], terms: Sequence[str], since: datetime, limit: int) -> Sequence[Record]:
        """The records of a kind that were remembered under at least one of the terms, none of a day before `since`.

        Days are those of UTC. Of each term count only the LISTED newest records: by day, and inside a day by key, the
        last ones first. So a lookup costs the same however large the archive and however common a term.
        Order: number of shared terms, most first; then day, newest first; then key, descending. The first `limit`.
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
    """Which story an article belongs to."""

    item_id: ItemId
    story_id: StoryId
    leader: ItemId | None = None  # of a copy or version: the article that it goes with, wherever that moves


@dataclass(frozen=True, slots=True)
class MovedUntold:
    """An article that was moved to another story before detection came to it: a fault of ours had kept it."""

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
    """Whether this article is an earlier one again. Of a copy only the fingerprint is kept: the first stands for it.

    A version is no copy of its own earlier ones, however light the edit, unless every word is the same.
    """
    view = read_report(report)
    fingerprint = take_fingerprint(view)
    near = memory.find(Fingerprint, view.band_keys, remember_since(view, settings.dedupe), FINGERPRINTS)
    earlier = read_earlier(report)
    if earlier and has_new_headline(view, earlier):
        near = _keep_same_headlines(view, near, memory)
    duplicate = find_same_words(fingerprint, near)
    if duplicate is not None:
        return duplicate
    own = _list_versions(report)
    near = [other for other in near if other.item_id not in own]
    chosen = choose_candidates(fingerprint, near, settings.dedupe)
    duplicate = find_duplicate(view, memory.recall_all(ArticleView, chosen), settings.dedupe)
    stands_for = replace(fingerprint, item_id=duplicate.of if duplicate else view.item_id)
    memory.remember(view.item_id, stands_for, view.published_at, view.band_keys)
    if duplicate is None:
        memory.remember(view.item_id, keep_facts(view), view.published_at)
    return duplicate


def _keep_same_headlines(view: ArticleView, near: Sequence[Fingerprint], memory: Memory) -> list[Fingerprint]:
    """Those of texts whose headline says the same: where an edit changed the headline, what is below may be a copy."""
    headline = keep_facts(view).title
    known = memory.recall_all(ArticleView, list(dict.fromkeys(other.item_id for other in near)))
    same = {other.item_id for other in known if other.title == headline}
    return [other for other in near if other.item_id in same]


def remember_since(view: ArticleView, settings: DedupeSettings) -> datetime:
    """The time of the earliest article that this one may be a copy of."""
    return view.published_at - timedelta(days=settings.memory_days)


def judge_story(
    report: Report,
    duplicate: Duplicate | None,
    memory: Memory,
    settings: JudgeSettings = DEFAULTS,
    weighed: Weighed | None = None,
) -> Assignment:
    """Which story the article belongs to. A copy goes with its original, a new version stays where the first went."""
    assignment = _follow(report, duplicate, memory)
    if assignment is None:
        view = read_report(report)
        if weighed is None:
            weighed = weigh_report(view, Corpus(*memory.read_counts(view.terms.keys())), settings.group)
        assignment = _place(view, weighed, memory, settings.group)
    membership = Membership(report.item_id, assignment.story_id, assignment.leader)
    memory.remember(report.item_id, membership, report.published_at)
    return assignment


def _follow(report: Report, duplicate: Duplicate | None, memory: Memory) -> Assignment | None:
    """A version goes with the first one, a copy with its original; where those follow another, with that."""
    first = find_first(report, duplicate)
    known = _find_leading(first, memory)
    if known is None:
        return None
    is_copy = duplicate is not None and not _list_versions(report)
    because = f"copy of {first}" if is_copy else "new version of a known article"
    similarity = duplicate.similarity if duplicate and is_copy else 1.0
    leader = known.item_id if known.item_id != report.item_id else None
    return Assignment(report.item_id, known.story_id, False, similarity, because, leader=leader)


def find_first(report: Report, duplicate: Duplicate | None) -> ItemId:
    """The article that a version or copy goes with, or that goes with another one itself; of any other, itself."""
    versions = _list_versions(report)
    return versions[0] if versions else duplicate.of if duplicate else report.item_id


def _find_leading(item_id: ItemId, memory: Memory) -> Membership | None:
    """Of an article that goes with another, that one; of any other, itself."""
    known, passed = memory.recall(Membership, item_id), {item_id}
    while known and known.leader and known.leader not in passed:
        passed.add(known.leader)
        known = memory.recall(Membership, known.leader) or replace(known, leader=None)
    return known


@dataclass(frozen=True, slots=True)
class Weighed:
    """An article by what was counted before it, what its story is looked up by, and stories it was compared with."""

    article: WeighedArticle
    corpus: Corpus
    terms: tuple[str, ...]
    since: datetime
    sketch: Sketch
    ranked: Sequence[tuple[float, StoryState]] = ()


def weigh_report(view: ArticleView, corpus: Corpus, settings: GroupSettings) -> Weighed:
    """All that is known of the place of an article before stories are looked at."""
    article = weigh_article(view, corpus)
    terms = choose_index_terms(article, settings.index_terms)
    since = view.published_at - timedelta(days=settings.open_days)
    return Weighed(article, corpus, terms, since, sketch_article(view, article, terms, corpus))


def _rank(weighed: Weighed, stories: Sequence[StoryState]) -> list[tuple[float, StoryState]]:
    """`rank_stories`, but for those that were compared already and have not changed since."""
    scores = {id(story): score for score, story in weighed.ranked}
    changed = [story for story in stories if id(story) not in scores]
    scores |= {id(story): score for score, story in rank_stories(weighed.article, changed, weighed.corpus)}
    return sorted(((scores[id(story)], story) for story in stories), key=lambda pair: -pair[0])


def choose_near(ranked: Sequence[tuple[float, StoryState]], settings: GroupSettings) -> list[StoryState]:
    """The stories that are put together anew with an article; none where it clearly joins one."""
    near = list_near(ranked, settings)
    return [] if is_clear(near, settings) else [story for _, story in near]


def _place(view: ArticleView, weighed: Weighed, memory: Memory, settings: GroupSettings) -> Assignment:
    article, corpus, sketch = weighed.article, weighed.corpus, weighed.sketch
    ranked = _rank(weighed, memory.find(StoryState, weighed.terms, weighed.since, settings.candidates))
    memory.remember(sketch.item_id, sketch, sketch.published_at)
    memory.count_terms(view.terms.keys())
    near = list_near(ranked, settings)
    if is_clear(near, settings):
        change = join_article(sketch, near[0][1], corpus)
    else:
        change = _put_together(sketch, [story for _, story in near], corpus, memory, settings)
    for story in change.stories:
        memory.remember(story.id, story, story.last_at, story.index_terms)
    for move in change.moves:
        memory.remember(move.item_id, Membership(move.item_id, move.to_story), view.published_at)
    return explain_place(article, sketch.item_id, change.story_id, ranked, change.moves)


def _put_together(
    sketch: Sketch, stories: Sequence[StoryState], corpus: Corpus, memory: Memory, settings: GroupSettings
) -> Change:
    near = _recall_near(stories, memory)
    if near.stories:
        compared = list_terms([sketch, *chain.from_iterable(near.sketches.values())])
        corpus = Corpus(*memory.read_counts(compared))
    return place_article(sketch, near, corpus, lambda name: _is_free(name, memory), settings.regroup)


def _recall_near(stories: Sequence[StoryState], memory: Memory) -> Neighbourhood:
    known = memory.recall_all(Sketch, [item_id for story in stories for item_id in story.members])
    by_id = {sketch.item_id: sketch for sketch in known}
    sketches = {story.id: [by_id[item_id] for item_id in story.members if item_id in by_id] for story in stories}
    sketches = {story_id: found for story_id, found in sketches.items() if found}
    return Neighbourhood([story for story in stories if story.id in sketches], sketches)


def _is_free(name: StoryId, memory: Memory) -> bool:
    state = memory.recall(StoryState, name)
    return state is None or not state.size


def judge_development(
    report: Report,
    duplicate: Duplicate | None,
    assignment: Assignment,
    memory: Memory,
    settings: JudgeSettings = DEFAULTS,
) -> Development:
    """What the article tells that its story had not told yet. Articles that it moves have moved before that."""
    _move_told(assignment.moves, report.published_at, memory)
    moved = memory.recall(MovedUntold, report.item_id)
    story_id = moved.story_id if moved else assignment.story_id
    if duplicate is not None:
        because = f"{'edited, nothing new: ' if _list_versions(report) else ''}same text as {duplicate.of}"
        return Development(report.item_id, story_id, Label.NEAR_DUPLICATE, (), because)
    view, earlier = read_report(report), read_earlier(report)
    told = _recall_told(story_id, memory)
    if earlier is None:
        near = _recall_told(assignment.near, memory) if assignment.near else None
        verdict = detect_development(view, story_id, told, settings.detect, near)
    else:
        verdict = Verdict(detect_edit(view, earlier, story_id, told, settings.detect))
    if told is None and verdict.development.label is Label.REPEAT:
        return verdict.development  # nobody heard of the story: its first report is still to come
    goes_with = None if earlier is None else assignment.leader or _list_versions(report)[0]
    told = tell_article(told or start_telling(story_id, view.published_at), view, goes_with)
    told = keep_waiting(told, verdict.held, verdict.confirmed)
    memory.remember(story_id, told, told.last_at)
    return verdict.development


def _list_versions(report: Report) -> tuple[ItemId, ...]:
    """The earlier versions of the same article, oldest first."""
    return report.earlier.item_ids if report.earlier and read_earlier(report) else ()


def _recall_told(story_id: StoryId, memory: Memory) -> Told | None:
    told = memory.recall(Told, story_id)
    return told if told and told.articles else None


def _move_told(moves: Sequence[Move], at: datetime, memory: Memory) -> None:
    """What the stories have told, after articles went from one to another: they are told there, and nowhere else."""
    for left, joined in dict.fromkeys((move.from_story, move.to_story) for move in moves):
        told = _recall_told(left, memory)
        gone = {move.item_id for move in moves if (move.from_story, move.to_story) == (left, joined)}
        moved = gone.intersection(told.items) if told else set()
        for item_id in gone - moved:
            memory.remember(item_id, MovedUntold(item_id, joined), at)
        if told is None or not moved:
            continue
        stay = set(told.items) - moved
        rest = tell_again(left, told, _recall_views(told, stay, memory))
        left_with = told if not stay else tell_again(joined, told, _recall_views(told, moved, memory))
        there = _recall_told(joined, memory)
        whole = tell_both(there, left_with) if there else replace(left_with, story_id=joined)
        memory.remember(left, rest, told.last_at)
        memory.remember(joined, whole, whole.last_at)


def _recall_views(told: Told, ids: Collection[ItemId], memory: Memory) -> list[ArticleView]:
    """These articles and their later versions, as far as they were told."""
    versions = [version for version, first in told.versions if first in ids]
    return memory.recall_all(ArticleView, [*sorted(ids), *versions])


@dataclass(frozen=True, slots=True)
class _Held:
    record: object
    at: datetime
    place: str  # day and key: where it stands in the lists of its terms
    terms: tuple[str, ...]


DAY_DIGITS = 7


def _write_place(at: datetime, key: str) -> str:
    return f"{count_day(at):0{DAY_DIGITS}}{key}"


class RamMemory:
    """A memory for one process: the replay filter and the tests. Keeps the newest MAX_RECORDS of each kind."""

    def __init__(self) -> None:
        self._records: dict[type, dict[str, _Held]] = {}
        self._lists: dict[type, dict[str, list[str]]] = {}  # term -> places, oldest first
        self._documents = 0
        self._counts: Counter[str] = Counter()

    def recall(self, kind: type[Record], key: str) -> Record | None:
        """See `Memory.recall`."""
        held = self._records.get(kind, {}).get(key)
        return cast(Record, held.record) if held else None

    def recall_all(self, kind: type[Record], keys: Collection[str]) -> list[Record]:
        """See `Memory.recall_all`."""
        return [record for key in keys if (record := self.recall(kind, key)) is not None]

    def find(self, kind: type[Record], terms: Sequence[str], since: datetime, limit: int) -> Sequence[Record]:
        """See `Memory.find`."""
        lists, records, first = self._lists.get(kind, {}), self._records.get(kind, {}), _write_place(since, "")
        listed = (lists[term][-LISTED:] for term in terms if term in lists)
        shared = Counter(chain.from_iterable(places[bisect_left(places, first) :] for places in listed))
        ranked = heapq.nlargest(limit, ((count, place) for place, count in shared.items()))
        return [cast(Record, records[place[DAY_DIGITS:]].record) for _, place in ranked]

    def remember(self, key: str, record: object, at: datetime, terms: Sequence[str] = ()) -> None:
        """See `Memory.remember`."""
        kind = type(record)
        self._forget(kind, key)
        held = _Held(record, at, _write_place(at, key), tuple(terms))
        self._records.setdefault(kind, {})[key] = held
        lists = self._lists.setdefault(kind, {})
        for term in terms:
            insort(lists.setdefault(term, []), held.place)
        if len(self._records[kind]) > MAX_RECORDS + MAX_RECORDS // 10:
            self._forget_oldest(kind)

    def count_terms(self, terms: Collection[str]) -> None:
        """See `Memory.count_terms`."""
        self._documents += 1
        self._counts.update(terms)

    def read_counts(self, terms: Collection[str]) -> tuple[int, Mapping[str, int]]:
        """See `Memory.read_counts`."""
        known = [*filter(self._counts.__contains__, terms)]
        return self._documents, dict(zip(known, map(self._counts.__getitem__, known), strict=True))

    def _forget_oldest(self, kind: type) -> None:
        by_age = sorted(self._records[kind], key=lambda key: (self._records[kind][key].at, key))
        for key in by_age[: len(by_age) - MAX_RECORDS]:
            self._forget(kind, key)

    def _forget(self, kind: type, key: str) -> None:
        held = self._records.get(kind, {}).pop(key, None)
        if held is None:
            return
        for term in held.terms:
            places = self._lists[kind][term]
            del places[bisect_left(places, held.place)]
            if not places:
                del self._lists[kind][term]
