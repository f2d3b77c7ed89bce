"""The life of one article in words, for `wirewatch why`."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.cli.screen import printable
from pipeline.store.reports import ItemLife

_SHOWN_CHARACTERS = 160
_NEAREST_TOPICS = 3


def describe_life(life: ItemLife) -> str:
    """Every room with its outcome and reason, and what the room added, as indented lines."""
    return "\n".join(_lines(life))


def _lines(life: ItemLife) -> Iterator[str]:
    yield f"{life.url}"
    yield f"  id {life.item_id}, from {_short(life.source_name)} ({_short(life.publisher)})"
    yield f"  first seen {life.first_seen_at.isoformat(' ', 'seconds')}"
    details = {
        "clean": _clean_details,
        "classify": _topic_details,
        "dedupe": _copy_details,
        "group": _story_details,
        "detect": _news_details,
        "alert": _message_details,
    }
    for answer in life.answers:
        reason = f": {_short(answer.reason)}" if answer.reason else ""
        yield f"{answer.room:>9} {answer.outcome}{reason}"
        for line in details.get(answer.room, lambda _: ())(life):
            yield f"{'':>11}{line}"
    if life.waiting_for:
        tried = f", tried in {life.fetch_attempts} runs" if life.fetch_attempts else ""
        last = f", last: {_short(life.last_fetch_reason)}" if life.last_fetch_reason else ""
        yield f"{life.waiting_for:>9} has not answered yet{tried}{last}"
    yield from _version_lines(life)


def _clean_details(life: ItemLife) -> Iterator[str]:
    if life.article:
        yield f"title: {_short(life.article.title)}"
        yield f"published {life.article.published_at.isoformat(' ', 'seconds')} by {life.article.published_from}"
        yield f"{len(life.article.text.split())} words, language {life.article.language or 'undecided'}"
    kept = life.article or life.rejection
    for dropped in kept.dropped if kept else ():
        yield f"dropped by {dropped.rule}: {_short(dropped.text)}"


def _topic_details(life: ItemLife) -> Iterator[str]:
    if life.classification:
        for match in life.classification.topics:
            carried = f" by {', '.join(match.terms)}" if match.terms else ""
            yield _short(f"{match.topic} {match.probability:.2f}{carried}")
        if not life.classification.topics and not life.classification.unsupported_language:
            nearest = sorted(life.classification.scores.items(), key=lambda pair: -pair[1])[:_NEAREST_TOPICS]
            yield "nearest: " + ", ".join(f"{topic} {score:.2f}" for topic, score in nearest)
        yield f"model {life.classification.model_version}"


def _copy_details(life: ItemLife) -> Iterator[str]:
    if life.duplicate:
        yield f"{life.duplicate.kind} copy of item {life.duplicate.of}"


def _story_details(life: ItemLife) -> Iterator[str]:
    if life.assignment:
        first = life.assignment.story_id
        yield f"story {life.story_id}" + (f", at first {first}" if first != life.story_id else "")


def _news_details(life: ItemLife) -> Iterator[str]:
    if life.development:
        weighed = f" ({life.development.weighed})" if life.development.weighed else ""
        yield f"importance {life.development.importance:.2f}{weighed}"
        for sentence in life.development.new_facts:
            yield f"new: {_short(sentence)}"


def _message_details(life: ItemLife) -> Iterator[str]:
    for message in life.messages:
        reason = f": {_short(message.reason)}" if message.reason else ""
        yield f"message to {message.channel} {message.state}{reason}"


def _version_lines(life: ItemLife) -> Iterator[str]:
    """What became of the article's other texts: those that its page held before and after this one."""
    if len(life.versions) < 2:
        return
    yield f"{'versions':>9} the page was read, or is to be read, {len(life.versions)} times"
    number = 0
    for each in life.versions:
        number += not each.is_unchanged
        name = "the same" if each.is_unchanged else f"version {number}"
        told = f"{each.outcome}: {_short(each.reason)}" if each.reason else each.outcome
        waits = f"waits for {each.waiting_for}" if each.waiting_for else ""
        this = ", this one" if each.item_id == life.item_id else ""
        noticed = each.noticed_at.isoformat(" ", "seconds")
        yield f"{'':>11}{name}{this}, {noticed}, id {each.item_id}: {'; '.join(filter(None, (told, waits)))}"


def _short(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= _SHOWN_CHARACTERS else line[: _SHOWN_CHARACTERS - 1] + "…"
