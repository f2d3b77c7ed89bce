"""A text's MinHash signature, small enough to be looked at where the whole text would be too much to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.dedupe.settings import DedupeSettings
from pipeline.facts import ArticleView, SentenceView

DIGITS = 8  # hexadecimal digits of one value


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The MinHash values of an article, each as eight hexadecimal digits, in order."""

    item_id: str
    signature: str


def take_fingerprint(view: ArticleView) -> Fingerprint:
    """The values of which the article's bands are made."""
    return Fingerprint(view.item_id, "".join(key.partition(":")[2] for key in view.band_keys))


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
    return [item_id for _, item_id in sorted(alike, key=lambda pair: -pair[0])[: settings.candidates]]


def keep_facts(view: ArticleView) -> ArticleView:
    """What later copies are compared with: an article's words and facts, without the text itself."""
    sentences = tuple(_without_text(sentence) for sentence in view.sentences)
    return replace(view, title=_without_text(view.title), sentences=sentences, terms={}, band_keys=())


def _without_text(sentence: SentenceView) -> SentenceView:
    return replace(sentence, text="")
