"""Which open story an article belongs to: a linear gate over named likenesses."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from pipeline.facts import ArticleView
from pipeline.group.state import Corpus, StoryState, WeighedArticle
from pipeline.models import Assignment, ItemId, make_story_id

MAX_SHARED = 12.0  # rare names (or numbers) that a share asks for: a long article need not share all of its own


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """Thresholds of the grouping decision."""

    join_at: float = 0.6  # probability from which an article joins a story
    open_days: int = 21  # a story silent for longer is closed
    index_terms: int = 32  # terms an article is looked up by
    candidates: int = 10  # stories compared at most


@dataclass(frozen=True, slots=True)
class Likeness:
    """How an article resembles a story. Shares lie in 0..1 and are drawn to 0.3 where there is little to compare."""

    words: float  # cosine of the words
    facts: float  # cosine of names and numbers: what a story is about, however it is told
    names: float  # share of the article's names that the story knows, by rarity
    numbers: float  # share of its numbers
    rare_name: float  # the rarest shared name that no other story has, 1 = never seen elsewhere
    size: float  # log of the story's articles: a big story resembles everything


def assign_story(
    view: ArticleView,
    article: WeighedArticle,
    candidates: Sequence[StoryState],
    corpus: Corpus,
    settings: GroupSettings,
) -> Assignment:
    """The most probable of the candidates above the threshold, or a new story named after this article."""
    item_id = ItemId(view.item_id)
    scored = [(weigh_likeness(measure_likeness(article, story, corpus)), story) for story in candidates]
    best_score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    if best is None or best_score < settings.join_at:
        because = f'nearest is "{best.title}" ({best_score:.2f})' if best else "no open story shares its terms"
        return Assignment(item_id, make_story_id(item_id), True, 0.0, because)
    shared = ", ".join(_list_shared(article, best.terms))
    return Assignment(item_id, best.id, False, round(best_score, 3), f"shares {shared} ({best_score:.2f})")


def measure_likeness(article: WeighedArticle, story: StoryState, corpus: Corpus) -> Likeness:
    """The features of one article against one story."""
    known, unit = story.terms, corpus.top_rarity
    words = sum(weight * known[term] for term, weight in article.words if term in known)
    names = [found for found in article.names if found[0] in known]
    numbers = [found for found in article.numbers if found[0] in known]
    facts = sum(weight * known[term] for term, weight, _ in (*names, *numbers))
    own = (rarity for term, _, rarity in names if corpus.counts.get(term, 0) <= story.size * 1.5)
    return Likeness(
        words=words / ((article.word_norm * story.word_norm) or 1.0),
        facts=facts / ((article.fact_norm * story.fact_norm) or 1.0),
        names=_share(sum(r for _, _, r in names), article.name_rarity, unit),
        numbers=_share(sum(r for _, _, r in numbers), article.number_rarity, unit),
        rare_name=max(own, default=0.0) / unit,
        size=math.log(story.size),
    )


def _share(hit: float, total: float, unit: float) -> float:
    total = max(hit, min(total, MAX_SHARED * unit))
    return (hit + 0.6 * unit) / (total + 2.0 * unit)


def weigh_likeness(likeness: Likeness) -> float:
    """The probability that article and story are one: a logistic gate over the likeness."""
    weights = _load_weights()
    total = weights["bias"] + sum(w * getattr(likeness, name) for name, w in weights.items() if name != "bias")
    return 1 / (1 + math.exp(-total))


@lru_cache(maxsize=1)
def _load_weights() -> dict[str, float]:
    weights: dict[str, float] = json.loads(files("pipeline.group").joinpath("weights.json").read_text("utf-8"))
    return weights


def _list_shared(article: WeighedArticle, theirs: Mapping[str, float], limit: int = 5) -> list[str]:
    ranked = sorted((t for t in article.vector if t in theirs), key=lambda t: (-article.vector[t], t))
    return [t.lstrip("@#") for t in ranked[:limit]]
