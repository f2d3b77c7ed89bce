"""Fit the gate of openings: is an article that opens a story a report, or a column or retelling that joined none?

usage: python benchmarks/fit_opening.py STREAM.jsonl [STREAM.jsonl ...] [--write]

Each stream is grouped twice, as it stands and with unrelated texts of seeds/labelled strewn in, and every article that
opens a story near another one is taken with its label. The figures printed are of streams that the gate never saw.
Unrelated texts are not labelled so: they count as reports, with little weight, though some are columns.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fit_gate import ALERTS, apply_gate, fit_gate, make_report, read_stream, write_gates
from fit_group import strew_strays
from tqdm import tqdm

from pipeline.detect import Told
from pipeline.detect.opening import LEAST_SENTENCES, measure_opening
from pipeline.facts import read_report
from pipeline.judge import RamMemory, judge_development, judge_duplicate, judge_story

UNRELATED = "unrelated"
WEIGHT = 0.15  # of an unrelated text beside an article of a stream
STRENGTH = 0.3  # inverse of the L2 penalty on standardised features
THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.4)


@dataclass(frozen=True)
class Opening:
    """An article that opened a story."""

    stream: str
    label: str
    features: dict[str, float]


def collect_openings(path: Path, seed: int) -> list[Opening]:
    """Those of a stream, as it stands and with unrelated texts."""
    rows = read_stream(path)
    labels = {row["id"]: row["label"] for row in rows}
    stream = [(make_report(row), str(row["story"])) for row in rows]
    found = []
    for reports in (stream, strew_strays(stream, seed)):
        memory = RamMemory()
        for report, _ in reports:
            duplicate = judge_duplicate(report, memory)
            assignment = judge_story(report, duplicate, memory)
            view, near = read_report(report), memory.recall(Told, assignment.near) if assignment.near else None
            if assignment.is_new and near and near.articles and len(view.sentences) >= LEAST_SENTENCES:
                label = labels.get(report.item_id, UNRELATED)
                found.append(Opening(path.stem, label, measure_opening(view, near)))
            judge_development(report, duplicate, assignment, memory)
    return found


def fit(openings: Sequence[Opening]) -> dict[str, float]:
    """The weights of the gate."""
    counts = [WEIGHT if each.label == UNRELATED else 1.0 for each in openings]
    is_report = [each.label in ALERTS or each.label == UNRELATED for each in openings]
    return fit_gate([each.features for each in openings], is_report, counts, STRENGTH)


def validate(openings: Sequence[Opening]) -> list[float]:
    """How likely each opening is a report, by a gate fitted on the other streams."""
    gates = {
        stream: fit([each for each in openings if each.stream != stream])
        for stream in sorted({each.stream for each in openings})
    }
    return [apply_gate(each.features, gates[each.stream]) for each in openings]


def describe(openings: Sequence[Opening], chances: Sequence[float], threshold: float) -> str:
    """What stays quiet below a threshold."""
    words = []
    for name, labels in (("columns and retellings", {"repeat"}), ("reports", ALERTS), (UNRELATED, {UNRELATED})):
        chosen = [chance for each, chance in zip(openings, chances, strict=True) if each.label in labels]
        words.append(f"{sum(chance < threshold for chance in chosen)} of {len(chosen)} {name}")
    return f"quiet below {threshold}: {', '.join(words)}"


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("streams", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help="write the weights beside the code")
    arguments = parser.parse_args()
    seeds = range(len(arguments.streams))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        lots = pool.map(collect_openings, arguments.streams, seeds)
        bar = tqdm(lots, total=len(seeds), desc="grouping", file=sys.stderr, disable=None)
        openings = [opening for lot in bar for opening in lot]
    chances = validate(openings)
    for threshold in THRESHOLDS:
        print(describe(openings, chances, threshold))
    if arguments.write:
        write_gates({"opening": fit(openings)})


if __name__ == "__main__":
    main()
