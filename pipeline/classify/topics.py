"""The topics of a desk and the vocabulary of news, read from TOML and checked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any, Final

from pipeline.errors import SettingError

_TOPIC_ID: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject that articles are sorted into."""

    id: str
    label: str
    definition: str
    words: tuple[str, ...]
    phrases: tuple[str, ...]
    counter_examples: tuple[str, ...]
    precision: float | None = None  # what the desk asks of this topic; none: what it asks of every topic


@dataclass(frozen=True, slots=True)
class Concept:
    """Words that play the same part in a sentence."""

    id: str
    words: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicSet:
    """All topics, in the order of the file, and all concepts."""

    topics: tuple[Topic, ...]
    concepts: tuple[Concept, ...]

    @property
    def topic_ids(self) -> tuple[str, ...]:
        """The ids in the order of the file: the order of every score."""
        return tuple(topic.id for topic in self.topics)


def parse_topics(toml_text: str, name: str = "topics.toml") -> TopicSet:
    """Read a topics file; raise SettingError that names the entry and what to do."""
    try:
        tables = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{name} is not valid TOML: {error}") from error
    topics = tuple(_read_topic(table, name) for table in _tables(tables, "topics", name))
    concepts = tuple(_read_concept(table, name) for table in _tables(tables, "concepts", name))
    if not topics:
        raise SettingError(f"{name} has no [[topics]]: add at least one")
    _refuse_repeats([topic.id for topic in topics], "topic", name)
    _refuse_repeats([concept.id for concept in concepts], "concept", name)
    return TopicSet(topics, concepts)


def _tables(tables: dict[str, Any], key: str, name: str) -> list[dict[str, Any]]:
    found = tables.get(key, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise SettingError(f"{name}: write each of the {key} as a [[{key}]] table")
    return found


def _read_topic(table: dict[str, Any], name: str) -> Topic:
    _refuse_unknown(table, {"id", "label", "definition", "words", "phrases", "counter_examples", "precision"}, name)
    topic_id = _read_id(table, "topic", name)
    words, phrases = _texts(table, "words", topic_id, name), _texts(table, "phrases", topic_id, name)
    if not words and not phrases:
        raise SettingError(f"{name}: topic {topic_id} needs words or phrases")
    return Topic(
        id=topic_id,
        label=_text(table, "label", topic_id, name),
        definition=_text(table, "definition", topic_id, name),
        words=words,
        phrases=phrases,
        counter_examples=_texts(table, "counter_examples", topic_id, name),
        precision=_read_precision(table, topic_id, name),
    )


def _read_concept(table: dict[str, Any], name: str) -> Concept:
    _refuse_unknown(table, {"id", "words", "phrases"}, name)
    concept_id = _read_id(table, "concept", name)
    return Concept(concept_id, _texts(table, "words", concept_id, name), _texts(table, "phrases", concept_id, name))


def _read_id(table: dict[str, Any], kind: str, name: str) -> str:
    found = table.get("id")
    if not isinstance(found, str) or not _TOPIC_ID.fullmatch(found):
        raise SettingError(f"{name}: a {kind} has id {found!r}; use 2 to 40 of a-z, 0-9 and _, starting with a letter")
    return found


def _read_precision(table: dict[str, Any], topic_id: str, name: str) -> float | None:
    found = table.get("precision")
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found < 1:
        raise SettingError(f"{name}: precision of {topic_id} must be a number between 0 and 1, such as 0.8")
    return float(found)


def _text(table: dict[str, Any], key: str, owner: str, name: str) -> str:
    found = table.get(key)
    if not isinstance(found, str) or not found.strip():
        raise SettingError(f"{name}: {owner} needs {key} as a text")
    return found.strip()


def _texts(table: dict[str, Any], key: str, owner: str, name: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(text, str) and text.strip() for text in found):
        raise SettingError(f"{name}: {key} of {owner} must be a list of texts")
    return tuple(text.strip() for text in found)


def _refuse_unknown(table: dict[str, Any], known: set[str], name: str) -> None:
    unknown = sorted(table.keys() - known)
    if unknown:
        raise SettingError(
            f"{name}: {table.get('id')!r} has unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}"
        )


def _refuse_repeats(ids: list[str], kind: str, name: str) -> None:
    repeated = sorted({one for one in ids if ids.count(one) > 1})
    if repeated:
        raise SettingError(f"{name}: {kind} {repeated[0]} is defined twice; give each its own id")
