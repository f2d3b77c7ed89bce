"""The replay filter: a stream of articles in time order -> label, story and new facts of each, from memory alone."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.fetch import canonicalise_url
from pipeline.filters.lines import LineError, read_text
from pipeline.judge import (
    DEFAULTS,
    JudgeSettings,
    RamMemory,
    judge_development,
    judge_duplicate,
    judge_story,
)
from pipeline.models import Assignment, Development, Duplicate, EarlierVersions, ItemId, Report, StoryId

PAGES_REMEMBERED = 15_000  # the last ones, as the memory of the rooms
ARTICLES_FOLLOWED = 30_000  # before those of closed stories are forgotten

Reply = dict[str, Any]


class Replay:
    """Answers one line after the other and remembers what it has read.

    In: id, published_at (ISO 8601; UTC when it has no offset), source, publisher, url, title, text.
    Out: id, label, story, duplicate_of, new_facts, because. A line with the address of an earlier one is a new
    version of that article, unless it holds another text altogether. `answer` raises LineError when a line is not
    readable so; nothing is remembered of it then. `take` holds answers back until the story of their article
    is closed, since it may still be merged or split: `story` is where the article ends, all else the first answer.
    """

    def __init__(self, settings: JudgeSettings = DEFAULTS) -> None:
        self._settings = settings
        self._memory = RamMemory()
        self._pages = _Pages()
        self._held: deque[Reply] = deque()
        self._whereabouts = _Whereabouts(timedelta(days=settings.group.open_days))

    def answer(self, line: Reply) -> Reply:
        """The first answer to a line."""
        report = self._pages.add_earlier(_read_line(line))
        duplicate = judge_duplicate(report, self._memory, self._settings)
        assignment = judge_story(report, duplicate, self._memory, self._settings)
        development = judge_development(report, duplicate, assignment, self._memory, self._settings)
        self._whereabouts.note(report, assignment)
        return _write_answer(duplicate, development)

    def take(self, reply: Reply) -> Iterator[Reply]:
        """Hold an answer back; yields those whose stories are closed by now, in the order of the lines."""
        self._held.append(reply)
        while self._held and self._whereabouts.is_closed(self._held[0]["id"] if "story" in self._held[0] else None):
            yield self._release()
        if self._whereabouts.is_full:
            self._whereabouts.forget_all_but({held["id"] for held in self._held if "story" in held})

    def finish(self) -> Iterator[Reply]:
        """The answers still held: the stream has ended."""
        while self._held:
            yield self._release()

    def _release(self) -> Reply:
        reply = self._held.popleft()
        return reply | {"story": self._whereabouts.find_story(reply["id"])} if "story" in reply else reply


class _Whereabouts:
    """Which story each article belongs to by now."""

    def __init__(self, open_for: timedelta) -> None:
        self._open_for = open_for  # a story silent for longer is closed
        self._stories: dict[str, StoryId] = {}
        self._leaders: dict[str, str] = {}  # copy or version -> the article that it goes with
        self._last_at: dict[StoryId, datetime] = {}
        self._now = datetime.min.replace(tzinfo=UTC)
        self._room = ARTICLES_FOLLOWED

    @property
    def is_full(self) -> bool:
        """True when articles should be forgotten."""
        return len(self._stories) > self._room

    def note(self, report: Report, assignment: Assignment) -> None:
        """Take in an answer of the grouping room."""
        for move in assignment.moves:
            self._stories[move.item_id] = move.to_story
            self._extend(move.to_story, self._last_at.get(move.from_story, report.published_at))
        self._now = max(self._now, report.published_at)
        self._stories[report.item_id] = assignment.story_id
        self._extend(assignment.story_id, report.published_at)
        if assignment.leader in self._stories:
            self._leaders[report.item_id] = assignment.leader

    def find_story(self, item_id: str) -> StoryId:
        """The story of an article that was noted; a copy has that of its original."""
        return self._stories[self._leaders.get(item_id, item_id)]

    def is_closed(self, item_id: str | None) -> bool:
        """True when the story of an article has been silent so long that it cannot change; None has no story."""
        return item_id is None or self._is_silent(self.find_story(item_id))

    def forget_all_but(self, wanted: set[str]) -> None:
        """Forget articles of closed stories that nobody waits for."""
        kept = {item for item, story in self._stories.items() if not self._is_silent(story)} | wanted
        kept |= {self._leaders[item] for item in kept if item in self._leaders}
        self._stories = {item: story for item, story in self._stories.items() if item in kept}
        self._leaders = {item: leader for item, leader in self._leaders.items() if item in kept}
        self._last_at = {story: at for story, at in self._last_at.items() if not self._is_silent(story)} | {
            story: self._last_at[story] for story in self._stories.values()
        }
        self._room = max(ARTICLES_FOLLOWED, 2 * len(self._stories))

    def _extend(self, story_id: StoryId, at: datetime) -> None:
        self._last_at[story_id] = max(at, self._last_at.get(story_id, at))

    def _is_silent(self, story_id: StoryId) -> bool:
        return self._now - self._last_at[story_id] > self._open_for


class _Pages:
    """What was read at each address, for the versions that follow."""

    def __init__(self) -> None:
        self._versions: OrderedDict[str, EarlierVersions] = OrderedDict()

    def add_earlier(self, report: Report) -> Report:
        """The report with what its page said before, and this text remembered for the next."""
        address = canonicalise_url(report.url)
        if address is None:
            return report
        earlier = self._versions.pop(address, None)
        known = tuple(item_id for item_id in earlier.item_ids if item_id != report.item_id) if earlier else ()
        self._versions[address] = EarlierVersions((*known, report.item_id), report.title, report.text)
        if len(self._versions) > PAGES_REMEMBERED:
            self._versions.popitem(last=False)
        return replace(report, earlier=replace(earlier, item_ids=known)) if earlier and known else report


def _read_line(line: dict[str, Any]) -> Report:
    source = read_text(line, "source")
    return Report(
        item_id=ItemId(line["id"]),
        published_at=read_time(read_text(line, "published_at")),
        source=source,
        publisher=read_text(line, "publisher") or source,
        url=read_text(line, "url"),
        title=read_text(line, "title"),
        text=read_text(line, "text"),
    )


def read_time(written: str) -> datetime:
    """An ISO 8601 time, in UTC when it has no offset; raises LineError."""
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        raise LineError("`published_at` is not an ISO 8601 time") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _write_answer(duplicate: Duplicate | None, development: Development) -> dict[str, Any]:
    return {
        "id": development.item_id,
        "label": development.label.value,
        "story": development.story_id,
        "duplicate_of": duplicate.of if duplicate else None,
        "new_facts": list(development.new_facts),
        "because": development.because,
    }
