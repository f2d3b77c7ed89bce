"""Is this text an earlier one again? Sentences are aligned; one changed fact makes it another text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.facts import ArticleView, Quantity, SentenceView
from pipeline.facts.names import find_skeleton
from pipeline.facts.numbers import is_same_value
from pipeline.models import Duplicate, ItemId


@dataclass(frozen=True, slots=True)
class DedupeSettings:
    """Thresholds of the near-copy decision; shares are of content words."""

    copied_sentence: float = 0.7  # share of a sentence's words found in one sentence of the earlier text
    copied_text: float = 0.72  # share of the text that stands in copied sentences
    memory_days: int = 30


def find_duplicate(view: ArticleView, candidates: Sequence[ArticleView], settings: DedupeSettings) -> Duplicate | None:
    """The earlier article that this one repeats in the same words, the most similar first; None when there is none."""
    best: Duplicate | None = None
    for candidate in candidates:
        found = _compare(view, candidate, settings)
        if found and (best is None or found.similarity > best.similarity):
            best = found
    return best


def _compare(view: ArticleView, earlier: ArticleView, settings: DedupeSettings) -> Duplicate | None:
    if view.content_key == earlier.content_key:
        return Duplicate(ItemId(view.item_id), ItemId(earlier.item_id), "exact", 1.0)
    pairs = align_sentences(view, earlier)
    total = sum(len(s.stems) for s, _, _ in pairs) or 1
    copied = [(s, other) for s, other, share in pairs if other and share >= settings.copied_sentence]
    similarity = sum(len(s.stems) for s, _ in copied) / total
    if similarity < settings.copied_text or any(is_changed(s, other, earlier) for s, other in copied):
        return None
    return Duplicate(ItemId(view.item_id), ItemId(earlier.item_id), "near", round(similarity, 3))


def align_sentences(view: ArticleView, earlier: ArticleView) -> list[tuple[SentenceView, SentenceView | None, float]]:
    """Each sentence with the earlier sentence that holds most of its words, and that share; boilerplate is left out."""
    others = [(set(s.stems), s) for s in earlier.sentences]
    pairs: list[tuple[SentenceView, SentenceView | None, float]] = []
    for sentence in view.sentences:
        words = set(sentence.stems)
        if not words or "boilerplate" in sentence.marks:
            continue
        share, best = max(((len(words & o) / len(words), -n) for n, (o, _) in enumerate(others)), default=(0.0, 0))
        pairs.append((sentence, others[-best][1] if share else None, share))
    return pairs


def is_changed(sentence: SentenceView, other: SentenceView, earlier: ArticleView) -> bool:
    """True when a copied sentence says another number, day, name, step or the contrary."""
    told = [q for s in earlier.sentences for q in s.quantities]
    days = {d for s in earlier.sentences for d in s.dates}
    return (
        any(not _is_told(q, told) for q in sentence.quantities)
        or any(d not in days for d in sentence.dates)
        or _is_replaced(sentence.names, other.names)
        or _is_replaced(sentence.stages, other.stages)
    )


def _is_told(quantity: Quantity, told: Iterable[Quantity]) -> bool:
    return any(is_same_value(quantity, t) for t in told)


def _is_replaced(new: Sequence[str], old: Sequence[str]) -> bool:
    """Something came and something went: a word that was only added or left out changes nothing."""
    came, went = _skeletons(new) - _skeletons(old), _skeletons(old) - _skeletons(new)
    return bool(came and went)


def _skeletons(keys: Sequence[str]) -> set[str]:
    return {find_skeleton(k) or k for k in keys}
