"""What a topic of one's own needs: a definition and ten examples, shown on a ninth topic.

    python benchmarks/ninth_topic.py

The folder `ninth_topic/` has the definition of the topic `election`, ten examples, and texts that are only
measured on, half of them near misses (shareholders who vote, landslides of mud). Three ways to start are
compared: the examples alone with plain TF-IDF of words, the examples alone in Wirewatch, and Wirewatch with
the definition. All three train on the shipped examples too, which no reader labelled for the new topic: those
about elections count against it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from topics_learning_curve import average_precision
from tqdm import tqdm

from pipeline.classify.examples import Example, parse_examples
from pipeline.classify.topics import Topic, TopicSet, parse_topics
from pipeline.classify.training import TrainingSettings, train_model
from pipeline.models import ItemId
from pipeline.topic_model import read_examples

ROOT = Path(__file__).resolve().parents[1]
NINTH = ROOT / "benchmarks" / "ninth_topic"
Said = tuple[list[bool], list[float]]


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    topics, shipped = read_examples(ROOT / "seeds")
    (ninth,) = parse_topics((NINTH / "topic.toml").read_text("utf-8")).topics
    ten, held_out = (_read(name, ninth) for name in ("examples.jsonl", "held_out.jsonl"))
    bare = replace(ninth, words=("election",), phrases=(), counter_examples=())
    ways = {
        "plain TF-IDF, ten examples": lambda: ask_plain([*shipped, *ten], held_out, ninth.id),
        "ten examples, a name and one word": lambda: ask_wirewatch([*shipped, *ten], held_out, topics, bare),
        "ten examples and the definition": lambda: ask_wirewatch([*shipped, *ten], held_out, topics, ninth),
    }
    rows = [measure(name, way(), held_out) for name, way in tqdm(ways.items(), unit="model")]
    print("| start | precision | recall | F1 | average precision |\n|---|---|---|---|---|")
    print("\n".join(rows))


def _read(name: str, topic: Topic) -> list[Example]:
    return parse_examples((NINTH / name).read_text("utf-8"), [topic.id], name)


def ask_wirewatch(examples: Sequence[Example], held_out: Sequence[Example], topics: TopicSet, ninth: Topic) -> Said:
    model = train_model(examples, TopicSet((*topics.topics, ninth), topics.concepts), TrainingSettings())
    found = [model.classify(ItemId("held out"), one.title, one.text) for one in held_out]
    return [any(match.topic == ninth.id for match in one.topics) for one in found], [
        one.scores[ninth.id] for one in found
    ]


def ask_plain(examples: Sequence[Example], held_out: Sequence[Example], topic: str) -> Said:
    """TF-IDF of words and pairs with a linear support vector machine, as in a textbook."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
    from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

    plain = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC(class_weight="balanced", random_state=7)
    )
    plain.fit([f"{one.title} {one.text}" for one in examples], [topic in one.topics for one in examples])
    scores = plain.decision_function([f"{one.title} {one.text}" for one in held_out])
    return (scores > 0).tolist(), scores.tolist()


def measure(name: str, said: Said, held_out: Sequence[Example]) -> str:
    yes, scores = np.array(said[0]), said[1]
    truth = np.array([bool(one.topics) for one in held_out])
    right = int((yes & truth).sum())
    precision, recall = right / max(1, int(yes.sum())), right / int(truth.sum())
    f1 = 2 * right / max(1, int(yes.sum() + truth.sum()))
    ap = average_precision(truth.tolist(), scores)
    return f"| {name} | {precision:.2f} | {recall:.2f} | {f1:.2f} | {ap:.2f} |"


if __name__ == "__main__":
    main()
