"""Which version of the topic model is in use, and changing that by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from pipeline.classify.model import TopicModel
from pipeline.errors import ModelError
from pipeline.steps.walk import Walk
from pipeline.store import topic_models
from pipeline.store.topic_models import StoredModel
from pipeline.topic_model import hash_recipe, load_topic_model, open_kept_model

log = logging.getLogger(__name__)

OF_THE_SEEDS: Final = "built-in"  # what the version in use is called when none is promoted


def open_topic_model(walk: Walk, on_train: Callable[[str], None] = log.info) -> TopicModel:
    """The model in use: the active version, or that of the seeds, which `on_train` hears of when it must be trained.

    Raises ModelError when the file of the active version is missing or was changed.
    """
    models_dir = walk.settings.data_dir / "models"
    with walk.database.begin() as tx:
        active = topic_models.read_active_model(tx)
    if active and is_usable(active):
        return open_kept_model(models_dir, active.card)
    if active:
        told = "topic model %s was made by another version of Wirewatch: the built-in one stands in; `wirewatch train`"
        log.warning(told, active.card.version)
    return load_topic_model(models_dir, walk.settings.seeds_dir, on_train=on_train)


def is_usable(stored: StoredModel) -> bool:
    """False for a version whose features were made by other code than ours."""
    return stored.card.recipe == hash_recipe()


def promote_version(walk: Walk, version: str) -> None:
    """Put a version in use by hand, whatever its figures. Raises ModelError when it is not known or not whole."""
    with walk.database.begin() as tx:
        stored = topic_models.read_model(tx, version)
        if stored:
            _require_usable(walk, stored)
        topic_models.promote_model(tx, version, "by hand")


def roll_back_version(walk: Walk) -> tuple[str, str]:
    """Put back what the active version replaced; returns the version taken out and the one put back.

    Raises ModelError when none is active, or the older one is not whole; then nothing is changed.
    """
    with walk.database.begin() as tx:
        removed, restored = topic_models.roll_back(tx)
        if restored:
            _require_usable(walk, restored)
    return removed.card.version, restored.card.version if restored else OF_THE_SEEDS


def _require_usable(walk: Walk, stored: StoredModel) -> None:
    if not is_usable(stored):
        raise ModelError(f"topic model {stored.card.version} was made by other code: run `wirewatch train`")
    open_kept_model(walk.settings.data_dir / "models", stored.card)
