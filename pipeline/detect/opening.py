"""Whether an article that opens a story reports something: columns, portraits and retellings open stories, too.

They do so for want of names and numbers that they share with the articles of their own story.
"""

from __future__ import annotations

import math
from dataclasses import replace

from pipeline.detect.gate import squash, weigh
from pipeline.detect.reading import read_against
from pipeline.detect.told import Told
from pipeline.facts import ArticleView

LEAD_SENTENCES = 2
HEAD_SENTENCES = 6  # are compared with the nearest story: they tell as much as all of it
LEAST_SENTENCES = 4  # a shorter text is no column, and has no room for many numbers


def weigh_opening(view: ArticleView, near: Told | None) -> float:
    """The probability that an article that opens a story is worth telling; `near`: what the nearest story has told."""
    if len(view.sentences) < LEAST_SENTENCES:
        return 1.0
    return round(squash(weigh(measure_opening(view, near), "opening")), 3)


def measure_opening(view: ArticleView, near: Told | None) -> dict[str, float]:
    """The named features of an opening: how it speaks, and what it adds to the nearest story if there is one."""
    count = len(view.sentences)
    features = {
        "numbers": sum(len(s.quantities) for s in view.sentences) / count,
        "days": sum(len(s.dates) for s in view.sentences) / count,
        "background": sum("background" in s.marks for s in view.sentences) / count,
        "said_lead": float(any("said" in s.marks for s in view.sentences[:LEAD_SENTENCES])),
        "title_stages": float(len(view.title.stages)),
    }
    if near is None:
        return features
    head = replace(view, sentences=view.sentences[:HEAD_SENTENCES])
    read = read_against(head, near)
    return features | {
        "near": 1.0,
        "near_worth": math.log((read.worth + 0.01) / (1.01 - read.worth)),
        "near_facts": sum(bool(new.quantities or new.names or new.stages) for new in read.found) / len(read.found),
    }
