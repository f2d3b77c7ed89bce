"""Is this text an earlier one again? Sentences are aligned; one changed fact makes it another text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from pipeline.dedupe.settings import DedupeSettings
from pipeline.facts import ArticleView, Quantity, SentenceView
from pipeline.facts.dates import CALENDAR_STEMS
from pipeline.facts.names import find_outlet_names, find_skeleton, fold_name
from pipeline.facts.numbers import is_same_value
from pipeline.models import Duplicate, ItemId

REWRITTEN_LEAD = 0.85  # less of the lead in common, under a headline with a step that was not told: it was taken since
MAX_RENAMED_WORDS = 4  # more new words than that are a rewrite, judged by its share

MAY = "05"
REPORTS = frozenset(("said", "today", "yesterday"))
TALKS = frozenset(("question", "opinion"))


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
    told, outlet = gather_told(earlier), find_outlet_names(view.source, view.publisher)
    added = [s for s, _, share in pairs if share < settings.copied_sentence]
    if any(is_changed(s, other, told) for s, other in copied) or any(is_news(s, told, outlet) for s in added):
        return None
    if pairs[0][2] < REWRITTEN_LEAD and any(stage not in told.stages for stage in view.title.stages):
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
        any(not _is_told(q, told.quantities) or _is_recounted(q, sentence, other) for q in sentence.quantities)
        or _is_redated(sentence, other, told)
        or _is_replaced(sentence.stages, other.stages)
        or _is_taken(sentence, other)
        or _is_renamed(sentence, other, told)
    )


def is_news(sentence: SentenceView, told: ToldFacts, outlet: Set[str]) -> bool:
    """True when a sentence that was added reports something: an attribution or a day, and a fact not told.

    `outlet` holds the names of who writes: an outlet that speaks of itself or to its readers reports nothing.
    """
    if REPORTS.isdisjoint(sentence.marks) or not TALKS.isdisjoint(sentence.marks):
        return False
    return (
        any(not _is_told(q, told.quantities) for q in sentence.quantities)
        or any(_fold(n) not in told.names and n not in outlet for n in sentence.names)
        or any(stage not in told.stages for stage in sentence.stages)
    )


def _is_told(quantity: Quantity, told: Iterable[Quantity]) -> bool:
    return any(is_same_value(quantity, t) for t in told)


def _is_recounted(quantity: Quantity, sentence: SentenceView, other: SentenceView) -> bool:
    """Another number of the same thing in the place of the one that the earlier sentence had."""
    if not quantity.subject or _is_told(quantity, other.quantities):
        return False
    return any(
        (old.subject, old.unit) == (quantity.subject, quantity.unit) and not _is_told(old, sentence.quantities)
        for old in other.quantities
    )


def _is_redated(sentence: SentenceView, other: SentenceView, told: ToldFacts) -> bool:
    """Another day in other words: the same "on Friday" may point elsewhere when a copy appears a day later.

    "May" is no content word; there the day of the month tells.
    """
    came = [day for day in sentence.dates if day not in told.days]
    words = set(sentence.stems) - set(other.stems)
    is_worded = not CALENDAR_STEMS.isdisjoint(words)
    return any(
        is_worded or day[8:].lstrip("0") in (sentence.stems if day[5:7] == MAY else words) for day in came if day[8:]
    )


def _is_taken(sentence: SentenceView, other: SentenceView) -> bool:
    """A step that was to be taken, and now was: "will sign", "signed"."""
    was_ahead = "will" in other.marks and "will" not in sentence.marks
    return was_ahead and not set(sentence.stages).isdisjoint(other.stages)


def _is_renamed(sentence: SentenceView, other: SentenceView, told: ToldFacts) -> bool:
    """A name never heard in the place of another. An outlet's gloss ("the kingdom", "Oslo-based") is no such name."""
    text = sentence.text.lower()
    came = {n for n in sentence.names if _fold(n) not in told.names and f"{n}-based" not in text and n != "based"}
    came -= set(map(fold_name, other.stems))  # written small there, or at the beginning
    went = {_fold(n) for n in other.names} - {_fold(n) for n in sentence.names}
    return bool(came and went) and len(set(sentence.stems) - set(other.stems)) <= MAX_RENAMED_WORDS


def _is_replaced(new: Sequence[str], old: Sequence[str]) -> bool:
    """Something came and something went: a step that was only added or left out changes nothing."""
    came, went = set(new) - set(old), set(old) - set(new)
    return bool(came and went)


def _fold(name: str) -> str:
    return find_skeleton(name) or name
