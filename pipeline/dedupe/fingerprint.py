"""A text's MinHash signature, small enough to be looked at where the whole text would be too much to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.dedupe.settings import DedupeSettings
from pipeline.facts import ArticleView, SentenceView
from pipeline.models import Duplicate, ItemId

DIGITS = 8  # hexadecimal digits of one value


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The MinHash values of an article, each as eight hexadecimal digits, in order."""

    item_id: str  # of the article that stands for it: its own, or the one that it copies
    signature: str
    content_key: str = ""  # equal for the same words; none: remembered by an older version


def take_fingerprint(view: ArticleView) -> Fingerprint:
    """The values of which the article's bands are made."""
    return Fingerprint(view.item_id, "".join(key.partition(":")[2] for key in view.band_keys), view.content_key)


def estimate_alike(first: Fingerprint, second: Fingerprint) -> float:
    """The share of equal values, 0..1: an estimate of the texts' Jaccard similarity (Broder 1997)."""
    a, b = first.signature, second.signature
    places = range(0, min(len(a), len(b)), DIGITS)
    return sum(a[at : at + DIGITS] == b[at : at + DIGITS] for at in places) / (len(places) or 1)


def choose_candidates(fingerprint: Fingerprint, near: Sequence[Fingerprint], settings: DedupeSettings) -> list[str]:
    """The ids of the texts worth comparing sentence by sentence, the most alike first.

    Most of those that share a band share nothing else: in a million articles every text has hundreds of such.
    """
    scored = [(estimate_alike(fingerprint, other), other.item_id) for other in near]
    alike = [pair for pair in scored if pair[0] >= settings.alike]
    ranked = dict.fromkeys(item_id for _, item_id in sorted(alike, key=lambda pair: -pair[0]))
    return list(ranked)[: settings.candidates]


def find_same_words(fingerprint: Fingerprint, near: Sequence[Fingerprint]) -> Duplicate | None:
    """The article that a text of the very same words stood for, whatever has become of its "today" since."""
    for other in near:
        if other.content_key == fingerprint.content_key:
            return Duplicate(ItemId(fingerprint.item_id), ItemId(other.item_id), "exact", 1.0)
    return None


def keep_facts(view: ArticleView) -> ArticleView:
    """What later copies are compared with: an article's words and facts, without the text itself."""
    sentences = tuple(_without_text(sentence) for sentence in view.sentences)
    return replace(view, title=_without_text(view.title), sentences=sentences, terms={}, band_keys=())


def _without_text(sentence: SentenceView) -> SentenceView:
    facts = sentence.quantities, sentence.names, sentence.stages, sentence.dates, sentence.marks
    return SentenceView("", sentence.stems, *facts)
