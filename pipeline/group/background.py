"""How common a term is in news at large, so that an empty archive does not take every word for a rare one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Background:
    """Document frequencies in this project's own labelled texts; terms in fewer than three of them are left out."""

    documents: int
    counts: Mapping[str, int]


@lru_cache(maxsize=1)
def load_background() -> Background:
    """The shipped counts; `python benchmarks/fit_group.py --background` makes them anew."""
    read = json.loads(files("pipeline.group").joinpath("background.json").read_text("utf-8"))
    return Background(read["documents"], read["counts"])
