"""Which open story an article belongs to: a linear gate over named likenesses."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from operator import mul

from pipeline.group.corpus import Corpus, WeighedArticle
from pipeline.group.regroup import RegroupSettings
from pipeline.group.state import MAX_MEMBERS, StoryState
from pipeline.models import Assignment, ItemId, Move, StoryId

MAX_SHARED = 12.0  # rare names (or numbers) that a share asks for: a long article need not share all of its own
RETOLD_AT = 0.05  # probability of the nearest story, from which a new one may be that one in other words


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """Thresholds of the grouping decision."""

    open_days: int = 21  # a story silent for longer is closed
    index_terms: int = 32  # terms an article is looked up by
    candidates: int = 10  # stories compared at most
    near_at: float = 0.1  # probability from which a story is put together anew with the article
    near_stories: int = 4  # such stories at most ...
    near_gap: float = 6.0  # ... none whose log-odds lie so far below the nearest's, which is then beyond doubt
    clear_at: float = 0.9  # an article that surely belongs to the only near story joins it without more ado
    look_every: int = 4  # ... once it only grows, and except each fourth
    regroup: RegroupSettings = field(default_factory=RegroupSettings)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How an article resembles a story. Shares lie in 0..1 and are drawn to 0.3 where there is little to compare."""

    words: float  # cosine of the words
    facts: float  # cosine of names and numbers: what a story is about, however it is told
    names: float  # share of the article's names that the story knows, by rarity
    numbers: float  # share of its numbers
    rare_name: float  # the rarest shared name that no other story has, 1 = never seen elsewhere
    size: float  # log of the story's articles: a big story resembles everything


def rank_stories(
    article: WeighedArticle, candidates: Sequence[StoryState], corpus: Corpus
) -> list[tuple[float, StoryState]]:
    """The candidates with the probability that the article belongs to them, the most probable first."""
    scored = [(weigh_likeness(measure_likeness(article, story, corpus)), story) for story in candidates]
    return sorted(scored, key=lambda pair: -pair[0])


def list_near(ranked: Sequence[tuple[float, StoryState]], settings: GroupSettings) -> list[tuple[float, StoryState]]:
    """Those of the ranked stories that an article may belong to: none so far below the nearest that it is settled."""
    near = [pair for pair in ranked[: settings.near_stories] if pair[0] >= settings.near_at]
    ratio = math.exp(-settings.near_gap)  # of odds, so that nothing is divided by what a certain story leaves
    return [pair for pair in near if pair[0] * (1 - near[0][0]) >= ratio * near[0][0] * (1 - pair[0])]


def is_clear(near: Sequence[tuple[float, StoryState]], settings: GroupSettings) -> bool:
    """True when an article can join without a look at the articles of its story."""
    if len(near) != 1:
        return False
    score, story = near[0]
    return score >= settings.clear_at and story.size > MAX_MEMBERS and story.size % settings.look_every != 0


def explain_place(
    article: WeighedArticle,
    item_id: ItemId,
    story_id: StoryId,
    ranked: Sequence[tuple[float, StoryState]],
    moves: tuple[Move, ...],
) -> Assignment:
    """The answer for a person: what the article shares with its story, or which story is nearest to a new one."""
    joined = next(((score, story) for score, story in ranked if story.id == story_id), None)
    if joined:
        score, story = joined
        because = f"shares {_list_shared(article, story)} ({score:.2f})"
        return Assignment(item_id, story_id, False, round(score, 3), because, moves)
    nearest = f'nearest is "{ranked[0][1].title}" ({ranked[0][0]:.2f})' if ranked else "no open story shares its terms"
    is_new = all(move.to_story != story_id for move in moves)
    near = ranked[0][1].id if ranked and ranked[0][0] >= RETOLD_AT else None
    return Assignment(item_id, story_id, is_new, 0.0, nearest, moves, near=near)


def measure_likeness(article: WeighedArticle, story: StoryState, corpus: Corpus) -> Likeness:
    """The features of one article against one story."""
    known, unit, rarity = story.terms, corpus.top_rarity, article.rarity
    words, names, numbers = (
        [*filter(known.__contains__, terms)] for terms in (article.words, article.names, article.numbers)
    )
    own = [rarity[term] for term in names if corpus.counts.get(term, 0) <= story.size * 1.5]
    return Likeness(
        words=_multiply(article, story, words) / ((article.word_norm * story.word_norm) or 1.0),
        facts=_multiply(article, story, names + numbers) / ((article.fact_norm * story.fact_norm) or 1.0),
        names=_share(sum(map(rarity.__getitem__, names)), article.name_rarity, unit),
        numbers=_share(sum(map(rarity.__getitem__, numbers)), article.number_rarity, unit),
        rare_name=max(own, default=0.0) / unit,
        size=math.log(story.size),
    )


def _multiply(article: WeighedArticle, story: StoryState, shared: Sequence[str]) -> float:
    """The inner product over the terms that both hold."""
    return math.fsum(map(mul, map(article.vector.__getitem__, shared), map(story.terms.__getitem__, shared)))


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


def _list_shared(article: WeighedArticle, story: StoryState, limit: int = 5) -> str:
    """The weightiest terms that an article shares with a story, for a person."""
    shared = islice(filter(story.terms.__contains__, article.vector), limit)
    return ", ".join(term.lstrip("@#") for term in shared)
