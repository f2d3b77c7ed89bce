"""Labelled examples -> TopicModel: one linear support vector machine per topic, calibrated by cross-validation.

The only module of the room that needs scikit-learn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Final

import numpy as np
import scipy.sparse as sp  # type: ignore[import-untyped]
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

from pipeline.classify.concepts import ConceptFinder
from pipeline.classify.examples import Example
from pipeline.classify.features import ArticleCounts, count_article
from pipeline.classify.model import Decision, TopicModel, score_readings
from pipeline.classify.topics import Topic, TopicSet
from pipeline.classify.vectors import Floats, Vectoriser, fit_vectoriser
from pipeline.errors import SettingError

TRUST: Final = 0.5  # of the evidence of naive Bayes in the scale of a feature (Wang and Manning 2012)
UNSEEN: Final = 0.05  # the weight of a feature that no text has
MIN_EXAMPLES_OF_TOPIC: Final = 5
NEGATIVE_WEIGHT: Final = 1.5  # in a stream of news topics are rarer than in the examples
PLATEAU: Final = 0.97  # thresholds whose F1 is at least this share of the best are as good as the best
FOLD_RUN: Final = 8  # neighbours in a file resemble each other: they go to the same fold together
YOUNG_EXAMPLES: Final = 100  # a topic with fewer is young: most texts were labelled without it in mind
FOLD_SHIFTS: Final = (0, 3, 6)  # thresholds hang on how the folds are cut: the mean of three cuts is steadier

Border = tuple[Floats, Floats]  # n x t coefficients and t intercepts


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """The parameters of training; all of them enter the model's version."""

    precision: float = 0.8  # in cross-validation, of every topic that topics.toml asks no other of
    regularisation: float = 0.2  # C of the support vector machines
    folds: int = 5
    seed: int = 7
    block_weights: Mapping[str, float] = field(
        default_factory=lambda: {"w": 1.0, "l": 1.0, "c": 0.7, "p": 0.5, "t": 0.5}
    )
    recipe: str = ""  # hash of the code that makes the features: two recipes never share a version


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """What is trained on: n texts, the labelled ones first."""

    articles: Sequence[ArticleCounts]
    vectoriser: Vectoriser
    matrix: sp.csr_matrix  # n x features
    truth: NDArray[np.bool_]  # n x t


def train_model(
    examples: Sequence[Example],
    topics: TopicSet,
    settings: TrainingSettings,
    on_step: Callable[[], None] = lambda: None,
) -> TopicModel:
    """Train on the examples and the definitions; the same input gives the same model.

    `on_step` is called `settings.folds + 1` times, after each fit. Raises SettingError when a topic has too few
    examples to learn from.
    """
    texts = [*examples, *_examples_from_definitions(topics)]
    truth = _make_truth(texts, topics)
    _refuse_too_few(truth[: len(examples)], topics)
    finder = ConceptFinder(topics)
    articles = [count_article(one.title, one.text, finder) for one in texts]
    vectoriser = fit_vectoriser(articles, settings.block_weights, finder)
    prepared = Texts(articles, vectoriser, make_matrix(articles, vectoriser), truth)
    is_told = _find_told(examples, prepared, finder)
    # Phrases of a definition are no test of anything: only labelled examples calibrate.
    scores = _cross_validate(prepared, is_told, len(examples), settings, on_step)
    coefficients, intercepts = _fit(prepared.matrix, truth, is_told, settings)
    on_step()
    told, truth = is_told[: len(examples)], truth[: len(examples)]
    slopes, offsets = _calibrate(scores, truth, told)
    borders = [
        np.mean([choose_border(cut[on, at], truth[on, at], topic.precision or settings.precision) for cut in scores])
        for at, (topic, on) in enumerate(zip(topics.topics, told.T, strict=True))
    ]
    decision = Decision(coefficients, intercepts, slopes, offsets, np.zeros_like(offsets))
    thresholds = decision.probabilities(np.array(borders, np.float32)).astype(np.float32)
    decision = replace(decision, thresholds=thresholds)
    return TopicModel(make_version(examples, topics, settings), topics, vectoriser, decision)


