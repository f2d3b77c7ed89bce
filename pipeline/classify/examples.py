"""Labelled examples, read from JSON lines and checked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.errors import SettingError


@dataclass(frozen=True, slots=True)
class Example:
    """One text with all its topics; an empty tuple means that none fits."""

    title: str
    text: str
    topics: tuple[str, ...]
    is_label: bool = False  # given by a reader of this desk to an article that the desk received


def parse_examples(jsonl: str, topic_ids: Iterable[str], name: str) -> list[Example]:
    """Read one file of examples; raise SettingError that names the line."""
    known = frozenset(topic_ids)
    lines = enumerate(jsonl.split("\n"), start=1)
    return [_read_example(line, known, f"{name}, line {number}") for number, line in lines if line.strip()]


def _read_example(line: str, known: frozenset[str], where: str) -> Example:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise SettingError(f"{where}: not JSON ({error})") from error
    if not isinstance(row, dict) or not isinstance(row.get("title"), str) or not isinstance(row.get("text"), str):
        raise SettingError(f"{where}: an example needs title and text as texts")
    topics = row.get("topics")
    if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
        raise SettingError(f"{where}: topics must be a list of topic ids, [] for none")
    unknown = sorted(set(topics) - known)
    if unknown:
        raise SettingError(f"{where}: unknown topic {unknown[0]!r}; topics.toml has {', '.join(sorted(known))}")
    return Example(row["title"], row["text"], tuple(sorted(set(topics))))
