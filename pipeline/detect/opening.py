"""Whether an article that opens a story near another one reports something.

Columns, portraits and retellings open stories, too, for want of names and numbers that they share with their own. What
stands by itself is not asked: nobody else has told it.
"""

from __future__ import annotations

import math
from dataclasses import replace

from pipeline.detect.gate import squash, weigh
from pipeline.detect.reading import read_against
from pipeline.detect.told import Told
from pipeline.facts import ArticleView

HEAD_SENTENCES = 6  # are compared with the nearest story: they tell as much as all of it
LEAST_SENTENCES = 4  # a shorter text is no column, and has no room for many numbers


def weigh_opening(view: ArticleView, near: Told) -> float:
    """The probability that an article that opens a story is worth telling; `near`: what the nearest story has told."""
    if len(view.sentences) < LEAST_SENTENCES:
        return 1.0
    return round(squash(weigh(measure_opening(view, near), "opening")), 3)


def measure_opening(view: ArticleView, near: Told) -> dict[str, float]:
    """The named features of an opening: what it holds by the sentence, and what its head adds to the nearest story."""
    count = len(view.sentences)
    worth = read_against(replace(view, sentences=view.sentences[:HEAD_SENTENCES]), near).worth
    return {
        "numbers": sum(len(s.quantities) for s in view.sentences) / count,
        "days": sum(len(s.dates) for s in view.sentences) / count,
        "stages": sum(len(s.stages) for s in view.sentences) / count,
        "said": sum("said" in s.marks for s in view.sentences) / count,
        "opinion": sum("opinion" in s.marks for s in view.sentences) / count,
        "near_worth": math.log((worth + 0.01) / (1.01 - worth)),
    }
