"""Report -> ArticleView: reading happens once, the rooms compare what was read."""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import chain

from rensa import RMinHash  # type: ignore[import-untyped]

from pipeline.facts.dateline import strip_dateline, strip_slug
from pipeline.facts.dates import find_dates
from pipeline.facts.manner import find_marks
from pipeline.facts.names import find_headline_names, find_inner_capitals, find_names, fold_name
from pipeline.facts.numbers import find_quantities
from pipeline.facts.stages import find_stages, is_negated
from pipeline.facts.views import ArticleView, SentenceView
from pipeline.facts.words import take_apart
from pipeline.models import Report
from pipeline.text import fold_text, keep_answers, split_sentences

BANDS = 32
ROWS_PER_BAND = 2  # two near copies of Jaccard 0.4 share a band with a chance of 0.996, strangers of 0.02 with 0.013
SHINGLE_WORDS = 3
MAX_SENTENCES = 120
LEAD_WEIGHT = 1.5  # of a term, where others count 1
LEAD_SENTENCES = 2
DATELINE_SENTENCES = 3
FRAGMENT_STEMS = 3
NAME_ENDINGS = ("", "e", "s", "es")
NO_TERM = "#"  # no name is folded to it


@lru_cache(maxsize=512)
def read_report(report: Report) -> ArticleView:
    """The view of one article. Pure; the last few are kept because each room asks again."""
    published_on = report.published_at.date()
    raw = split_sentences(report.text)[:MAX_SENTENCES]
    raw[:1] = [strip_dateline(s) for s in raw[:1]]
    folded = [fold_text(s) for s in raw]
    known = frozenset().union(*(find_inner_capitals(s) for s in folded)) if folded else frozenset()
    sentences = tuple(
        _read_sentence(s, f, published_on, find_names(f, known=known)) for s, f in zip(raw, folded, strict=True)
    )
    sentences = tuple(_mark_fragment(s) if n < DATELINE_SENTENCES else s for n, s in enumerate(sentences))
    headline = strip_slug(fold_text(report.title))
    title = _read_sentence(report.title, headline, published_on, find_headline_names(headline, known=known))
    words = [word for s in folded for word in take_apart(s).words]
    return ArticleView(
        item_id=report.item_id,
        published_at=report.published_at,
        source=report.source,
        publisher=report.publisher,
        url=report.url,
        title=title,
        sentences=sentences,
        terms=weigh_terms(title, sentences),
        content_key=_hash(" ".join(words)),
        band_keys=find_band_keys(words),
    )


def _read_sentence(raw: str, folded: str, published_on: date, names: tuple[str, ...]) -> SentenceView:
    pieces = take_apart(folded)
    marks = find_marks(folded, published_on)
    if is_negated(pieces.words):
        marks = (*marks, "negated")
    return SentenceView(
        text=raw,
        stems=pieces.stems,
        quantities=find_quantities(folded),
        names=names,
        stages=find_stages(pieces.words),
        dates=find_dates(folded, published_on),
        marks=marks,
    )


def _mark_fragment(sentence: SentenceView) -> SentenceView:
    """A dateline that ended in a full stop ("ASHKUR. March 26.") is no sentence of the article."""
    if len(sentence.stems) > FRAGMENT_STEMS or sentence.stages:
        return sentence
    return replace(sentence, marks=(*sentence.marks, "boilerplate"))


def weigh_terms(title: SentenceView, sentences: tuple[SentenceView, ...]) -> dict[str, float]:
    """Term -> weighted count: words by stem, names as "@key", numbers and days as "#..."; the lead counts more."""
    said = [title, *filter(_is_said, sentences)]
    lead = [*filter(_is_said, sentences[:LEAD_SENTENCES])]
    names = _cut_endings({name for sentence in (title, *sentences) for name in sentence.names})
    words = _weigh((s.stems for s in said), (s.stems for s in lead))
    words = {stem: weight for stem, weight in words.items() if _fold_stem(stem) not in names}
    return words | _weigh(map(_list_facts, said), map(_list_facts, lead))


def _is_said(sentence: SentenceView) -> bool:
    return "boilerplate" not in sentence.marks


def _weigh(said: Iterable[Iterable[str]], lead: Iterable[Iterable[str]]) -> dict[str, float]:
    weights: dict[str, float] = dict(Counter(chain.from_iterable(said)))
    for term, count in Counter(chain.from_iterable(lead)).items():
        weights[term] += count * (LEAD_WEIGHT - 1)
    return weights


def _list_facts(sentence: SentenceView) -> Iterator[str]:
    for name in sentence.names:
        yield "@" + name
    for quantity in sentence.quantities:
        if quantity.unit or quantity.value > 12:
            yield f"#{quantity.value:.2g} {quantity.unit}"
        elif quantity.subject:
            yield f"#{quantity.value:.2g} {quantity.subject}"
    for day in sentence.dates:
        if len(day) > len("2026"):  # a bare year tells no story from another
            yield "#" + day


def _cut_endings(names: set[str]) -> set[str]:
    """The names as a stemmer leaves them: such a stem is counted as the name already. And what is no term at all."""
    return {name.removesuffix(ending) for name in names for ending in NAME_ENDINGS} | {NO_TERM}


@keep_answers
def _fold_stem(stem: str) -> str:
    """A stem as a name would be folded; NO_TERM for numbers and single letters."""
    return NO_TERM if len(stem) < 2 or stem[0].isdigit() else fold_name(stem)


def find_band_keys(words: Sequence[str]) -> tuple[str, ...]:
    """The MinHash LSH bands of a text (Broder 1997; Leskovec et al., Mining of Massive Datasets, section 3.4)."""
    later = [words[place:] for place in range(SHINGLE_WORDS)]
    shingles = list(map(" ".join, zip(*later, strict=False))) or [" ".join(words)]
    signature = RMinHash(BANDS * ROWS_PER_BAND, 1)
    signature.update(shingles)
    digits = struct.pack(f">{BANDS * ROWS_PER_BAND}I", *signature.digest()).hex()
    size = len(digits) // BANDS
    return tuple(f"{band:02d}:{digits[band * size : (band + 1) * size]}" for band in range(BANDS))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
