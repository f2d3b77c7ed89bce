"""Versions of the topic model: trained on labels, promoted by rule, put back, refused when their file was changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.config import load_settings
from pipeline.errors import ModelError
from pipeline.models import ItemId, RunId
from pipeline.steps.labelling import choose_articles, save_answer, take_back_answer
from pipeline.steps.reading import classify_articles
from pipeline.steps.training import NEW_LABELS_TO_TRAIN, check_training, read_material, train_topics
from pipeline.steps.versions import OF_THE_SEEDS, open_topic_model, promote_version, roll_back_version
from pipeline.steps.walk import Walk
from pipeline.store import topic_models
from pipeline.store.codec import to_json
from pipeline.store.database import Database
from pipeline.store.labels import count_labels
from pipeline.store.topic_models import ModelState, list_models, read_active_model
from tests.archive import MORNING, store_article
from tests.classify.bees import make_text, write_seeds

Desk = Callable[[datetime], Walk]


@pytest.fixture
def desk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A walk over the small desk at an instant."""
    monkeypatch.setenv("WIREWATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WIREWATCH_SEEDS_DIR", str(write_seeds(tmp_path / "seeds")))
    return lambda now: Walk(RunId("archive"), now, load_settings(), database)


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(1, 10_000))


def label_articles(
    walk: Walk, numbers: Iterator[int], count: int, say: Callable[[int, str], str] = lambda number, topic: topic
) -> None:
    """That many articles, each with the label that `say` gives it; by default the right one."""
    for number, _ in zip(numbers, range(count), strict=False):
        topic = ("bees", "boats", "")[number % 3]
        row = make_text(number, topic)
        with walk.database.begin() as tx:
            item_id = store_article(tx, number, f"{row['title']} {'x' * number}", str(row["text"]))
        given = say(number, topic)
        save_answer(walk, item_id, (given,) if given else (), "ann", walk.now)


def test_without_labels_the_model_of_the_seeds_stays(desk: Desk) -> None:
    walk = desk(MORNING)
    done = train_topics(walk)
    assert not done.is_promoted
    assert "no reader has labelled" in done.card.reason
    with walk.database.begin() as tx:
        assert read_active_model(tx) is None
    assert open_topic_model(walk).version != done.card.version


def test_labels_make_a_version_that_takes_over_and_names_its_answers(desk: Desk, numbers: Iterator[int]) -> None:
    walk = desk(MORNING)
    label_articles(walk, numbers, 30)
    done = train_topics(desk(MORNING + timedelta(hours=1)))
    assert (done.is_promoted, done.compared_with, done.labels, done.new_labels) == (True, OF_THE_SEEDS, 30, 30)
    assert done.card.labels + 1 > 20
    assert {one.topic for one in done.card.figures.topics} == {"bees", "boats"}
    assert open_topic_model(walk).version == done.card.version
    assert open_topic_model(walk).classify(ItemId("x"), "", "bees").model_version == done.card.version


def test_the_held_out_part_is_never_trained_on(desk: Desk, numbers: Iterator[int]) -> None:
    walk = desk(MORNING)
    label_articles(walk, numbers, 60)
    split = read_material(walk).split
    assert any(one.is_label for one in split.held_out)
    assert not set(split.held_out) & set(split.training)


def test_the_same_texts_are_not_trained_twice(desk: Desk, numbers: Iterator[int]) -> None:
    label_articles(desk(MORNING), numbers, 12)
    first, second = train_topics(desk(MORNING)), train_topics(desk(MORNING + timedelta(days=1)))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.card.version == second.card.version


