"""Development -> Alert | Held: whether a desk is told, and the reason when it is not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.alert.settings import AlertSettings
from pipeline.models import Alert, Article, Development, ItemId, Label, StoryId, TopicMatch


@dataclass(frozen=True, slots=True)
class Held:
    """A development that is not sent. `reason`: the label, or backfill, stale, no_topic, below_importance."""

    item_id: ItemId
    reason: str


def make_alert_key(channel: str, story_id: StoryId, item_id: ItemId) -> str:
    """The same channel, story and development always give the same key: 128 bits, in hex."""
    return hashlib.sha256("\x1f".join((channel, story_id, item_id)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def plan_alert(
    development: Development,
    article: Article,
    publisher: str,
    story_title: str,
    story_topics: tuple[TopicMatch, ...],
    other_publishers: Iterable[str],
    settings: AlertSettings,
    now: datetime,
    is_backfill: bool,
) -> Alert | Held:
    """Decide about one development of a story; `other_publishers` are all that report the story."""
    reason = _reason_to_hold(development, article, story_topics, settings, now, is_backfill)
    if reason:
        return Held(development.item_id, reason)
    return Alert(
        key=make_alert_key(settings.channel, development.story_id, development.item_id),
        channel=settings.channel,
        label=development.label,
        story_id=development.story_id,
        item_id=development.item_id,
        headline=article.title or next(iter(development.new_facts), story_title),
        story_title=story_title,
        publisher=publisher,
        url=article.url,
        published_at=article.published_at,
        new_facts=development.new_facts,
        because=development.because,
        topics=story_topics,
        other_publishers=tuple(dict.fromkeys(name for name in other_publishers if name != publisher)),
        is_broadcast=development.importance >= settings.broadcast_importance,
    )


def open_late(development: Development, article: Article) -> Development:
    """The verdict on an article of a story that the desk has heard nothing of, as its earlier ones had no topic.

    To the desk it is a new story, even where it only retells what was held back.
    """
    if development.label is Label.NEAR_DUPLICATE:
        return development
    sentences = development.new_facts or (article.text.partition("\n\n")[0],)
    because = "first report of this story on a topic of the desk"
    return replace(development, label=Label.NEW_STORY, new_facts=sentences, because=because)


def _reason_to_hold(
    development: Development,
    article: Article,
    story_topics: tuple[TopicMatch, ...],
    settings: AlertSettings,
    now: datetime,
    is_backfill: bool,
) -> str:
    if not development.label.deserves_alert:
        return development.label.value
    if is_backfill:
        return "backfill"
    if article.published_at < now - timedelta(hours=settings.freshness_hours):
        return "stale"
    if not story_topics:
        return "no_topic"
    if development.importance < settings.minimum_importance:
        return "below_importance"
    return ""
