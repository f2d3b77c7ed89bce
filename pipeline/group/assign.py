"""Which open story an article belongs to: cosine of TF-IDF terms, names and numbers, with decay in time and size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.facts import ArticleView
from pipeline.group.state import Corpus, StoryState
from pipeline.models import Assignment, ItemId, make_story_id

INDEX_TERMS = 32


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """Thresholds of the grouping decision."""

    join_at: float = 0.3  # cosine from which an article joins a story
    decay_days: float = 30.0  # the cosine asked for doubles when a story has been silent for so long
    open_days: int = 21  # a story silent for longer is closed
    candidates: int = 24  # stories compared at most


def choose_index_terms(view: ArticleView, corpus: Corpus, limit: int = INDEX_TERMS) -> tuple[str, ...]:
    """The terms that tell this article from others, the most telling first: what its story is looked up by."""
    ranked = sorted(view.terms, key=lambda t: (-(1 + math.log(view.terms[t])) * corpus.weigh_rarity(t), t))
    return tuple(ranked[:limit])


def assign_story(
    view: ArticleView, candidates: Sequence[StoryState], corpus: Corpus, settings: GroupSettings
) -> Assignment:
    """The best open story above the threshold, or a new one named after this article."""
    item_id = ItemId(view.item_id)
    mine = _weigh(view.terms, corpus)
    best, best_score = None, 0.0
    for story in candidates:
        score = _measure_cosine(mine, _weigh(story.terms, corpus)) * _fade(view, story, settings)
        if score > best_score:
            best, best_score = story, score
    if best is None or best_score < settings.join_at:
        because = f"nearest story only {best_score:.2f}" if best else "no open story shares its terms"
        return Assignment(item_id, make_story_id(item_id), True, 0.0, because)
    shared = _list_shared(mine, best.terms)
    return Assignment(item_id, best.id, False, round(best_score, 3), "shares " + ", ".join(shared))


def _weigh(terms: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    return {t: (1 + math.log(w)) * corpus.weigh_rarity(t) for t, w in terms.items() if w >= 1}


def _measure_cosine(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    dot = sum(w * second[t] for t, w in first.items() if t in second)
    norm = math.sqrt(sum(w * w for w in first.values()) * sum(w * w for w in second.values()))
    return dot / norm if norm else 0.0


def _fade(view: ArticleView, story: StoryState, settings: GroupSettings) -> float:
    days = abs((view.published_at - story.last_at).total_seconds()) / 86400
    return 1 / (1 + days / settings.decay_days)


def _list_shared(mine: Mapping[str, float], theirs: Mapping[str, float], limit: int = 5) -> list[str]:
    ranked = sorted((t for t in mine if t in theirs), key=lambda t: (-mine[t], t))
    return [t.lstrip("@#") for t in ranked[:limit]]