def test_wrong_labels_do_not_take_over(desk: Desk, numbers: Iterator[int]) -> None:
    walk = desk(MORNING)
    label_articles(walk, numbers, 300, say=lambda number, _: ("bees", "boats", "")[number // 3 % 3])
    done = train_topics(walk)
    assert (done.is_new, done.is_promoted) == (True, False)
    assert "fell by more than" in done.card.reason
    with walk.database.begin() as tx:
        assert read_active_model(tx) is None


def test_one_step_back_and_another(desk: Desk, numbers: Iterator[int]) -> None:
    versions = []
    for day in range(2):
        walk = desk(MORNING + timedelta(days=day))
        label_articles(walk, numbers, 12)
        versions.append(train_topics(walk).card.version)
    older, newer = versions
    assert open_topic_model(walk).version == newer
    assert roll_back_version(walk) == (newer, older)
    assert open_topic_model(walk).version == older
    assert roll_back_version(walk) == (older, OF_THE_SEEDS)
    with pytest.raises(ModelError, match="no older one"):
        roll_back_version(walk)
    promote_version(walk, newer)
    assert open_topic_model(walk).version == newer
    with walk.database.begin() as tx:
        states = {one.card.version: one.state for one in list_models(tx)}
    assert states[newer] is ModelState.ACTIVE
    assert states[older] is ModelState.RETIRED


def test_an_unknown_version_is_refused(desk: Desk) -> None:
    with pytest.raises(ModelError, match="models list"):
        promote_version(desk(MORNING), "000000000000")


def only_file(walk: Walk, version: str) -> Path:
    return walk.settings.data_dir / "models" / f"topics-{version}.model"


def test_a_changed_file_is_refused_and_training_mends_it(desk: Desk, numbers: Iterator[int]) -> None:
    walk = desk(MORNING)
    label_articles(walk, numbers, 12)
    version = train_topics(walk).card.version
    # A whole model of ours, with its own right digest, and still not the one that was promoted.
    other = next(path for path in only_file(walk, version).parent.iterdir() if version not in path.name)
    only_file(walk, version).write_bytes(other.read_bytes())
    with pytest.raises(ModelError, match="not the file of topic model"):
        open_topic_model(walk)
    assert not train_topics(walk).is_new
    assert open_topic_model(walk).version == version


def test_a_missing_file_is_refused_with_what_to_do(desk: Desk, numbers: Iterator[int]) -> None:
    walk = desk(MORNING)
    label_articles(walk, numbers, 12)
    only_file(walk, train_topics(walk).card.version).unlink()
    with pytest.raises(ModelError, match=r"is missing; .*wirewatch models rollback"):
        open_topic_model(walk)


def test_a_step_back_to_a_changed_file_changes_nothing(desk: Desk, numbers: Iterator[int]) -> None:
    versions = []
    for day in range(2):
        walk = desk(MORNING + timedelta(days=day))
        label_articles(walk, numbers, 12)
        versions.append(train_topics(walk).card.version)
    only_file(walk, versions[0]).write_bytes(b"WIREWATCH-TOPICS 1 ")
    with pytest.raises(ModelError):
        roll_back_version(walk)
    assert open_topic_model(walk).version == versions[1]


def test_a_model_of_other_code_is_not_used(desk: Desk, numbers: Iterator[int], monkeypatch: pytest.MonkeyPatch) -> None:
    walk = desk(MORNING)
    label_articles(walk, numbers, 30)
    version = train_topics(walk).card.version
    assert check_training(walk) == ""
    with walk.database.begin() as tx:
        for one in list_models(tx):
            card = to_json(one.card) | {"recipe": "of another release"}
            topic_models._set(tx, one.card.version, record=card)
    assert open_topic_model(walk).version != version
    assert "code" in check_training(walk)


def test_two_promotions_at_once_leave_one_active(desk: Desk, numbers: Iterator[int]) -> None:
    import threading

    walk = desk(MORNING)
    label_articles(walk, numbers, 12)
    train_topics(walk)
    with walk.database.begin() as tx:
        versions = [one.card.version for one in list_models(tx)]
    threads = [threading.Thread(target=promote_version, args=(walk, version)) for version in versions * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with walk.database.begin() as tx:
        assert [one.state for one in list_models(tx)].count(ModelState.ACTIVE) == 1


def test_training_is_due_on_enough_new_labels_only(desk: Desk, numbers: Iterator[int]) -> None:
    walk = desk(MORNING)
    assert check_training(walk) == ""
    label_articles(walk, numbers, NEW_LABELS_TO_TRAIN - 1)
    assert check_training(walk) == ""
    label_articles(walk, numbers, 1)
    assert check_training(walk) == f"{NEW_LABELS_TO_TRAIN} new labels"
    train_topics(walk)
    assert check_training(walk) == ""


def test_a_week_later_a_single_label_is_enough(desk: Desk, numbers: Iterator[int]) -> None:
    label_articles(desk(MORNING), numbers, 12)
    train_topics(desk(MORNING))
    next_week = MORNING + timedelta(days=7)
    assert check_training(desk(next_week)) == ""
    label_articles(desk(MORNING + timedelta(days=1)), numbers, 1)
    assert check_training(desk(MORNING + timedelta(days=6))) == ""
    assert check_training(desk(next_week)) == "1 new labels in a week"


def test_changed_examples_make_a_training_due(desk: Desk, numbers: Iterator[int]) -> None:
    walk = desk(MORNING)
    label_articles(walk, numbers, 12)
    train_topics(walk)
    with (walk.settings.seeds_dir / "labelled" / "all.jsonl").open("a") as file:
        file.write('\n{"title": "Late swarm", "text": "Bees closed a road.", "topics": ["bees"]}')
    assert check_training(walk) == "the topics or their examples have changed"


def test_labels_of_a_topic_that_is_gone_are_left_out_and_counted(desk: Desk, numbers: Iterator[int]) -> None:
    walk = desk(MORNING)
    label_articles(walk, numbers, 3, say=lambda *_: "trains")
    material = read_material(walk)
    assert (material.labels, material.unknown_labels) == (0, 3)


def test_articles_are_asked_about_until_they_are_labelled(desk: Desk) -> None:
    walk = desk(MORNING)
    with walk.database.begin() as tx:
        item_id = store_article(tx, 1, "Swarm", "A swarm of bees sat on the harbour wall.")
    _, (question,) = choose_articles(walk, 5)
    save_answer(walk, question.candidate.item_id, ("bees",), "ann", MORNING)
    assert choose_articles(walk, 5)[1] == []
    take_back_answer(walk, item_id)
    assert [one.candidate.item_id for one in choose_articles(walk, 5)[1]] == [item_id]
    with walk.database.begin() as tx:
        assert count_labels(tx) == 0


def test_the_walk_names_the_version_in_use(desk: Desk, numbers: Iterator[int]) -> None:
    from sqlalchemy import update

    from pipeline.store.reports import read_item_life
    from pipeline.store.tables import items

    walk = desk(MORNING)
    label_articles(walk, numbers, 12)
    version = train_topics(walk).card.version
    with walk.database.begin() as tx:
        item_id = store_article(tx, 9_999, "Swarm", "The beekeeper took the hive and its honey away.")
        tx.execute(update(items).where(items.c.id == item_id).values(waiting_for="classify"))
    assert classify_articles(walk) == {"topics": 1}
    with walk.database.begin() as tx:
        life = read_item_life(tx, [item_id])
    assert life
    assert life.classification
    assert life.classification.model_version == version
    assert life.classification.topics[0].terms
