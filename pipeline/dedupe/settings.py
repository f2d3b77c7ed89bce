"""The thresholds of dedupe."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DedupeSettings:
    """Thresholds of the near-copy decision; shares are of content words."""

    alike: float = 0.09  # estimated share of word triples in common below which two texts are not compared
    candidates: int = 8  # earlier texts compared at most
    copied_sentence: float = 0.7  # share of a sentence's words found in one sentence of the earlier text
    copied_text: float = 0.72  # share of the text that stands in copied sentences
    memory_days: int = 30
