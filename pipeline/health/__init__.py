"""The health of sources: what the looks at a source say about it, in one state with a reason. Windowless.

    Health + Look > what does the look speak for? > rhythm, output > state > Health, SourceChange

`Health` is a running memory of one small record per source: a look is counted once, so a year of looks
costs no more than a day of them, and a repeated step changes nothing.
"""

from __future__ import annotations

from pipeline.health.digest import write_digest
from pipeline.health.habits import describe_habits
from pipeline.health.state import judge_look, judge_looks

__all__ = ["describe_habits", "judge_look", "judge_looks", "write_digest"]