def make_version(examples: Sequence[Example], topics: TopicSet, settings: TrainingSettings) -> str:
    """12 hex digits of the SHA-256 over everything that decides what the model will say."""
    parts = [[asdict(one) for one in examples], asdict(topics), asdict(settings)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def _examples_from_definitions(topics: TopicSet) -> Iterator[Example]:
    for topic in topics.topics:
        yield Example(topic.label, topic.definition, (topic.id,))
        yield from _phrase_examples(topic)
        yield from (Example("", sentence, ()) for sentence in topic.counter_examples)


def _phrase_examples(topic: Topic) -> Iterator[Example]:
    yield from (Example(phrase, "", (topic.id,)) for phrase in topic.phrases)


def _make_truth(texts: Sequence[Example], topics: TopicSet) -> NDArray[np.bool_]:
    return np.array([[topic in one.topics for topic in topics.topic_ids] for one in texts], bool)


def _refuse_too_few(truth: NDArray[np.bool_], topics: TopicSet) -> None:
    for count, topic in zip(truth.sum(axis=0), topics.topic_ids, strict=True):
        if count < MIN_EXAMPLES_OF_TOPIC:
            raise SettingError(f"topic {topic} has {count} examples; label at least {MIN_EXAMPLES_OF_TOPIC}")


def _find_told(examples: Sequence[Example], texts: Texts, finder: ConceptFinder) -> NDArray[np.bool_]:
    """n x t: whether the text says anything about the topic, yes or no.

    A text that was labelled before a topic was thought of is no news of its absence. So while a topic is young, a
    text of the seeds that shows one of its words and does not have it is left out of its training. The
    counter-examples of its definition and the labels of readers always count.
    """
    is_told = np.ones(texts.truth.shape, np.bool_)
    for at in np.flatnonzero(texts.truth[: len(examples)].sum(axis=0) < YOUNG_EXAMPLES):
        for number, (example, article) in enumerate(zip(examples, texts.articles, strict=False)):
            shows = finder.topics[at] in article.concepts
            is_told[number, at] = texts.truth[number, at] or example.is_label or not shows
    return is_told


def _fit(
    matrix: sp.csr_matrix, truth: NDArray[np.bool_], is_told: NDArray[np.bool_], settings: TrainingSettings
) -> Border:
    fitted = [
        _fit_topic(matrix[told], yes[told], settings) if not told.all() else _fit_topic(matrix, yes, settings)
        for yes, told in zip(truth.T, is_told.T, strict=True)
    ]
    coefficients = np.column_stack([weights for weights, _ in fitted]).astype(np.float32)
    return coefficients, np.array([intercept for _, intercept in fitted], np.float32)


def _fit_topic(matrix: sp.csr_matrix, truth: NDArray[np.bool_], settings: TrainingSettings) -> tuple[Floats, float]:
    """Coefficients and intercept of a support vector machine that may lean more on telling features."""
    scale = 1.0 + TRUST * np.sqrt(np.abs(_weigh_evidence(matrix, truth)))
    scaled = matrix.copy()
    scaled.data *= scale[matrix.indices]
    model = LinearSVC(C=settings.regularisation, random_state=settings.seed).fit(scaled, truth)
    return model.coef_[0] * scale, float(model.intercept_[0])


def _weigh_evidence(matrix: sp.csr_matrix, truth: NDArray[np.bool_]) -> Floats:
    """How much more of its texts' weight a feature has with the topic than without: naive Bayes' log ratio of each."""
    with_topic = np.asarray(matrix[truth].sum(axis=0)).ravel() + UNSEEN
    without = np.asarray(matrix[~truth].sum(axis=0)).ravel() + UNSEEN
    ratio: Floats = np.log(with_topic / with_topic.sum()) - np.log(without / without.sum())
    return ratio


def make_matrix(articles: Sequence[ArticleCounts], vectoriser: Vectoriser) -> sp.csr_matrix:
    """Scaled values of all articles, one row each."""
    scaled = [vectoriser.scale_whole(article) for article in articles]
    ends = np.cumsum([0, *(len(rows) for rows, _ in scaled)])
    columns = np.concatenate([rows for rows, _ in scaled])
    values = np.concatenate([values for _, values in scaled]).astype(np.float64)  # as every fit would make them
    return sp.csr_matrix((values, columns, ends), shape=(len(scaled), len(vectoriser.names)))


def _cross_validate(
    texts: Texts,
    is_told: NDArray[np.bool_],
    labelled: int,
    settings: TrainingSettings,
    on_step: Callable[[], None],
) -> Floats:
    """Scores of the labelled texts, s x n x t, by models that have not seen them, for every way to cut the folds.

    The weight of a word is learned without a look at the topics, so all folds share it.
    """
    folds = [((np.arange(labelled) + shift) // FOLD_RUN) % settings.folds for shift in FOLD_SHIFTS]
    borders = []
    for fold in range(settings.folds):
        borders.append([_fit_without(texts, is_told, fold_of == fold, settings) for fold_of in folds])
        on_step()
    scores = np.zeros((len(folds), labelled, texts.truth.shape[1]), np.float32)
    for at, article in enumerate(texts.articles[:labelled]):
        rows, values = texts.vectoriser.scale_readings(article)
        for cut, fold_of in enumerate(folds):
            coefficients, intercepts = borders[fold_of[at]][cut]
            scores[cut, at] = score_readings(values @ coefficients.take(rows, axis=0)) + intercepts
    return scores


def _fit_without(
    texts: Texts, is_told: NDArray[np.bool_], held_out: NDArray[np.bool_], settings: TrainingSettings
) -> Border:
    """Definitions, which come after the labelled texts, are always seen."""
    seen = np.flatnonzero(~np.pad(held_out, (0, len(texts.truth) - len(held_out))))
    return _fit(texts.matrix[seen], texts.truth[seen], is_told[seen], settings)


def _calibrate(scores: Floats, truth: NDArray[np.bool_], told: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Platt's sigmoid per topic, fitted on cross-validated scores; no's count more, as in a stream."""
    together, repeats = scores.reshape(-1, scores.shape[2]), len(scores)
    weights = np.where(truth, 1.0, NEGATIVE_WEIGHT) * told
    fitted = [
        LogisticRegression(C=1e6).fit(together[:, [at]], np.tile(yes, repeats), np.tile(weights[:, at], repeats))
        for at, yes in enumerate(truth.T)
    ]
    slopes = np.array([one.coef_[0, 0] for one in fitted], np.float32)
    return slopes, np.array([one.intercept_[0] for one in fitted], np.float32)


def choose_border(scores: Floats, truth: NDArray[np.bool_], precision: float) -> float:
    """The score from which an article has the topic: the best F1 among the borders that reach the precision.

    The curve is flat and ragged near its top, so the middle of the plateau is taken, not the
    highest tooth. When no border reaches the precision, the most precise one is taken.
    """
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    false_alarms = np.cumsum(~truth[order]) * NEGATIVE_WEIGHT
    precisions = hits / (hits + false_alarms)
    reached = precisions >= min(precision, float(precisions.max()))
    f1 = np.where(reached, 2 * hits / (hits + false_alarms + truth.sum()), -1.0)
    plateau = scores[order[np.flatnonzero(f1 >= PLATEAU * f1.max())]]
    return float(plateau.max() + plateau.min()) / 2
