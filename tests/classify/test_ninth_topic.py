"""A user's own topic: a definition and ten examples beside the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.classify.examples import Example
from pipeline.classify.model import TopicModel
from pipeline.classify.topics import parse_topics
from pipeline.classify.training import TrainingSettings, train_model
from pipeline.models import ItemId
from pipeline.topic_model import load_topic_model

NINTH = Path(__file__).resolve().parents[2] / "benchmarks" / "ninth_topic"
EVERY = 4  # of the shipped examples, so that training takes a moment

BEES = """
[[topics]]
id = "bees"
label = "Bees"
definition = "News about bees."
words = ["bee", "hive"]
"""


@pytest.fixture(scope="module")
def ninth_model(seeds_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> TopicModel:
    copy = tmp_path_factory.mktemp("seeds")
    (copy / "labelled").mkdir()
    topics = (seeds_dir / "topics.toml").read_text("utf-8")
    (copy / "topics.toml").write_text(topics + (NINTH / "topic.toml").read_text("utf-8"), "utf-8")
    for path in (seeds_dir / "labelled").glob("*.jsonl"):
        lines = path.read_text("utf-8").splitlines()[::EVERY]
        (copy / "labelled" / path.name).write_text("\n".join(lines), "utf-8")
    examples = (NINTH / "examples.jsonl").read_text("utf-8")
    (copy / "labelled" / "election.jsonl").write_text(examples, "utf-8")
    return load_topic_model(tmp_path_factory.mktemp("models"), copy)


@pytest.mark.parametrize(
    ("title", "text", "topics"),
    [
        (
            "Polling stations open in Ghana",
            "Voters queued to choose a president in the general election.",
            {"election"},
        ),
        (
            "Rebels ambush army patrol",
            "Gunmen opened fire on the troops and killed six soldiers.",
            {"military_operation"},
        ),
        ("Garden show opens", "Roses and tulips were on display.", set()),
    ],
)
def test_it_stands_beside_the_shipped_ones(ninth_model: TopicModel, title: str, text: str, topics: set[str]) -> None:
    found = ninth_model.classify(ItemId("item"), title, text)
    assert {match.topic for match in found.topics} == topics


def test_texts_labelled_before_it_do_not_speak_against_it() -> None:
    bees = [Example(f"Hive {number}", "A bee was seen.", ("bees",)) for number in range(6)]
    others = [Example(f"Match {number}", "The team won the game.", ()) for number in range(20)]
    forgotten = [Example(f"Hive {number}", "A bee was seen.", ()) for number in range(60)]
    readers_no = [Example(one.title, one.text, (), is_label=True) for one in forgotten]
    trained = [
        train_model([*bees, *others, *more], parse_topics(BEES), TrainingSettings()) for more in (forgotten, readers_no)
    ]
    before, after = (model.classify(ItemId("a"), "Hive 99", "A bee was seen.").scores["bees"] for model in trained)
    assert before > 0.8 > after
