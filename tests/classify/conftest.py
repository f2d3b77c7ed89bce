"""The model of the shipped seeds, trained once for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.classify.model import TopicModel
from pipeline.topic_model import load_topic_model

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.fixture(scope="session")
def seeds_dir() -> Path:
    return SEEDS


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> TopicModel:
    return load_topic_model(tmp_path_factory.mktemp("models"), SEEDS)
