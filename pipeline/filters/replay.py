"""The replay filter: a stream of articles in time order -> label, story and new facts of each, from memory alone."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.facts import read_earlier
from pipeline.fetch import canonicalise_url
from pipeline.filters.lines import LineError, read_text
from pipeline.judge import DEFAULTS, JudgeSettings, RamMemory, judge_development, judge_duplicate, judge_story
from pipeline.models import Assignment, Development, Duplicate, EarlierVersions, ItemId, Report, StoryId

PAGES_REMEMBERED = 15_000  # the last ones, as the memory of the rooms

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
        self._stories: dict[str, StoryId] = {}  # of the articles whose answers are held
        self._leaders: dict[str, str] = {}  # copy -> the article that it goes with
        self._last_at: dict[StoryId, datetime] = {}
        self._now = datetime.min.replace(tzinfo=UTC)
        self._open = timedelta(days=settings.group.open_days)

    def answer(self, line: Reply) -> Reply:
        """The first answer to a line."""
        report = self._pages.add_earlier(_read_line(line))
        duplicate = judge_duplicate(report, self._memory, self._settings)
        assignment = judge_story(report, duplicate, self._memory, self._settings)
        development = judge_development(report, duplicate, assignment, self._memory, self._settings)
        self._note(report, duplicate, assignment)
        return _write_answer(duplicate, development)

    def take(self, reply: Reply) -> Iterator[Reply]:
        """Hold an answer back; yields those whose stories are closed by now, in the order of the lines."""
        self._held.append(reply)
        while self._held and self._is_closed(self._held[0]):
            yield self._release()

    def finish(self) -> Iterator[Reply]:
        """The answers still held: the stream has ended."""
        while self._held:
            yield self._release()

    def _note(self, report: Report, duplicate: Duplicate | None, assignment: Assignment) -> None:
        for move in assignment.moves:
            self._stories[move.item_id] = move.to_story
            self._extend(move.to_story, self._last_at.get(move.from_story, report.published_at))
        self._now = max(self._now, report.published_at)
        self._stories[report.item_id] = assignment.story_id
        self._extend(assignment.story_id, report.published_at)
        leader = _find_leader(report, duplicate)
        if leader:
            self._leaders[report.item_id] = self._leaders.get(leader, leader)

    def _extend(self, story_id: StoryId, at: datetime) -> None:
        self._last_at[story_id] = max(at, self._last_at.get(story_id, at))

    def _find_story(self, item_id: str) -> StoryId | None:
        leader = self._leaders.get(item_id, item_id)
        return self._stories.get(leader) or self._stories.get(item_id)

    def _is_closed(self, reply: Reply) -> bool:
        story_id = self._find_story(reply["id"]) if "story" in reply else None
        return story_id is None or self._now - self._last_at[story_id] > self._open

    def _release(self) -> Reply:
        reply = self._held.popleft()
        if "story" not in reply:
            return reply
        story_id = self._find_story(reply["id"]) or reply["story"]
        self._stories.pop(reply["id"], None)
        self._leaders.pop(reply["id"], None)
        return reply | {"story": story_id}


def _find_leader(report: Report, duplicate: Duplicate | None) -> str | None:
    """The article that this one goes with: a version with the first one, a copy with its original."""
    if report.earlier and read_earlier(report):
        return report.earlier.item_ids[0]
    return duplicate.of if duplicate else None


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
