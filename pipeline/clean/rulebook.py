"""The rules of the room as data: TOML files beside this module, read once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_CASED = "(?-i:"  # a pattern that holds this looks at capitals


@dataclass(frozen=True, slots=True)
class FurnitureRule:
    """Elements that are furniture by the words of their class, id or role."""

    name: str
    words: tuple[str, ...]
    keeps_blocks: bool  # its blocks stay apart, because a date or an author is read from them


@dataclass(frozen=True, slots=True)
class LineRule:
    """Lines that are furniture by what they say."""

    name: str
    needs: tuple[str, ...]  # one of these stands in every such line; empty: nothing is known before the patterns
    small: re.Pattern[str] | None  # for the line in small letters: a pattern that ignores case takes half as long again
    cased: re.Pattern[str] | None  # for the line as it is written
    max_words: int
    ends_article: bool  # nothing after it belongs to the article, unless the larger part of the prose does
    takes_links: bool  # the headlines that hang on it go with it
    at_edge: bool  # only before the first or after the last paragraphs
    drops: tuple[str, ...]  # examples, which the tests run
    keeps: tuple[str, ...]

    def matches(self, line: str, small: str) -> bool:
        """Whether the rule matches a line from its start; `small` is the line in small letters."""
        if self.needs and not any(map(small.__contains__, self.needs)):
            return False
        return bool((self.small and self.small.match(small)) or (self.cased and self.cased.match(line)))


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files("pipeline.clean").joinpath("rules", name).read_text(encoding="utf-8"))


def _read(name: str) -> list[dict[str, object]]:
    rules: list[dict[str, object]] = _load(name)["rule"]
    return rules


def load_tags(kind: str) -> frozenset[str]:
    """HTML tags of one kind: "silent" ones hold no text for a reader, "inline" ones do not cut a paragraph."""
    return frozenset(_load("tags.toml")[kind])


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _join(patterns: list[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), flags) if patterns else None


@lru_cache(maxsize=1)
def load_furniture() -> tuple[FurnitureRule, ...]:
    """The rules of furniture.toml, in order."""
    return tuple(
        FurnitureRule(str(r["name"]), _strings(r["words"]), bool(r.get("keeps_blocks", False)))
        for r in _read("furniture.toml")
    )


@lru_cache(maxsize=1)
def load_line_rules() -> tuple[LineRule, ...]:
    """The rules of lines.toml, in order."""
    return tuple(
        LineRule(
            name=str(r["name"]),
            needs=_strings(r.get("needs")),
            small=_join([p for p in _strings(r["patterns"]) if _CASED not in p]),
            cased=_join([p for p in _strings(r["patterns"]) if _CASED in p], re.IGNORECASE),
            max_words=int(str(r.get("max_words", 12))),
            ends_article=bool(r.get("ends_article", False)),
            takes_links=bool(r.get("takes_links", False)),
            at_edge=bool(r.get("at_edge", False)),
            drops=_strings(r.get("drops")),
            keeps=_strings(r.get("keeps")),
        )
        for r in _read("lines.toml")
    )
