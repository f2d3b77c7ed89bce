"""Measure the gate of grouping on labelled streams, and look for better weights.

usage: python benchmarks/fit_group.py STREAM.jsonl [STREAM.jsonl ...] [--climb STEPS] [--regroup STEPS] [--background]

A stream holds one article a line (see seeds/streams/README.md). Each is judged twice: as it stands, and with unrelated
articles of seeds/labelled strewn in, as a real desk's day has them. The figure is B-cubed F1 (Bagga and Baldwin 1998)
of where the articles belong in the end. --regroup prints better thresholds for pipeline/group/regroup.py.
--background counts in how many texts of seeds/labelled each term stands, anew.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

from fit_gate import make_report, read_stream
from tqdm import tqdm

from pipeline.facts import read_report
from pipeline.group import GroupSettings, RegroupSettings
from pipeline.group import assign as gate
from pipeline.judge import DEFAULTS, JudgeSettings, RamMemory, judge_duplicate, judge_story
from pipeline.models import ItemId, Report

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "pipeline/group/weights.json"
BACKGROUND = ROOT / "pipeline/group/background.json"
LEAST_DOCUMENTS = 3  # in which a term of the background stands
STRAYS = 80  # unrelated articles per stream
STRAY_WORDS = 45

Stream = list[tuple[Report, str]]  # report, story
Weights = dict[str, float]


def load_stream(path: Path) -> Stream:
    """A stream in time order."""
    return [(make_report(row), row["story"]) for row in read_stream(path)]


def read_texts() -> list[dict[str, str]]:
    """The labelled texts of the topics."""
    return [json.loads(line) for file in sorted((ROOT / "seeds/labelled").glob("*.jsonl")) for line in file.open()]


def write_background() -> None:
    """Count the terms of the labelled texts; the days in them are made up here and left out."""
    at, texts, counts = datetime(2026, 1, 1, tzinfo=UTC), read_texts(), Counter[str]()
    for text in tqdm(texts, desc="counting", file=sys.stderr, disable=None):
        counts.update(read_report(Report(ItemId("x"), at, "x", "x", "x", text["title"], text["text"])).terms.keys())
    kept = {t: n for t, n in sorted(counts.items()) if n >= LEAST_DOCUMENTS and not t.startswith(("#2025-", "#2026-"))}
    BACKGROUND.write_text(json.dumps({"documents": len(texts), "counts": kept}, ensure_ascii=False) + "\n", "utf-8")


def strew_strays(stream: Stream, seed: int) -> Stream:
    """The stream with unrelated articles in it, each a story of its own."""
    long = [text for text in read_texts() if len(text["text"].split()) >= STRAY_WORDS]
    dice = random.Random(seed)
    start, end = stream[0][0].published_at, stream[-1][0].published_at
    strays = [
        (Report(ItemId(f"{seed}-{n}"), start + (end - start) * dice.random(), "x", "x", "x", t["title"], t["text"]), t)
        for n, t in enumerate(dice.sample(long, STRAYS))
    ]
    return sorted([*stream, *((r, str(r.item_id)) for r, _ in strays)], key=lambda row: row[0].published_at)


def climb(streams: Sequence[Stream], weights: Weights, steps: int, seed: int = 1) -> Weights:
    """Better weights by small random steps: few weights and a jagged figure, so nothing finer is worth it.

    Words may count at most half of what names and numbers do: the words of two collisions are alike.
    """
    dice, best = random.Random(seed), mean_score(streams, weights)
    for _ in tqdm(range(steps), desc="climbing", file=sys.stderr, disable=None):
        tried = dict(weights)
        for name in dice.sample(list(weights), dice.choice([1, 2, 3])):
            tried[name] = round(weights[name] + dice.gauss(0, 0.25 * (abs(weights[name]) + 0.5)), 2)
        if tried["words"] > tried["facts"] / 2 or tried["size"] > 0:
            continue
        score = mean_score(streams, tried)
        if score > best:
            best, weights = score, tried
    return weights


def mean_score(streams: Sequence[Stream], weights: Weights) -> float:
    """The mean over the streams as they stand and with strays."""
    scores = [score_b_cubed(each, weights) for n, s in enumerate(streams) for each in (s, strew_strays(s, n))]
    return sum(scores) / len(scores)


def score_b_cubed(stream: Stream, weights: Weights) -> float:
    """B-cubed F1 of the stories that the rooms make of a stream."""
    gate._load_weights = lambda: weights  # type: ignore[assignment]
    return score_settings(stream, DEFAULTS)


def score_settings(stream: Stream, settings: JudgeSettings) -> float:
    """B-cubed F1 of the stories that the articles of a stream belong to in the end."""
    memory, found, originals = RamMemory(), dict[ItemId, str](), dict[ItemId, ItemId]()
    for report, _ in stream:
        duplicate = judge_duplicate(report, memory, settings)
        assignment = judge_story(report, duplicate, memory, settings)
        found |= {move.item_id: move.to_story for move in assignment.moves} | {report.item_id: assignment.story_id}
        if duplicate:
            originals[report.item_id] = duplicate.of
    wanted = {report.item_id: story for report, story in stream}
    return _compare(wanted, {item: found[originals.get(item, item)] for item in found})


def climb_regrouping(streams: Sequence[Stream], steps: int, seed: int = 1) -> RegroupSettings:
    """Better thresholds of the correction afterwards, by small random steps."""
    dice, best = random.Random(seed), RegroupSettings()
    each = [stream for n, s in enumerate(streams) for stream in (s, strew_strays(s, n))]

    def score(tried: RegroupSettings) -> float:
        settings = JudgeSettings(group=GroupSettings(regroup=tried))
        return sum(score_settings(stream, settings) for stream in each) / len(each)

    reached = score(best)
    for _ in tqdm(range(steps), desc="climbing", file=sys.stderr, disable=None):
        names = dice.sample([field.name for field in fields(best)], dice.choice([1, 2, 3]))
        tried = replace(best, **{name: round(getattr(best, name) * math.exp(dice.gauss(0, 0.25)), 3) for name in names})
        if (found := score(tried)) > reached:
            reached, best = found, tried
    return best


def _compare(wanted: Mapping[ItemId, str], found: Mapping[ItemId, str]) -> float:
    of_wanted, of_found = defaultdict(set), defaultdict(set)
    for item in wanted:
        of_wanted[wanted[item]].add(item)
        of_found[found[item]].add(item)
    both = {item: len(of_wanted[wanted[item]] & of_found[found[item]]) for item in wanted}
    precision = sum(n / len(of_found[found[item]]) for item, n in both.items()) / len(both)
    recall = sum(n / len(of_wanted[wanted[item]]) for item, n in both.items()) / len(both)
    return 2 * precision * recall / (precision + recall)


def main() -> None:
    """Measure the weights in use; with --climb look for better ones and keep them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("streams", type=Path, nargs="+")
    parser.add_argument("--climb", type=int, default=0, metavar="STEPS", help="steps to try; 200 take some minutes")
    parser.add_argument("--regroup", type=int, default=0, metavar="STEPS", help="steps to try; 40 take some minutes")
    parser.add_argument("--background", action="store_true", help="count the labelled texts anew, first of all")
    arguments = parser.parse_args()
    if arguments.background:
        write_background()
    streams = [load_stream(path) for path in arguments.streams]
    weights: Weights = json.loads(WEIGHTS.read_text("utf-8"))
    if arguments.climb:
        weights = climb(streams, weights, arguments.climb)
        WEIGHTS.write_text(json.dumps(weights) + "\n", "utf-8")
    print(json.dumps(weights))
    if arguments.regroup:
        print(climb_regrouping(streams, arguments.regroup))
    for n, (path, stream) in enumerate(zip(arguments.streams, streams, strict=True)):
        alone, strewn = score_b_cubed(stream, weights), score_b_cubed(strew_strays(stream, n), weights)
        print(f"{path.name}: B3 F1 {alone:.3f}, with {STRAYS} strays {strewn:.3f}")


if __name__ == "__main__":
    main()
