"""A linear gate over named features, with weights fitted on labelled streams (benchmarks/fit_gate.py)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from pipeline.detect.cues import find_cues, is_marked_correction
from pipeline.detect.novelty import NewFacts, ToldIndex
from pipeline.facts import ArticleView

LEAD_SENTENCES = 3
MAX_DAYS = 3.0  # of silence: a longer one makes news no likelier
_EXPLAINER = re.compile(
    r"\b(explainer|analysis|factbox|opinion|comment|editorial|timeline|profile|explained|first take|q&a|at a glance"
    r"|recap"
    r"|what we (?:know|learned)|everything (?:we|you)|who (?:is|was)|why|how|what(?:'s| is| really| next)?|inside|meet"
    r"|questions?|lessons?|one (?:week|month) on|looking back|the story of|portrait|in pictures)\b|\?",
    re.I,
)
_LIVE = re.compile(r"^\W*live\b|\b(?:live (?:updates?|blog|page|ticker|coverage)|liveblog|as it happened)\b", re.I)


def weigh(features: Mapping[str, float], gate: str) -> float:
    """The log-odds that a gate ("sentence", "article") gives to features."""
    weights = _load_weights()[gate]
    return weights["bias"] + sum(
        [weights[name] * value for name, value in features.items() if value and name in weights]
    )


def squash(log_odds: float) -> float:
    """Log-odds as a probability."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def score_sentences(features: Sequence[Mapping[str, float]]) -> list[float]:
    """The probability that each sentence of an article is new, from the features of all, in order."""
    alone = [weigh(each, "sentence") for each in features]
    return [squash(weigh(each, "passage")) for each in measure_passages(alone)]


def measure_passages(alone: Sequence[float]) -> list[dict[str, float]]:
    """What stands around each sentence: news comes in passages, and high up.

    `alone` are the log-odds that each sentence, taken by itself, is new.
    """
    chances = [0.0, *map(squash, alone), 0.0]
    return [
        {
            "alone": log_odds,
            "before": chances[place],
            "behind": chances[place + 2],
            "depth": place / len(alone),
        }
        for place, log_odds in enumerate(alone)
    ]


def measure_article(
    view: ArticleView, scores: Sequence[float], found: Sequence[NewFacts], index: ToldIndex
) -> dict[str, float]:
    """The named features of an article, from the probabilities and the new facts of its sentences in order."""
    top = sorted(scores, reverse=True)[: max(1, len(scores) // 3)]
    marks = [set(s.marks) for s in view.sentences]
    count = len(marks) or 1
    title = index.find_new(view.title)
    cues = find_cues(view.title)
    told = index.told
    return {
        "top_third": sum(top) / (len(top) or 1),
        "expected": math.log1p(sum(scores)),  # how many sentences are new, by the sentence gate
        "lead": max(scores[:LEAD_SENTENCES], default=0.0),
        "title_facts": float(min(3, len(title.quantities) + len(title.names) + len(title.stages))),
        "title_reversal": float(min(2, len(cues) + is_marked_correction(view.title.text))),
        "title_unseen": index.measure_unseen(view.title.stems),
        "explainer": float(is_explainer(view.title.text)),
        "live": float(bool(_LIVE.search(view.title.text))),
        "fresh_lead": float(any("today" in m for m in marks[:2])),
        "fresh_share": sum("today" in m or "yesterday" in m for m in marks) / count,
        "said_share": sum("said" in m for m in marks) / count,
        "voice_share": sum(bool(m & {"opinion", "question", "exclaimed"}) for m in marks) / count,
        "copied_share": sum(index.measure_nearest(s.stems) >= 0.7 for s in view.sentences) / count,
        "unseen_share": sum(index.measure_unseen(s.stems) for s in view.sentences) / count,
        "facts_share": sum(bool(f.quantities or f.names or f.stages) for f in found) / count,
        "known_voice": float(view.publisher in told.publishers),
        "late": float(view.published_at < told.last_at),
        "days": math.log1p(min(MAX_DAYS, abs((view.published_at - told.last_at).total_seconds()) / 86400)),
    }


def is_explainer(title: str) -> bool:
    """True for the headline of a text that explains, asks or looks back."""
    return bool(_EXPLAINER.search(title))


@lru_cache(maxsize=1)
def _load_weights() -> dict[str, dict[str, float]]:
    weights: dict[str, dict[str, float]] = json.loads(
        files("pipeline.detect").joinpath("weights.json").read_text("utf-8")
    )
    return weights
