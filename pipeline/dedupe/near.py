"""Is this text an earlier one again? Sentences are aligned; one changed fact makes it another text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.dedupe.settings import DedupeSettings
from pipeline.facts import ArticleView, Quantity, SentenceView
from pipeline.facts.dates import CALENDAR_STEMS
from pipeline.facts.names import find_skeleton
from pipeline.facts.numbers import is_same_value
from pipeline.models import Duplicate, ItemId

MAX_RENAMED_WORDS = 4  # more new words than that are a rewrite, judged by its share


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
    if similarity < settings.copied_text:
        return None
    told = gather_told(earlier)
    added = [s for s, _, share in pairs if share < settings.copied_sentence]
    if any(is_changed(s, other, told) for s, other in copied) or any(is_news(s, told) for s in added):
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


@dataclass(frozen=True, slots=True)
class ToldFacts:
    """Everything an earlier text says."""

    quantities: tuple[Quantity, ...]
    names: frozenset[str]
    stages: frozenset[str]
    days: frozenset[str]


def gather_told(earlier: ArticleView) -> ToldFacts:
    """The facts of a whole article, its headline included."""
    said = (earlier.title, *earlier.sentences)
    return ToldFacts(
        quantities=tuple(q for s in said for q in s.quantities),
        names=frozenset(_fold(n) for s in said for n in s.names),
        stages=frozenset(x for s in said for x in s.stages),
        days=frozenset(d for s in said for d in s.dates),
    )


def is_changed(sentence: SentenceView, other: SentenceView, told: ToldFacts) -> bool:
    """True when a copied sentence says another number, day, name or step: 12 -> 31, talks -> signed."""
    return (
        any(not _is_told(q, told.quantities) for q in sentence.quantities)
        or _is_redated(sentence, other, told)
        or _is_replaced(sentence.stages, other.stages)
        or _is_renamed(sentence, other, told)
    )


def is_news(sentence: SentenceView, told: ToldFacts) -> bool:
    """True when a sentence that was added reports something: an attribution or a day, and a fact not told."""
    if not {"said", "today"} & set(sentence.marks) or "question" in sentence.marks:
        return False
    return (
        any(not _is_told(q, told.quantities) for q in sentence.quantities)
        or any(_fold(n) not in told.names for n in sentence.names)
        or any(stage not in told.stages for stage in sentence.stages)
    )


def _is_told(quantity: Quantity, told: Iterable[Quantity]) -> bool:
    return any(is_same_value(quantity, t) for t in told)


def _is_redated(sentence: SentenceView, other: SentenceView, told: ToldFacts) -> bool:
    """Another day in other words: the same "on Friday" may point elsewhere when a copy appears a day later."""
    written = {w for w in set(sentence.stems) - set(other.stems) if w[0].isdigit() or w in CALENDAR_STEMS}
    return bool(written) and any(day not in told.days for day in sentence.dates)


def _is_renamed(sentence: SentenceView, other: SentenceView, told: ToldFacts) -> bool:
    """A name never heard in the place of another. An outlet's gloss ("the kingdom", "Oslo-based") is no such name."""
    text = sentence.text.lower()
    came = {n for n in sentence.names if _fold(n) not in told.names and f"{n}-based" not in text and n != "based"}
    went = {_fold(n) for n in other.names} - {_fold(n) for n in sentence.names}
    return bool(came and went) and len(set(sentence.stems) - set(other.stems)) <= MAX_RENAMED_WORDS


def _is_replaced(new: Sequence[str], old: Sequence[str]) -> bool:
    """Something came and something went: a step that was only added or left out changes nothing."""
    came, went = set(new) - set(old), set(old) - set(new)
    return bool(came and went)


def _fold(name: str) -> str:
    return find_skeleton(name) or name
