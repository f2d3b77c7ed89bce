"""Alerts that were held back, told together: one notice in place of many messages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipeline.alert.keys import make_key
from pipeline.alert.message import count_noun
from pipeline.models import Alert, Label, Notice, NoticeLink, NoticeSection

_KIND = {Label.NEW_STORY: "new", Label.CORRECTION: "correction"}


def make_bundle_key(channel: str, due_at: datetime) -> str:
    """The same channel and time always give the same digest."""
    return make_key("digest", channel, due_at.isoformat())


def write_bundle(key: str, channel: str, alerts: Sequence[Alert], held_for: str, now: datetime) -> Notice:
    """One notice that tells every alert, by story and by the surest topic of each; `alerts` oldest first."""
    stories: dict[str, list[Alert]] = {}
    for alert in alerts:
        stories.setdefault(alert.story_id, []).append(alert)
    by_topic: dict[str, list[str | NoticeLink]] = {}
    for told in stories.values():
        topic = told[0].topics[0].topic if told[0].topics else ""
        by_topic.setdefault(topic, []).extend(map(_write_line, told))
    heads = sorted(by_topic, key=lambda topic: (-len(by_topic[topic]), topic))
    counted = f"{count_noun(len(stories), 'story')}, {count_noun(len(alerts), 'development')}"
    return Notice(
        key=key,
        channel=channel,
        title=f"Digest: {counted}",
        sections=(
            *(
                NoticeSection(topic.replace("_", " ").capitalize() or "Other", tuple(by_topic[topic]))
                for topic in heads
            ),
            NoticeSection(f"Told together because of: {held_for}"),
        ),
        published_at=now,
    )


def _write_line(alert: Alert) -> NoticeLink:
    what = alert.because.removeprefix("new: ") if alert.label is not Label.NEW_STORY else ""
    told = f"{alert.headline} ({what})" if what else alert.headline
    return NoticeLink(f"{_KIND.get(alert.label, 'update')}: {told}, {alert.publisher}", alert.url)
