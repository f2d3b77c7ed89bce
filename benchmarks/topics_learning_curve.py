"""How the topic model grows with the number of our own examples.

    python benchmarks/topics_learning_curve.py LABELLED.jsonl

The labelled file (JSON lines with title, text, topics) is only measured on. What labels of readers add:
topics_user_labels.py.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

from pipeline.classify.examples import Example
from pipeline.classify.model import TopicModel
from pipeline.classify.topics import TopicSet
from pipeline.classify.training import TrainingSettings, train_model
from pipeline.models import ItemId
from pipeline.topic_model import read_examples

ROOT = Path(__file__).resolve().parents[1]
PLOT = ROOT / "docs" / "images" / "topics_learning_curve.png"
SIZES = (250, 500, 1000, 2000, 4000)
SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path)
    options = parser.parse_args()
    topics, examples = read_examples(ROOT / "seeds")
    measured = read_measured(options.labelled)
    random.Random(SEED).shuffle(examples)
    draw_curve([*SIZES, len(examples)], print_curve(examples, measured, topics))


def read_measured(path: Path) -> list[Example]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [Example(row["title"], row["text"], tuple(sorted(row["topics"]))) for row in rows]


def print_curve(
    examples: Sequence[Example], measured: Sequence[Example], topics: TopicSet
) -> list[tuple[float, float]]:
    figures = []
    print("| examples | macro F1 | macro AP |\n|---|---|---|")
    for size in [*SIZES, len(examples)]:
        model = train_model(examples[:size], topics, TrainingSettings())
        figures.append(measure(classify_all(model, measured), measured, topics))
        print(f"| {size} | {figures[-1][0]:.3f} | {figures[-1][1]:.3f} |", flush=True)
    return figures


def classify_all(model: TopicModel, measured: Sequence[Example]) -> list[dict[str, tuple[bool, float]]]:
    """For each text and topic: was it said, and with what probability."""
    answers = []
    for one in measured:
        found = model.classify(ItemId("measured"), one.title, one.text)
        said = {match.topic for match in found.topics}
        answers.append({topic: (topic in said, score) for topic, score in found.scores.items()})
    return answers


def measure(
    said: Sequence[dict[str, tuple[bool, float]]], measured: Sequence[Example], topics: TopicSet
) -> tuple[float, float]:
    """Macro F1 at the model's own thresholds, and macro average precision."""
    f1s, precisions = [], []
    for topic in topics.topic_ids:
        truth = [topic in one.topics for one in measured]
        yes = [answer[topic][0] for answer in said]
        right = sum(a and b for a, b in zip(truth, yes, strict=True))
        f1s.append(2 * right / max(1, sum(truth) + sum(yes)))
        precisions.append(average_precision(truth, [answer[topic][1] for answer in said]))
    return sum(f1s) / len(f1s), sum(precisions) / len(precisions)


def average_precision(truth: Sequence[bool], scores: Sequence[float]) -> float:
    hits, total = 0, 0.0
    for rank, (_, good) in enumerate(sorted(zip(scores, truth, strict=True), key=lambda pair: -pair[0]), start=1):
        if good:
            hits += 1
            total += hits / rank
    return total / max(1, hits)


def draw_curve(sizes: Sequence[int], figures: Sequence[tuple[float, float]]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3.6))
    axes.plot(sizes, [f1 for f1, _ in figures], marker="o", label="macro F1")
    axes.plot(sizes, [precision for _, precision in figures], marker="s", label="macro average precision")
    axes.set(xscale="log", xlabel="training examples written for this project", ylim=(0.3, 1.0))
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(PLOT, dpi=130, metadata={"Software": None})
    print(f"drawn: {PLOT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
