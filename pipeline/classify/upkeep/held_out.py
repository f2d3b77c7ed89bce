"""The part of the labelled texts that no stored model is trained on: the same texts for ever."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.classify.examples import Example

HELD_OUT_OF: Final = 10  # one text in ten, about forty of each topic in what comes with Wirewatch
KEY_CHARACTERS: Final = 400  # copies of an agency text differ in their tails

_NOT_LETTERS: Final = re.compile(r"[^a-z]+")


@dataclass(frozen=True, slots=True)
class Split:
    """Texts to train on, and texts to measure on."""

    training: tuple[Example, ...]
    held_out: tuple[Example, ...]


def make_key(example: Example) -> str:
    """What decides where a text goes: its first words, without figures, so that near copies go together."""
    return _NOT_LETTERS.sub(" ", f"{example.title} {example.text}".lower())[:KEY_CHARACTERS].strip()


def is_held_out(key: str) -> bool:
    """True for one key in HELD_OUT_OF, decided by the key alone (SHA-256)."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8]) % HELD_OUT_OF == 0


def split_examples(keyed: Iterable[tuple[str, Example]]) -> Split:
    """Divide (key, example) pairs; order is kept."""
    pairs: Sequence[tuple[bool, Example]] = [(is_held_out(key), example) for key, example in keyed]
    return Split(tuple(one for apart, one in pairs if not apart), tuple(one for apart, one in pairs if apart))
