"""The replay filter: a stream of articles in time order -> label, story and new facts of each, from memory alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pipeline.filters.lines import LineError, read_text
from pipeline.judge import RamMemory, judge_development, judge_duplicate, judge_story
from pipeline.models import Development, Duplicate, ItemId, Report


def make_replay_answer() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A function that answers one line after the other and remembers what it has read.

    In: id, published_at (ISO 8601; UTC when it has no offset), source, publisher, url, title, text.
    Out: id, label, story, duplicate_of, new_facts, because. Raises LineError when a line is not
    readable so; nothing is remembered of it then.
    """
    memory = RamMemory()

    def answer(line: dict[str, Any]) -> dict[str, Any]:
        report = _read_line(line)
        duplicate = judge_duplicate(report, memory)
        assignment = judge_story(report, duplicate, memory)
        return _write_answer(duplicate, judge_development(report, duplicate, assignment, memory))

    return answer


def _read_line(line: dict[str, Any]) -> Report:
    source = read_text(line, "source")
    return Report(
        item_id=ItemId(line["id"]),
        published_at=_read_time(read_text(line, "published_at")),
        source=source,
        publisher=read_text(line, "publisher") or source,
        url=read_text(line, "url"),
        title=read_text(line, "title"),
        text=read_text(line, "text"),
    )


def _read_time(written: str) -> datetime:
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
