"""What to ask a reader about, and keeping the answers."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pipeline.classify.model import TopicModel
from pipeline.classify.upkeep.asking import Candidate, Question, choose_questions
from pipeline.models import ItemId
from pipeline.steps.versions import open_topic_model
from pipeline.steps.walk import Walk
from pipeline.store import labels
from pipeline.store.labels import LabelSource, TopicLabel

NEWEST_ARTICLES: Final = 600  # looked through for those worth a question


def choose_articles(walk: Walk, count: int) -> tuple[TopicModel, list[Question]]:
    """The most informative unlabelled ones of the newest articles, by the model in use."""
    with walk.database.begin() as tx:
        newest = labels.read_unlabelled_articles(tx, NEWEST_ARTICLES)
    model = open_topic_model(walk)
    advance = walk.progress("read", len(newest))
    candidates = []
    for article, story_id in newest:
        found = model.classify(article.item_id, article.title, article.text, article.language)
        group = story_id or article.item_id
        candidates.append(Candidate(article.item_id, article.title, article.text, group, found))
        advance()
    return model, choose_questions(candidates, model, count)


def save_answer(walk: Walk, item_id: ItemId, topics: tuple[str, ...], by: str, at: datetime) -> None:
    """Keep what a reader at a terminal said, in place of an earlier answer."""
    with walk.database.begin() as tx:
        labels.save_label(tx, TopicLabel(item_id, topics, at, by, LabelSource.TERMINAL))


def take_back_answer(walk: Walk, item_id: ItemId) -> None:
    """The article counts as not labelled again."""
    with walk.database.begin() as tx:
        labels.forget_label(tx, item_id)
