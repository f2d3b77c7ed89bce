"""Fit the gates of detection on labelled streams and write their weights beside the code.

usage: python benchmarks/fit_gate.py STREAM.jsonl [STREAM.jsonl ...] [--write] [--judge OTHER.jsonl]

A stream holds one article a line: id, published_at, source, publisher, url, title, text, story, label, new_facts.
Every figure printed is cross-validated: a story is judged by gates that never saw it (nor another story of its file
that shares a fold).
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from pipeline.detect import Told, start_telling, tell_article
from pipeline.detect.correction import gather_correction
from pipeline.detect.gate import measure_article, measure_passages, squash
from pipeline.detect.novelty import NewFacts, ToldIndex, measure_sentence
from pipeline.detect.verdict import DetectSettings, choose_shown
from pipeline.facts import ArticleView, read_report
from pipeline.models import ItemId, Report, StoryId

ALERTS = {"new_story", "development", "correction"}
FOLDS = 14
STRENGTH = 0.1  # inverse of the L2 penalty on standardised features: few stories, so a strong one
WORD = re.compile(r"\w+")
Gates = dict[str, dict[str, float]]
WEIGHTS = Path(__file__).resolve().parents[1] / "pipeline/detect/weights.json"


@dataclass
class Sample:
    """One article that is neither the first of its story nor a copy."""

    view: ArticleView
    stream: str
    story: str
    label: str
    index: ToldIndex
    found: list[NewFacts]
    sentences: list[dict[str, float]]
    shown: list[bool]
    new_facts: list[str]

    @property
    def is_news(self) -> bool:
        """Whether the article deserves an alert."""
        return self.label in ALERTS


@dataclass(frozen=True)
class Judged:
    """The probabilities that an article is news, that it takes something back, and that its sentences are new."""

    news: float
    takes_back: float
    scores: list[float]


def read_stream(path: Path) -> list[dict[str, Any]]:
    """The articles of a stream in time order."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return sorted(rows, key=lambda row: _read_time(row))


def _read_time(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["published_at"].replace("Z", "+00:00"))


def make_report(row: dict[str, Any]) -> Report:
    """A row of a stream as the rooms read it."""
    fields = (row["source"], row["publisher"], row["url"], row["title"], row["text"])
    return Report(ItemId(row["id"]), _read_time(row), *fields)


def collect_samples(rows: Iterable[dict[str, Any]], prefix: str) -> list[Sample]:
    """What each article adds to its story, with the stories as labelled."""
    told: dict[str, Told] = {}
    samples = []
    for row in rows:
        view, story = read_report(make_report(row)), prefix + row["story"]
        if row["label"] == "near_duplicate":
            continue
        if story in told:
            samples.append(_make_sample(view, prefix, row, told[story]))
        known = told.get(story) or start_telling(StoryId(story), view.published_at)
        told[story] = tell_article(known, view)
    return samples


def _make_sample(view: ArticleView, stream: str, row: dict[str, Any], told: Told) -> Sample:
    index = ToldIndex(told, view)
    found = [index.find_new(s) for s in view.sentences]
    features = [measure_sentence(s, f, index, n) for n, (s, f) in enumerate(zip(view.sentences, found, strict=True))]
    shown = [any(_covers(gold, s.text) for gold in row["new_facts"]) for s in view.sentences]
    return Sample(view, stream, stream + row["story"], row["label"], index, found, features, shown, row["new_facts"])


def _covers(gold: str, sentence: str) -> bool:
    words, others = ({w.lower() for w in WORD.findall(text)} for text in (gold, sentence))
    return len(words & others) >= 0.7 * len(words)


def fit_gate(
    features: Sequence[dict[str, float]],
    labels: Sequence[bool],
    counts: Sequence[float] | None = None,
    strength: float = STRENGTH,
) -> dict[str, float]:
    """The weights of a logistic gate, in the features' own units; `counts`: how much each example counts."""
    names = sorted({name for row in features for name in row})
    table = np.array([[row.get(name, 0.0) for name in names] for row in features])
    mean, spread = table.mean(0), table.std(0) + 1e-6
    model = LogisticRegression(C=strength, max_iter=2000).fit((table - mean) / spread, labels, counts)
    weights = model.coef_[0] / spread
    bias = float(model.intercept_[0] - (weights * mean).sum())
    return {"bias": round(bias, 4), **{name: round(float(w), 4) for name, w in zip(names, weights, strict=True)}}


def fit_gates(samples: Sequence[Sample]) -> Gates:
    """The gate of sentences by themselves, that of passages and that of articles, each on what the one before gives;
    among the news that of sentences which take something back, and that of corrections.
    """
    gates: Gates = {}
    sentences = [features for s in samples for features in s.sentences]
    gates["sentence"] = fit_gate(sentences, [shown for s in samples for shown in s.shown])
    alone = [measure_passages(_weigh_alone(s, gates)) for s in samples]
    gates["passage"] = fit_gate([f for each in alone for f in each], [shown for s in samples for shown in s.shown])
    gates["article"] = fit_gate([measure(s, gates) for s in samples], [s.is_news for s in samples])
    news = [s for s in samples if s.is_news]
    gates["reversal"] = fit_gate(
        [features for s in news for features in s.sentences],
        [shown and s.label == "correction" for s in news for shown in s.shown],
    )
    gates["correction"] = fit_gate([measure_cues(s, gates) for s in news], [s.label == "correction" for s in news])
    return gates


