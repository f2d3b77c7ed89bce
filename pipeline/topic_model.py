"""The topic model for the present seeds: taken from its file, or trained and saved when there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pipeline import classify
from pipeline.classify.examples import Example, parse_examples
from pipeline.classify.model import TopicModel
from pipeline.classify.packing import pack_model, unpack_model
from pipeline.classify.topics import TopicSet, parse_topics
from pipeline.errors import ModelError, SettingError
from pipeline.models import ModelCard
from pipeline.store.model_files import read_model_file, write_model_file

_ROOM: Final = Path(classify.__file__).parent


def load_topic_model(models_dir: Path, seeds_dir: Path, on_train: Callable[[str], None] | None = None) -> TopicModel:
    """The model for `topics.toml` and `labelled/*.jsonl` of the seeds folder.

    The file name carries the hash of the seeds and of the code of the room, so a
    change of either trains a new one (some seconds; `on_train` is told). Two
    processes at once train the same model twice and save it one after the other.
    Raises SettingError for bad seeds, ModelError for a damaged file.
    """
    seeds = _read_seeds(seeds_dir)
    recipe = hash_recipe()
    path = models_dir / f"topics-{_hash_parts({**seeds, 'recipe': recipe.encode()})}.model"
    content = read_model_file(path)
    if content is not None:
        return _unpack(content, path)
    if on_train:
        on_train(f"no topic model for the present seeds: training one, to be kept as {path}")
    model = _train(seeds, seeds_dir, recipe)
    write_model_file(path, pack_model(model))
    return model


def hash_recipe() -> str:
    """16 hex digits over the code of the room: a model belongs to the code that made its features."""
    return _hash_parts({path.name: path.read_bytes() for path in sorted(_ROOM.glob("*.py"))})


def hash_seeds(seeds_dir: Path) -> str:
    """16 hex digits over `topics.toml` and the labelled examples of a seeds folder."""
    return _hash_parts(_read_seeds(seeds_dir))


def keep_model(models_dir: Path, model: TopicModel) -> tuple[str, str]:
    """Save a model in the folder of models; returns the name of its file and the SHA-256 of that file."""
    content = pack_model(model)
    name = f"topics-{model.version}.model"
    write_model_file(models_dir / name, content)
    return name, hashlib.sha256(content).hexdigest()


def open_kept_model(models_dir: Path, card: ModelCard) -> TopicModel:
    """The model of a card; raises ModelError when its file is missing or is not the one that was kept."""
    path = models_dir / card.file_name
    content = read_model_file(path)
    remedy = "bring the file back, or run `wirewatch models rollback`"
    if content is None:
        raise ModelError(f"{path}: the file of topic model {card.version} is missing; {remedy}")
    if hashlib.sha256(content).hexdigest() != card.file_hash:
        raise ModelError(f"{path}: not the file of topic model {card.version} that was kept; {remedy}")
    return unpack_model(content)


def read_examples(seeds_dir: Path) -> tuple[TopicSet, list[Example]]:
    """The topics and every labelled example of a seeds folder, checked."""
    return _parse_seeds(_read_seeds(seeds_dir), seeds_dir)


def _unpack(content: bytes, path: Path) -> TopicModel:
    try:
        return unpack_model(content)
    except ModelError as error:
        raise ModelError(f"{path}: {error}; delete it and a new one will be trained") from error


def _train(seeds: dict[str, bytes], seeds_dir: Path, recipe: str) -> TopicModel:
    # Here, so that a process that finds its model pays nothing for scikit-learn.
    from pipeline.classify.training import TrainingSettings, train_model

    topics, examples = _parse_seeds(seeds, seeds_dir)
    return train_model(examples, topics, TrainingSettings(recipe=recipe))


def _read_seeds(seeds_dir: Path) -> dict[str, bytes]:
    paths = [seeds_dir / "topics.toml", *sorted((seeds_dir / "labelled").glob("*.jsonl"))]
    try:
        return {path.name: path.read_bytes() for path in paths}
    except OSError as error:
        raise SettingError(f"cannot read the seeds in {seeds_dir}: {error.strerror} ({error.filename})") from error


def _parse_seeds(seeds: dict[str, bytes], seeds_dir: Path) -> tuple[TopicSet, list[Example]]:
    texts = {name: _decode(content, seeds_dir / name) for name, content in seeds.items()}
    topics = parse_topics(texts.pop("topics.toml"), str(seeds_dir / "topics.toml"))
    examples = [example for name, text in texts.items() for example in parse_examples(text, topics.topic_ids, name)]
    return topics, examples


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SettingError(f"{path} is not UTF-8") from error


def _hash_parts(parts: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in parts.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]
