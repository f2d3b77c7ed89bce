"""Development -> alerts, one per channel, or Held: whether, where and when a desk is told, and why not. Pure."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.alert.keys import make_key
from pipeline.alert.matching import Candidate, RouteAnswer, ask_route, weigh_topics
from pipeline.alert.routes import Route
from pipeline.alert.settings import AlertSettings
from pipeline.alert.thread import count_voices
from pipeline.alert.timing import Hold, time_message
from pipeline.models import Alert, Article, Development, ItemId, Label, Mute, MuteSubject, StoryId

FOLLOWED = "followed"  # the route of a followed story that no other route wants


@dataclass(frozen=True, slots=True)
class Held:
    """A development that is not sent.

    `reason` begins with the label, or with backfill, stale, muted, no_topic, no_route or below_importance.
    """

    item_id: ItemId
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """An alert for one channel; `hold` says until when and why it is kept back, None: it goes at once."""

    alert: Alert
    because: str  # what the route found
    hold: Hold | None = None


def make_alert_key(channel: str, story_id: StoryId, item_id: ItemId) -> str:
    """The same channel, story and development always give the same key."""
    return make_key(channel, story_id, item_id)


def plan_alerts(
    candidate: Candidate, routes: Sequence[Route], settings: AlertSettings, now: datetime, is_backfill: bool
) -> tuple[Planned, ...] | Held:
    """Decide about one development of a story: an alert for each channel that a route names, or the reason for none.

    Where two routes lead to one channel, the one that tells sooner counts.
    """
    item_id = candidate.development.item_id
    reason = find_standing_reason(candidate, settings, now, is_backfill)
    if reason:
        return Held(item_id, reason)
    answers = ask_routes(candidate, routes, settings)
    matches = [answer for answer in answers if answer.is_match]
    if not matches:
        return Held(item_id, _explain_no_route(candidate, answers))
    by_channel: dict[str, Planned] = {}
    for answer in matches:
        hold = time_message(answer.route, now)
        for channel in answer.route.channels:
            known = by_channel.get(channel)
            if known is None or _is_sooner(hold, known.hold):
                by_channel[channel] = Planned(_make_alert(candidate, channel, answer), answer.reason, hold)
    return tuple(by_channel.values())


def ask_routes(candidate: Candidate, routes: Sequence[Route], settings: AlertSettings) -> list[RouteAnswer]:
    """What every route says; a followed story that none wants goes to the channel of the settings."""
    answers = [ask_route(route, candidate) for route in routes]
    if candidate.is_followed and not any(answer.is_match for answer in answers):
        route = Route(FOLLOWED, (settings.channel,))
        importance, _ = weigh_topics(route, candidate)
        answers.append(RouteAnswer(route, True, "the story is followed", importance=importance))
    return answers


def find_standing_reason(candidate: Candidate, settings: AlertSettings, now: datetime, is_backfill: bool) -> str:
    """Why nobody is told, whatever the routes say; empty: ask them."""
    if not candidate.development.label.deserves_alert:
        return candidate.development.label.value
    if is_backfill:
        return "backfill"
    if candidate.article.published_at < now - timedelta(hours=settings.freshness_hours):
        return "stale"
    topics = {match.topic for match in candidate.topics}
    names = {candidate.source, candidate.publisher}
    mute = find_mute(candidate.wishes.mutes, candidate.development.story_id, topics, names)
    return explain_mute(mute) if mute else ""


def find_mute(mutes: Sequence[Mute], story_id: StoryId, topics: Set[str], names: Set[str]) -> Mute | None:
    """The wish not to hear of it: of its story, its source or publisher (`names`), or of every topic that it has."""
    folded = {name.casefold() for name in names}
    muted_topics = [mute for mute in mutes if mute.subject is MuteSubject.TOPIC and mute.name in topics]
    for mute in mutes:
        if mute.subject is MuteSubject.STORY and mute.name == story_id:
            return mute
        if mute.subject is MuteSubject.SOURCE and mute.name.casefold() in folded:
            return mute
    return muted_topics[0] if topics and len(muted_topics) == len(topics) else None


def explain_mute(mute: Mute) -> str:
    """'muted: topic transport until 09 Mar 06:00 UTC'."""
    until = f" until {mute.until:%d %b %H:%M} UTC" if mute.until else ""
    return f"muted: {mute.subject} {mute.name}{until}"


def open_late(development: Development, article: Article) -> Development:
    """The verdict on an article of a story that the desk has heard nothing of, as its earlier ones had no topic.

    To the desk it is a new story, even where it only retells what was held back.
    """
    if development.label is Label.NEAR_DUPLICATE:
        return development
    sentences = development.new_facts or (article.text.partition("\n\n")[0],)
    because = "first report of this story on a topic of the desk"
    return replace(development, label=Label.NEW_STORY, new_facts=sentences, because=because)


def _explain_no_route(candidate: Candidate, answers: Sequence[RouteAnswer]) -> str:
    below = [answer for answer in answers if answer.is_below]
    if below:
        return f"below_importance: {'; '.join(f'{answer.route.name}: {answer.reason}' for answer in below)}"
    if not candidate.topics:
        return "no_topic"
    return f"no_route: {'; '.join(f'{answer.route.name}: {answer.reason}' for answer in answers)}"


def _is_sooner(hold: Hold | None, other: Hold | None) -> bool:
    if other is None:
        return False
    return hold is None or hold.until < other.until


def _make_alert(candidate: Candidate, channel: str, answer: RouteAnswer) -> Alert:
    development, article = candidate.development, candidate.article
    voices = count_voices(candidate.members).publishers
    return Alert(
        key=make_alert_key(channel, development.story_id, development.item_id),
        channel=channel,
        label=development.label,
        story_id=development.story_id,
        item_id=development.item_id,
        headline=article.title or next(iter(development.new_facts), candidate.story_title),
        story_title=candidate.story_title,
        publisher=candidate.publisher,
        url=article.url,
        published_at=article.published_at,
        new_facts=development.new_facts,
        because=development.because,
        topics=candidate.topics,
        other_publishers=tuple(name for name in voices if name != candidate.publisher),
        is_broadcast=answer.importance >= answer.route.broadcast_importance,
        route=answer.route.name,
    )