def _weigh_alone(sample: Sample, gates: Gates) -> list[float]:
    return [weigh_features(features, gates["sentence"]) for features in sample.sentences]


def score(sample: Sample, gates: Gates) -> list[float]:
    """The probability that each sentence is new."""
    return [apply_gate(features, gates["passage"]) for features in measure_passages(_weigh_alone(sample, gates))]


def apply_gate(features: dict[str, float], weights: dict[str, float]) -> float:
    """The probability that a gate gives."""
    return squash(weigh_features(features, weights))


def weigh_features(features: dict[str, float], weights: dict[str, float]) -> float:
    """The log-odds that a gate gives."""
    return weights["bias"] + sum(weights[name] * value for name, value in features.items() if name in weights)


def measure(sample: Sample, gates: Gates) -> dict[str, float]:
    """The features of the article gate."""
    return measure_article(sample.view, score(sample, gates), sample.found, sample.index)


def measure_cues(sample: Sample, gates: Gates) -> dict[str, float]:
    """The features of the correction gate."""
    reversals = [weigh_features(features, gates["reversal"]) for features in sample.sentences]
    return gather_correction(sample.view.title, reversals, score(sample, gates))


def judge(sample: Sample, gates: Gates) -> Judged:
    """What the gates say of an article."""
    news = apply_gate(measure(sample, gates), gates["article"])
    return Judged(news, apply_gate(measure_cues(sample, gates), gates["correction"]), score(sample, gates))


def validate(samples: Sequence[Sample], parts: Sequence[str]) -> list[Judged]:
    """`judge` of each article by gates fitted on the articles of other parts (stories or streams) than its own."""
    fold = {part: number % FOLDS for number, part in enumerate(sorted(set(parts)))}
    given: dict[int, Judged] = {}
    for number in sorted(set(fold.values())):
        gates = fit_gates([s for s, part in zip(samples, parts, strict=True) if fold[part] != number])
        for place, (sample, part) in enumerate(zip(samples, parts, strict=True)):
            if fold[part] == number:
                given[place] = judge(sample, gates)
    return [given[place] for place in range(len(samples))]


def report(samples: Sequence[Sample], given: Sequence[Judged], name: str) -> None:
    """Precision and recall of news among the articles that follow a story's first; corrections; what is shown."""
    for threshold in (0.5, 0.55, 0.6, 0.65, 0.7):
        sent = [s.is_news for s, each in zip(samples, given, strict=True) if each.news >= threshold]
        gold = sum(s.is_news for s in samples)
        print(f"{name}: news at {threshold}: P={sum(sent) / max(1, len(sent)):.3f} R={sum(sent) / max(1, gold):.3f}")
    for threshold in (0.3, 0.4, 0.5):
        sent = [
            s.label == "correction"
            for s, each in zip(samples, given, strict=True)
            if s.is_news and each.takes_back >= threshold
        ]
        gold = sum(s.label == "correction" for s in samples)
        print(f"{name}: corrections at {threshold}: {sum(sent)} of {gold} found, {len(sent) - sum(sent)} wrong")
    for threshold in (0.05, 0.1, DetectSettings().show_at, 0.2):
        print(f"{name}: {_describe_shown(samples, given, threshold)}")


def _describe_shown(samples: Sequence[Sample], given: Sequence[Judged], show_at: float) -> str:
    """How many of the new sentences are shown, and at how many an alert, with `tell_at` as it is."""
    covered = shown = 0
    told = [(s, each) for s, each in zip(samples, given, strict=True) if each.news >= DetectSettings().tell_at]
    for sample, each in told:
        texts = [sample.view.sentences[n].text for n in choose_shown(each.scores, show_at)]
        shown += len(texts)
        covered += sum(any(_covers(gold, text) for text in texts) for gold in sample.new_facts if sample.is_news)
    gold = sum(len(s.new_facts) for s in samples if s.is_news)
    return f"shown from {show_at}: {covered / max(1, gold):.3f} at {shown / max(1, len(told)):.2f} an alert"


def write_gates(gates: Gates) -> None:
    """Keep these gates; the others stay as they are."""
    known = json.loads(WEIGHTS.read_text("utf-8"))
    WEIGHTS.write_text(json.dumps(known | gates, indent=1) + "\n", "utf-8")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("streams", nargs="+", type=Path)
    parser.add_argument("--judge", nargs="*", type=Path, default=[], help="streams to measure on and never to fit")
    parser.add_argument("--write", action="store_true", help="write the weights beside the code")
    arguments = parser.parse_args()
    samples = [s for path in arguments.streams for s in collect_samples(read_stream(path), path.stem)]
    report(samples, validate(samples, [s.story for s in samples]), "story by story")
    report(samples, validate(samples, [s.stream for s in samples]), "stream by stream")
    gates = fit_gates(samples)
    for path in arguments.judge:
        others = collect_samples(read_stream(path), path.stem)
        report(others, [judge(s, gates) for s in others], path.name)
    if arguments.write:
        write_gates(gates)


if __name__ == "__main__":
    main()
