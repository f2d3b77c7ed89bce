"""What the first message of a story's thread is to say by now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.alert.keys import make_key
from pipeline.models import Alert, ItemId, StoryId, StoryMember, StoryThread


@dataclass(frozen=True, slots=True)
class Voices:
    """Who reports a story: each publisher that says it in its own words once, in order of their first report."""

    publishers: tuple[str, ...]
    copying: int  # further publishers, all of whose articles copy somebody else's


def count_voices(members: Sequence[StoryMember]) -> Voices:
    """The independent publishers of a story; `members` in order of publication.

    Copies of one text are one voice, whoever carries them: that of the article they go back to, or, when
    that is not in the story, of the first that carried it.
    """
    copied = {member.item_id: member.copy_of for member in members if member.copy_of is not None}
    publisher_of = {member.item_id: member.publisher for member in members}
    voice_of_root: dict[ItemId, str] = {}
    for member in members:
        root = _find_root(member.item_id, copied)
        voice_of_root.setdefault(root, publisher_of.get(root, member.publisher))
    independent = tuple(dict.fromkeys(voice_of_root.values()))
    return Voices(independent, len(set(publisher_of.values()) - set(independent)))


def _find_root(item_id: ItemId, copied: dict[ItemId, ItemId]) -> ItemId:
    seen = {item_id}
    while (original := copied.get(item_id)) is not None and original not in seen:
        seen.add(original)
        item_id = original
    return item_id


def make_thread_key(channel: str, story_id: StoryId) -> str:
    """The same channel and story always give the same key."""
    return make_key("thread", channel, story_id)


def says_it_all(alerts: Sequence[Alert], voices: Voices) -> bool:
    """Whether the first of the alerts, as it was sent, shows everything that its thread could show."""
    reporting = {alerts[0].publisher, *alerts[0].other_publishers}
    return len(alerts) == 1 and set(voices.publishers) <= reporting and not voices.copying


def describe_thread(story_id: StoryId, alerts: Sequence[Alert], voices: Voices) -> StoryThread:
    """The state of the thread that was opened for a story, after the alerts in its channel, oldest first."""
    channel = alerts[0].channel
    return StoryThread(
        key=make_thread_key(channel, story_id),
        channel=channel,
        story_id=story_id,
        latest=alerts[-1],
        developments=len(alerts),
        publishers=voices.publishers,
        copying_publishers=voices.copying,
    )


def close_thread(story_id: StoryId, alerts: Sequence[Alert], title: str) -> StoryThread:
    """The state of a thread whose story goes on in that of the story `title`; `alerts` are those that it told."""
    return replace(describe_thread(story_id, alerts, Voices((), 0)), goes_on_in=title or "another story")
