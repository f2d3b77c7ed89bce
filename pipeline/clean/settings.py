"""What an operator may tune in the clean room, and the bounds that keep one page from hurting a batch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CleanSettings:
    """Limits of the clean room; the defaults are meant for news."""

    max_markup_chars: int = 6_000_000  # beyond this a page is a data dump, and parsing it costs seconds
    max_elements: int = 60_000  # the largest of 381 measured news pages has 17,000
    max_lines: int = 20_000  # of plain text
    min_words: int = 20  # fewer words are a stub, not an article
    languages: tuple[str, ...] = ()  # ISO 639-1 codes to accept; empty accepts all
    uses_trafilatura: bool = True  # read unsure pages a second time, at ten times the cost


DEFAULT_SETTINGS = CleanSettings()
