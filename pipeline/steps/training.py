"""Train the topic model on what readers said, and decide whether the new version takes over.

    seeds + labels of readers > split > train > measure on the held-out part > compare with the one in use > promote

Without a promoted version, the model of the seeds is in use. It was trained on the held-out part too, so it
is stood for in comparisons by the reference: the same examples without that part.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Final

from pipeline.classify.examples import Example
from pipeline.classify.model import TopicModel
from pipeline.classify.topics import TopicSet
from pipeline.classify.upkeep.figures import Answer, answer_examples, measure_answers
from pipeline.classify.upkeep.held_out import Split, make_key, split_examples
from pipeline.classify.upkeep.promotion import Verdict, judge_candidate
from pipeline.errors import ModelError
from pipeline.models import Figures, ModelCard
from pipeline.steps.versions import OF_THE_SEEDS, is_usable
from pipeline.steps.walk import Walk
from pipeline.store import labels, topic_models
from pipeline.topic_model import hash_recipe, hash_seeds, keep_model, open_kept_model, read_examples

log = logging.getLogger(__name__)

NEW_LABELS_TO_TRAIN: Final = 25
TRAIN_AGAIN_AFTER: Final = timedelta(days=7)

_NO_LABELS: Final = (
    "no reader has labelled anything yet: the built-in model, trained on these examples and on the held-out ones too, "
    "stays in use"
)


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to train on and to measure on."""

    topics: TopicSet
    split: Split
    labels: int  # of readers, in both parts
    unknown_labels: int  # that name only topics which topics.toml has no more
    seeds_hash: str


@dataclass(frozen=True, slots=True)
class Training:
    """What a training did."""

    card: ModelCard
    is_new: bool  # False: this version was trained before, of exactly these texts
    is_promoted: bool
    compared_with: str  # the version in use before, OF_THE_SEEDS, or empty
    labels: int
    new_labels: int  # since the training before
    unknown_labels: int


def check_training(walk: Walk) -> str:
    """Why a training is due, in words; empty when it is not. Costs two queries."""
    with walk.database.begin() as tx:
        known = topic_models.list_models(tx)
        trained_at = known[0].card.created_at if known else None
        new, total = labels.count_labels(tx, since=trained_at), labels.count_labels(tx)
    if not total:
        return ""
    if known and known[0].card.recipe != hash_recipe():
        return "the code that reads articles has changed"
    if known and known[0].card.seeds_hash != hash_seeds(walk.settings.seeds_dir):
        return "the topics or their examples have changed"
    if new >= NEW_LABELS_TO_TRAIN:
        return f"{new} new labels"
    if new and trained_at and walk.now - trained_at >= TRAIN_AGAIN_AFTER:
        return f"{new} new labels in a week"
    return ""


def train_topics(walk: Walk) -> Training:
    """Train on seeds and labels; the new version takes over when it is not worse than the one in use.

    The same texts are not trained on twice. Raises SettingError for bad seeds or too few examples of a topic.
    """
    with walk.database.begin() as tx:
        known = topic_models.list_models(tx)
        new_labels = labels.count_labels(tx, since=known[0].card.created_at if known else None)
    material = read_material(walk)
    _, card, is_new = _make_version(walk, material, material.split.training)
    compared_with, verdict = "", Verdict(False, card.reason)
    if is_new:
        compared_with, verdict = _judge(walk, material, card)
        card = replace(card, reason=verdict.reason)
        with walk.database.begin() as tx:
            topic_models.save_model(tx, card)
            if verdict.is_promoted:
                topic_models.promote_model(tx, card.version, verdict.reason)
        log.info("topic model %s, promoted: %s: %s", card.version, verdict.is_promoted, verdict.reason)
    return Training(
        card, is_new, verdict.is_promoted, compared_with, material.labels, new_labels, material.unknown_labels
    )


