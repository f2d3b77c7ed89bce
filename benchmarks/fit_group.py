"""Measure the gates of grouping on labelled streams, and fit them.

usage: python benchmarks/fit_group.py STREAM.jsonl [STREAM.jsonl ...] [--background] [--merge] [--near STEPS]
       [--thresholds STEPS]

A stream holds one article a line (see seeds/streams/README.md). Each is judged twice: as it stands, and with unrelated
articles of seeds/labelled strewn in, as a real desk's day has them. The figure is B-cubed F1 (Bagga and Baldwin 1998)
of where the articles belong in the end.

--background  counts in how many texts of seeds/labelled each term stands, anew
--merge       fits pipeline/group/merge.json: whether two clusters are one story; prints the figures of each third of
              the streams with a gate that never saw it, then keeps the gate fitted on all
--near        looks for better weights in pipeline/group/weights.json: which stories are put together anew
--thresholds  prints better thresholds for pipeline/group/regroup.py
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

import numpy as np
from fit_gate import make_report, read_stream
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from tqdm import tqdm

from pipeline.facts import read_report
from pipeline.group import Corpus, GroupSettings, RegroupSettings, assign, merge, regroup
from pipeline.group.merge import FEATURES, Clusters
from pipeline.group.sketch import Sketch, compare_sketches
from pipeline.judge import JudgeSettings, RamMemory, judge_duplicate, judge_story
from pipeline.models import ItemId, Report

ROOT = Path(__file__).resolve().parents[1]
NEAR_GATE, MERGE_GATE = ROOT / "pipeline/group/weights.json", ROOT / "pipeline/group/merge.json"
BACKGROUND = ROOT / "pipeline/group/background.json"
LEAST_DOCUMENTS = 3  # in which a term of the background stands
STRAYS = 80  # unrelated articles per stream
STRAY_WORDS = 45
SAMPLED = 0.4  # of the neighbourhoods that are met
UNLIKELY = -3.0  # log-odds down to which merges are learned from
ROUNDS = 2  # the second one learns from the merges that the gate of the first would make
STRENGTH = 0.3  # inverse of the L2 penalty on standardised features
THIRDS = 3

Floats = NDArray[np.float64]
Stream = list[tuple[Report, str]]  # report, story
Gate = Mapping[str, float]


@dataclass(frozen=True)
class Gates:
    """The two gates of grouping."""

    near: Gate
    merge: Gate


@dataclass(frozen=True)
class Hood:
    """Articles that were put together anew, as `Clusters` has them, and the story that each belongs to."""

    likeness: Floats
    days: Floats
    stories: list[str]


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


def load_gates() -> Gates:
    """The gates in use."""
    return Gates(json.loads(NEAR_GATE.read_text("utf-8")), json.loads(MERGE_GATE.read_text("utf-8")))


def use_gates(gates: Gates) -> None:
    """Group by these gates in this process."""
    weights = np.array([gates.merge[name] for name in FEATURES])
    assign._load_weights = lambda: dict(gates.near)  # type: ignore[assignment]
    merge._load_gate = lambda: (weights, gates.merge["bias"])  # type: ignore[assignment]


def measure(stream: Stream, gates: Gates, settings: GroupSettings) -> float:
    """B-cubed F1 of the stories that the articles of a stream belong to in the end."""
    use_gates(gates)
    memory, found, originals = RamMemory(), dict[ItemId, str](), dict[ItemId, ItemId]()
    for report, _ in stream:
        duplicate = judge_duplicate(report, memory)
        assignment = judge_story(report, duplicate, memory, JudgeSettings(group=settings))
        found |= {move.item_id: move.to_story for move in assignment.moves} | {report.item_id: assignment.story_id}
        if duplicate:
            originals[report.item_id] = duplicate.of
    wanted = {report.item_id: story for report, story in stream}
    return _compare(wanted, {item: found[originals.get(item, item)] for item in found})


def _compare(wanted: Mapping[ItemId, str], found: Mapping[ItemId, str]) -> float:
    of_wanted, of_found = defaultdict(set), defaultdict(set)
    for item in wanted:
        of_wanted[wanted[item]].add(item)
        of_found[found[item]].add(item)
    both = {item: len(of_wanted[wanted[item]] & of_found[found[item]]) for item in wanted}
    precision = sum(n / len(of_found[found[item]]) for item, n in both.items()) / len(both)
    recall = sum(n / len(of_wanted[wanted[item]]) for item, n in both.items()) / len(both)
    return 2 * precision * recall / (precision + recall)


class Figures:
    """The figures of streams, each as it stands and with strays; two streams are measured side by side."""

    def __init__(self, pool: ProcessPoolExecutor, streams: Sequence[Stream]) -> None:
        self.pool = pool
        self.streams = [(stream, strew_strays(stream, n)) for n, stream in enumerate(streams)]

    def list_all(self, gates: Gates, settings: GroupSettings, chosen: slice = slice(None)) -> list[tuple[float, float]]:
        """B-cubed F1 of some streams, without and with strays."""
        both = [stream for pair in self.streams[chosen] for stream in pair]
        found = list(self.pool.map(measure, both, repeat(gates), repeat(settings)))
        return list(zip(found[::2], found[1::2], strict=True))

    def average(self, gates: Gates, settings: GroupSettings) -> float:
        """The mean of all."""
        return float(np.mean(self.list_all(gates, settings)))


def collect_hoods(stream: Stream, gates: Gates) -> list[Hood]:
    """A sample of the neighbourhoods that are put together anew while a stream is grouped."""
    stories = {report.item_id: story for report, story in stream}
    dice, hoods, gather = random.Random(1), list[Hood](), regroup.gather_clusters

    def note(sketches: Sequence[Sketch], blocks: Sequence[Sequence[int]], corpus: Corpus, local: float) -> Clusters:
        if dice.random() < SAMPLED:
            days = np.array([sketch.published_at.timestamp() / regroup.SECONDS_A_DAY for sketch in sketches])
            likeness = compare_sketches(sketches, corpus, local)
            hoods.append(Hood(likeness, days, [stories[sketch.item_id] for sketch in sketches]))
        return gather(sketches, blocks, corpus, local)

    regroup.gather_clusters = note  # type: ignore[assignment]
    measure(stream, gates, GroupSettings())
    regroup.gather_clusters = gather  # type: ignore[assignment]
    return hoods


def list_merges(hood: Hood, gate: Gate) -> list[tuple[Floats, bool]]:
    """The merges that a gate would make, best first: FEATURES and whether they are right. No wrong one is made."""
    weights, size = np.array([gate[name] for name in FEATURES]), len(hood.stories)
    clusters, merges = Clusters(hood.likeness, hood.days, [[n] for n in range(size)]), list[tuple[Floats, bool]]()
    odds = clusters.measure(slice(None)) @ weights + gate["bias"]
    np.fill_diagonal(odds, -math.inf)
    while odds.max() > UNLIKELY:
        first, second = sorted(divmod(int(odds.argmax()), size))
        is_right = hood.stories[first] == hood.stories[second]
        row = slice(first, first + 1)
        merges.append((clusters.measure(row)[0, second], is_right))
        odds[first, second] = odds[second, first] = -math.inf
        if is_right:
            clusters.merge(first, second)
            again = np.where(clusters.alive, clusters.measure(row)[0] @ weights + gate["bias"], -math.inf)
            again[first] = -math.inf
            odds[first] = odds[:, first] = again
            odds[second] = odds[:, second] = -math.inf
    return merges


def fit_merge(hoods: Sequence[Hood], gate: Gate) -> Gate:
    """A better gate of merging, from what the given one would do."""
    merges: list[tuple[Floats, bool]] = []
    for _ in range(ROUNDS):
        merges += [each for hood in hoods for each in list_merges(hood, gate)]
        table = np.array([features for features, _ in merges])
        mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-6
        model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(
            (table - mean) / spread, [right for _, right in merges]
        )
        weights = model.coef_[0] / spread
        bias = float(model.intercept_[0] - (weights * mean).sum())
        gate = {name: round(float(w), 3) for name, w in zip(FEATURES, weights, strict=True)} | {"bias": round(bias, 3)}
    return gate


def cross_validate(figures: Figures, gates: Gates) -> Gates:
    """Fit the gate of merging without each third of the streams and measure it there; the gates fitted on all."""
    streams = [stream for pair in figures.streams for stream in pair]
    met = list(figures.pool.map(collect_hoods, streams, repeat(gates)))
    for third in tqdm(range(THIRDS), desc="fitting", file=sys.stderr, disable=None):
        others = [hood for number, hoods in enumerate(met) if number // 2 % THIRDS != third for hood in hoods]
        fitted = replace(gates, merge=fit_merge(others, gates.merge))
        unseen = figures.list_all(fitted, GroupSettings(), slice(third, None, THIRDS))
        print(f"streams {third + 1}, {third + 1 + THIRDS} ..., unseen: {np.mean(unseen, axis=0).round(3).tolist()}")
    return replace(gates, merge=fit_merge([hood for hoods in met for hood in hoods], gates.merge))


def climb_near(figures: Figures, gates: Gates, steps: int, seed: int = 1) -> Gates:
    """Better weights of the first gate by small random steps: few weights and a jagged figure, so nothing finer helps.

    Words may count at most half of what names and numbers do: the words of two collisions are alike.
    """
    dice, best = random.Random(seed), figures.average(gates, GroupSettings())
    for _ in tqdm(range(steps), desc="climbing", file=sys.stderr, disable=None):
        tried = dict(gates.near)
        for name in dice.sample(list(tried), dice.choice([1, 2, 3])):
            tried[name] = round(tried[name] + dice.gauss(0, 0.25 * (abs(tried[name]) + 0.5)), 2)
        if tried["words"] > tried["facts"] / 2 or tried["size"] > 0:
            continue
        score = figures.average(replace(gates, near=tried), GroupSettings())
        if score > best:
            best, gates = score, replace(gates, near=tried)
    return gates


def climb_thresholds(figures: Figures, gates: Gates, steps: int, seed: int = 1) -> RegroupSettings:
    """Better thresholds of the correction afterwards, by small random steps."""
    dice, best = random.Random(seed), RegroupSettings()
    reached = figures.average(gates, GroupSettings())
    for _ in tqdm(range(steps), desc="climbing", file=sys.stderr, disable=None):
        names = dice.sample([field.name for field in fields(best)], dice.choice([1, 2, 3]))
        tried = replace(best, **{name: round(getattr(best, name) * math.exp(dice.gauss(0, 0.25)), 3) for name in names})
        if (score := figures.average(gates, GroupSettings(regroup=tried))) > reached:
            reached, best = score, tried
    return best


def main() -> None:
    """Measure the gates in use, after fitting what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("streams", type=Path, nargs="+")
    parser.add_argument("--background", action="store_true", help="count the labelled texts anew, first of all")
    parser.add_argument("--merge", action="store_true", help="fit the gate of merging; takes some minutes")
    parser.add_argument("--near", type=int, default=0, metavar="STEPS", help="steps to try; 60 take some minutes")
    parser.add_argument("--thresholds", type=int, default=0, metavar="STEPS", help="steps to try; 60 take some minutes")
    arguments = parser.parse_args()
    if arguments.background:
        write_background()
    streams, gates = [load_stream(path) for path in arguments.streams], load_gates()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        figures = Figures(pool, streams)
        if arguments.merge:
            gates = cross_validate(figures, gates)
            MERGE_GATE.write_text(json.dumps(gates.merge) + "\n", "utf-8")
        if arguments.near:
            gates = climb_near(figures, gates, arguments.near)
            NEAR_GATE.write_text(json.dumps(gates.near) + "\n", "utf-8")
        print(json.dumps(gates.near), json.dumps(gates.merge), sep="\n")
        if arguments.thresholds:
            print(climb_thresholds(figures, gates, arguments.thresholds))
        for path, pair in zip(arguments.streams, figures.list_all(gates, GroupSettings()), strict=True):
            print(f"{path.name}: B3 F1 {pair[0]:.3f}, with {STRAYS} strays {pair[1]:.3f}")


if __name__ == "__main__":
    main()
