"""Labels of readers: one per article, the last word counts."""

from __future__ import annotations

from datetime import timedelta

from pipeline.models import ItemId
from pipeline.store.database import Database
from pipeline.store.labels import (
    LabelSource,
    TopicLabel,
    count_labels,
    forget_label,
    read_label,
    read_labelled_articles,
    read_unlabelled_articles,
    save_label,
)
from tests.archive import MORNING, store_article


def make_label(item_id: ItemId, *topics: str, by: str = "ann", minutes: int = 0) -> TopicLabel:
    return TopicLabel(item_id, topics, MORNING + timedelta(minutes=minutes), by, LabelSource.TERMINAL)


def test_a_label_says_who_and_when(database: Database) -> None:
    with database.begin() as tx:
        label = make_label(store_article(tx, 1, "Ferry sinks", "Off the port."), "transport")
        save_label(tx, label)
        assert read_label(tx, label.item_id) == label


def test_labelling_again_replaces(database: Database) -> None:
    with database.begin() as tx:
        item_id = store_article(tx, 1, "Ferry sinks", "Off the port.")
        save_label(tx, make_label(item_id, "transport"))
        save_label(tx, make_label(item_id, by="bob", minutes=5))
        assert read_label(tx, item_id) == make_label(item_id, by="bob", minutes=5)
        assert count_labels(tx) == 1


def test_labels_are_counted_since_an_instant(database: Database) -> None:
    with database.begin() as tx:
        for number in range(3):
            save_label(tx, make_label(store_article(tx, number, "Ferry", "Port."), minutes=number))
        assert count_labels(tx, since=MORNING) == 2


def test_what_is_labelled_is_not_offered_again(database: Database) -> None:
    with database.begin() as tx:
        first, second = (store_article(tx, number, f"Ferry {number}", "Port.") for number in (1, 2))
        save_label(tx, make_label(first, "transport"))
        assert [article.item_id for article, _ in read_unlabelled_articles(tx, limit=9)] == [second]
        forget_label(tx, first)
        assert [article.item_id for article, _ in read_unlabelled_articles(tx, limit=1)] == [second]
        assert len(read_unlabelled_articles(tx, limit=9)) == 2


def test_labelled_articles_come_with_their_text(database: Database) -> None:
    with database.begin() as tx:
        item_id = store_article(tx, 1, "Ferry sinks", "Off the port.")
        save_label(tx, make_label(item_id, "transport"))
        (found,) = read_labelled_articles(tx)
        assert (found.title, found.text, found.label.topics) == ("Ferry sinks", "Off the port.", ("transport",))
