"""Page to article to topics: each item on its own."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from pipeline.bounded import BoundedCleaner
from pipeline.classify.model import TopicModel
from pipeline.clean.memory import SiteMemory, forget_text, learn
from pipeline.clean.words import has_same_words
from pipeline.models import Article, ItemId, Outcome, Room
from pipeline.steps.versions import open_topic_model
from pipeline.steps.walk import Counts, Walk, answer_all
from pipeline.store import records, versions
from pipeline.store.database import Transaction
from pipeline.store.desk import PostgresMemory


def clean_pages(walk: Walk) -> Counts:
    """Page to article, or a rejection with its reason; one after the other, because a site's pages teach each other.

    A later version of an article teaches nothing about its site, and ends here when it has the words of the one before.
    """
    cleaner = BoundedCleaner(walk.settings.clean)

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        page = records.read_page(tx, item_id)
        site = urlsplit(page.url).hostname  # none: a file of a folder
        remembered, memory = PostgresMemory(tx), SiteMemory()
        if site:
            memory = remembered.recall(SiteMemory, site) or memory
        before = versions.read_earlier_articles(tx, [item_id]).get(item_id, ())
        for article in before:
            memory = forget_text(memory, article.text)
        cleaned = cleaner.clean_page(page, now=walk.now, memory=memory)
        if before and isinstance(cleaned, Article) and has_same_words(cleaned, before[-1]):
            return Outcome(item_id, Room.CLEAN, versions.UNCHANGED, f"the words of {before[-1].item_id}", passed=False)
        if site and not before:
            remembered.remember(site, learn(memory, cleaned), at=walk.now)
            remembered.write()
        if isinstance(cleaned, Article):
            records.save_article(tx, cleaned)
            return Outcome(item_id, Room.CLEAN, "article", f"dated by {cleaned.published_from}")
        records.save_rejection(tx, cleaned)
        reason = f"{cleaned.reason}: {cleaned.detail}" if cleaned.detail else cleaned.reason
        return Outcome(item_id, Room.CLEAN, "rejected", reason, passed=False)

    with cleaner:
        return answer_all(walk, Room.CLEAN, answer)


def classify_articles(walk: Walk) -> Counts:
    """Article to topics; none is an answer, and goes on: a later article may give its story one."""

    @cache  # loaded for the first article only: most runs of a quiet hour have none
    def open_model() -> TopicModel:
        return open_topic_model(walk)

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        article = records.read_article(tx, item_id)
        found = open_model().classify(item_id, article.title, article.text, article.language)
        records.save_classification(tx, found)
        if found.unsupported_language:
            return Outcome(item_id, Room.CLASSIFY, "unsupported_language", article.language)
        topics = ", ".join(f"{match.topic} {match.probability:.2f}" for match in found.topics)
        return Outcome(item_id, Room.CLASSIFY, "topics" if topics else "none", topics)

    return answer_all(walk, Room.CLASSIFY, answer)
