"""The frozen, JSON-serialisable view of an article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it counts: in the base unit of its kind, with what it is a number of."""

    value: float  # in the base unit
    unit: str  # base unit: "km", "minute", "kg", "usd", "%", ...; empty for plain counts
    subject: str  # stem of the thing counted or measured, empty when none follows
    text: str  # as written, for the reader: "1,100 km"
    is_rough: bool = False  # "about", "nearly", "dozens"


@dataclass(frozen=True, slots=True)
class SentenceView:
    """One sentence and the facts in it. All keys are folded: see `facts.names`, `facts.numbers`, `facts.stages`."""

    text: str
    stems: tuple[str, ...]  # content words in order, stemmed, without stop words
    quantities: tuple[Quantity, ...] = ()
    names: tuple[str, ...] = ()  # tokens of capitalised names, transliteration folded
    stages: tuple[str, ...] = ()  # "agreed", "signed", "denied", ...
    dates: tuple[str, ...] = ()  # "2026-03-04", "2028-06", "2029"
    marks: tuple[str, ...] = ()  # manner: "quote", "opinion", "background", "today", "negated", ...


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article as the judging rooms see it."""

    item_id: str
    published_at: datetime
    source: str
    publisher: str
    url: str
    title: SentenceView
    sentences: tuple[SentenceView, ...]
    terms: Mapping[str, float]  # term -> weight in this article; names are prefixed "@", numbers "#"
    content_key: str  # equal for the same words
    band_keys: tuple[str, ...]  # MinHash LSH: near copies share at least one
