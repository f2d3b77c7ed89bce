"""The day's digest and the weekly report, as notices. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.alert.keys import make_key
from pipeline.alert.message import count_noun
from pipeline.models import DaySummary, Notice, NoticeLink, NoticeSection, UntoldStory, Verdict, WeekSummary

_BAR_MARKS = 20
_MAX_STORIES = 8  # of one topic; the others are counted
_MAX_REASONS = 6
BARS_TITLE = "Articles by topic"
_NO_TOPIC = "no topic"
# What a desk may read here, for the reasons that rooms write (their first word).
_REASONS = {
    "near_duplicate": "copies of an article",
    "repeat": "told nothing new",
    "no_topic": "outside every topic",
    "no_route": "wanted by no route",
    "below_importance": "below the importance that routes ask for",
    "stale": "older than the freshness limit",
    "muted": "muted",
}


def make_summary_key(kind: str, channel: str, due_at: datetime) -> str:
    """The same kind, channel and time always give the same key."""
    return make_key(kind, channel, due_at.isoformat())


def write_day(key: str, channel: str, day: DaySummary, now: datetime) -> Notice:
    """The stories of a day by topic, how much each topic brought, and what was held back and why."""
    stories = {alert.story_id: alert for alert in day.alerts}  # the latest word on each
    counts = Counter(alert.story_id for alert in day.alerts)
    by_topic: dict[str, list[str | NoticeLink]] = {}
    for story_id, alert in stories.items():
        topic = alert.topics[0].topic if alert.topics else _NO_TOPIC
        told = f"{alert.headline} ({count_noun(counts[story_id], 'development')}, {alert.publisher})"
        by_topic.setdefault(topic, []).append(NoticeLink(told, alert.url))
    heads = sorted(by_topic, key=lambda topic: (-len(by_topic[topic]), topic))
    sections = (
        *(NoticeSection(_title(topic), _cut(by_topic[topic])) for topic in heads),
        NoticeSection(BARS_TITLE, _draw_bars(_list_bars(day))) if day.articles_by_topic else None,
        NoticeSection("Held back", _say_reasons(day.held_by_reason)) if day.held_by_reason else None,
    )
    title = f"The day: {count_noun(len(stories), 'story')}, {count_noun(len(day.alerts), 'development')}"
    return Notice(key, channel, title, tuple(section for section in sections if section), now, _list_bars(day))


def write_week(key: str, channel: str, week: WeekSummary, now: datetime) -> Notice:
    """What was sent in a week, what readers said of it, and what they may have missed."""
    verdicts = week.messages_by_verdict
    judged, useful = week.judged_messages, verdicts.get(Verdict.USEFUL, 0)
    share = f"{useful} of {judged} messages with a verdict ({useful / judged:.0%})" if judged else "no verdicts"
    others = (Verdict.REPEAT, Verdict.WRONG_TOPIC, Verdict.WRONG_STORY, Verdict.MUTE)
    said = [f"{verdict.replace('_', ' ')}: {count_noun(verdicts.get(verdict, 0), 'message')}" for verdict in others]
    missed = _cut([_write_missed(story) for story in week.untold_stories]) or ("none",)
    sections = (
        NoticeSection("Sent", (count_noun(week.sent, "message"), f"refused and not resent: {week.dead}")),
        NoticeSection("Useful", (share,)),
        NoticeSection("Readers said", tuple(said)),
        NoticeSection("Told to nobody, reported by three publishers or more", missed),
    )
    return Notice(key, channel, f"The week: {count_noun(week.sent, 'message')}", sections, now)


def _write_missed(story: UntoldStory) -> NoticeLink:
    why = _REASONS.get(story.reason, story.reason) or "not decided on yet"
    return NoticeLink(f"{story.title} ({count_noun(story.publishers, 'publisher')}; {why})", story.url)


def _list_bars(day: DaySummary) -> tuple[tuple[str, int], ...]:
    rows = sorted(day.articles_by_topic.items(), key=lambda row: (-row[1], row[0]))
    return tuple((topic.replace("_", " "), number) for topic, number in rows)


def _title(topic: str) -> str:
    return topic.replace("_", " ").capitalize()


def _cut(lines: Sequence[str | NoticeLink]) -> tuple[str | NoticeLink, ...]:
    left = len(lines) - _MAX_STORIES
    return (*lines[:_MAX_STORIES], *([f"and {left} more"] if left > 0 else []))


def _draw_bars(bars: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """'██████ 12 transport': bars of text, for wherever there is no picture."""
    most = max(number for _, number in bars)
    return tuple(f"{'█' * max(1, round(_BAR_MARKS * number / most))} {number} {name}" for name, number in bars)


def _say_reasons(held: Mapping[str, int]) -> tuple[str, ...]:
    rows = Counter(held).most_common()
    shown = [f"{number} {_REASONS.get(reason, reason)}" for reason, number in rows[:_MAX_REASONS]]
    left = sum(number for _, number in rows[_MAX_REASONS:])
    return (*shown, *([f"{left} for other reasons"] if left else []))
