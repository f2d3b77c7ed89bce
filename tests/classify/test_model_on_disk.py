"""A model is saved whole, read back the same, and refused when anything in it was changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.classify.model import TopicModel
from pipeline.classify.packing import pack_model, unpack_model
from pipeline.errors import ModelError
from pipeline.models import ItemId
from pipeline.store.model_files import read_model_file, write_model_file
from pipeline.topic_model import load_topic_model

TITLE, TEXT = "Troops shell rebel town", "The army fired mortars at the rebels before the ceasefire."

SMALL_TOPICS = """
[[topics]]
id = "bees"
label = "Bees"
definition = "News about bees, hives and honey."
words = ["bee", "hive", "honey", "beekeeper"]
phrases = ["honey bee", "queen bee", "swarm of bees"]
counter_examples = ["The spelling bee was won by a girl of nine."]
"""
SMALL_EXAMPLES = "\n".join(
    [f'{{"title": "Hive {n}", "text": "The beekeeper lost honey.", "topics": ["bees"]}}' for n in range(6)]
    + [f'{{"title": "Match {n}", "text": "The team won the game.", "topics": []}}' for n in range(6)]
)


@pytest.fixture
def small_seeds(tmp_path: Path) -> Path:
    seeds = tmp_path / "seeds"
    (seeds / "labelled").mkdir(parents=True)
    (seeds / "topics.toml").write_text(SMALL_TOPICS, "utf-8")
    (seeds / "labelled" / "bees.jsonl").write_text(SMALL_EXAMPLES, "utf-8")
    return seeds


def test_a_model_read_back_says_the_same(model: TopicModel) -> None:
    again = unpack_model(pack_model(model))
    assert again.version == model.version
    assert again.classify(ItemId("x"), TITLE, TEXT) == model.classify(ItemId("x"), TITLE, TEXT)


def test_the_same_seeds_give_the_same_bytes(small_seeds: Path, tmp_path: Path) -> None:
    first = load_topic_model(tmp_path / "one", small_seeds)
    second = load_topic_model(tmp_path / "two", small_seeds)
    assert pack_model(first) == pack_model(second)


@pytest.mark.parametrize("place", [5, 40, 120, -1])
def test_a_changed_byte_is_refused(model: TopicModel, place: int) -> None:
    content = bytearray(pack_model(model))
    content[place] ^= 1
    with pytest.raises(ModelError):
        unpack_model(bytes(content))


@pytest.mark.parametrize("content", [b"", b"WIREWATCH-TOPICS 1 ", b"PK\x03\x04", b"\x80\x04."])
def test_what_is_not_a_model_is_refused(content: bytes) -> None:
    with pytest.raises(ModelError):
        unpack_model(content)


def test_training_happens_once_and_is_told(small_seeds: Path, tmp_path: Path) -> None:
    told: list[str] = []
    first = load_topic_model(tmp_path / "models", small_seeds, told.append)
    second = load_topic_model(tmp_path / "models", small_seeds, told.append)
    assert len(told) == 1
    assert first.version == second.version


def test_new_examples_give_a_new_version(small_seeds: Path, tmp_path: Path) -> None:
    before = load_topic_model(tmp_path / "models", small_seeds)
    with (small_seeds / "labelled" / "bees.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"title": "Swarm", "text": "A swarm of bees closed a street.", "topics": ["bees"]}')
    after = load_topic_model(tmp_path / "models", small_seeds)
    assert before.version != after.version
    assert len(list((tmp_path / "models").iterdir())) == 2


def test_a_damaged_file_is_refused_with_its_name(small_seeds: Path, tmp_path: Path) -> None:
    load_topic_model(tmp_path / "models", small_seeds)
    (path,) = (tmp_path / "models").iterdir()
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelError, match=path.name):
        load_topic_model(tmp_path / "models", small_seeds)


def test_a_loaded_model_needs_no_scikit_learn(small_seeds: Path, tmp_path: Path) -> None:
    load_topic_model(tmp_path / "models", small_seeds)
    code = (
        "import sys; from pathlib import Path; from pipeline.topic_model import load_topic_model\n"
        "model = load_topic_model(Path(sys.argv[1]), Path(sys.argv[2])); model.classify('x', 'bee', 'hive')\n"
        "sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "models"), str(small_seeds)]
    assert subprocess.run(arguments, cwd=Path(__file__).parents[2]).returncode == 0


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.model"
    write_model_file(path, b"one")
    write_model_file(path, b"two")
    assert read_model_file(path) == b"two"
    assert [one.name for one in path.parent.iterdir()] == ["a.model"]
    shutil.rmtree(path.parent)
    assert read_model_file(path) is None


def test_a_folder_that_cannot_be_made_is_a_model_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError):
        write_model_file(tmp_path / "file" / "a.model", b"one")