def read_material(walk: Walk) -> Material:
    """The labelled examples of the seeds and the labels of readers, divided; articles of one story go together."""
    topics, examples = read_examples(walk.settings.seeds_dir)
    with walk.database.begin() as tx:
        labelled = labels.read_labelled_articles(tx)
    keyed = [(make_key(example), example) for example in examples]
    unknown = 0
    for one in labelled:
        known = tuple(topic for topic in one.label.topics if topic in topics.topic_ids)
        if one.label.topics and not known:
            unknown += 1  # not "none of them": a topic that is gone
            continue
        example = Example(one.title, one.text, known, is_label=True)
        keyed.append((one.story_id or make_key(example), example))
    used = len(labelled) - unknown
    return Material(topics, split_examples(keyed), used, unknown, hash_seeds(walk.settings.seeds_dir))


def open_measurable_model(walk: Walk, material: Material) -> tuple[str, TopicModel]:
    """The model in use, and what to call it, without having seen the held-out part: for the seeds, the reference."""
    with walk.database.begin() as tx:
        active = topic_models.read_active_model(tx)
    if active and is_usable(active):
        try:
            return active.card.version, open_kept_model(walk.settings.data_dir / "models", active.card)
        except ModelError as error:
            log.warning("%s; the new version is compared with the built-in one", error)
    examples = tuple(one for one in material.split.training if not one.is_label)
    model, card, is_new = _make_version(walk, material, examples)
    if is_new:
        with walk.database.begin() as tx:
            topic_models.save_model(tx, replace(card, reason="the examples alone: what others are compared with"))
    return OF_THE_SEEDS, model


def measure_held_out(walk: Walk, model: TopicModel, held_out: Sequence[Example]) -> tuple[list[Answer], Figures]:
    """What a model says of the held-out texts, and its figures."""
    answers = answer_examples(model, held_out, walk.progress("measure", len(held_out)))
    return answers, measure_answers(answers, model)


def _judge(walk: Walk, material: Material, card: ModelCard) -> tuple[str, Verdict]:
    with walk.database.begin() as tx:
        has_active = topic_models.read_active_model(tx) is not None
    if not card.labels and not has_active:
        return OF_THE_SEEDS, Verdict(False, _NO_LABELS)
    name, incumbent = open_measurable_model(walk, material)
    _, figures = measure_held_out(walk, incumbent, material.split.held_out)
    return name, judge_candidate(card.figures, figures)


def _make_version(walk: Walk, material: Material, examples: Sequence[Example]) -> tuple[TopicModel, ModelCard, bool]:
    """Train and keep the model of these examples, or open it when it was trained before; True for a new one."""
    # Here, so that a process that only asks for the model in use pays nothing for scikit-learn.
    from pipeline.classify.training import TrainingSettings, make_version, train_model

    parameters = TrainingSettings(recipe=hash_recipe())
    with walk.database.begin() as tx:
        known = topic_models.read_model(tx, make_version(examples, material.topics, parameters))
    if known:
        try:
            return open_kept_model(walk.settings.data_dir / "models", known.card), known.card, False
        except ModelError as error:
            log.warning("%s; it is trained again", error)
    model = train_model(examples, material.topics, parameters, walk.progress("train", parameters.folds + 1))
    _, figures = measure_held_out(walk, model, material.split.held_out)
    file_name, file_hash = keep_model(walk.settings.data_dir / "models", model)
    card = ModelCard(
        version=model.version,
        created_at=walk.now,
        examples=len(examples),
        labels=sum(one.is_label for one in examples),
        held_out=len(material.split.held_out),
        data_hash=_hash_examples(examples),
        seeds_hash=material.seeds_hash,
        recipe=parameters.recipe,
        parameters=asdict(parameters),
        figures=figures,
        file_name=file_name,
        file_hash=file_hash,
        reason=known.card.reason if known else "",
    )
    if known:
        with walk.database.begin() as tx:
            topic_models.renew_file(tx, card.version, file_hash)
    return model, card, known is None


def _hash_examples(examples: Sequence[Example]) -> str:
    return hashlib.sha256(json.dumps([asdict(one) for one in examples], sort_keys=True).encode()).hexdigest()
