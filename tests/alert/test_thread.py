"""Who counts as a voice, and what the first message of a thread is to say."""

from __future__ import annotations

from pipeline.alert.thread import Voices, count_voices, describe_thread, says_it_all
from pipeline.models import ItemId, StoryId, StoryMember
from tests.alert.builders import make_alert

STORY = StoryId("s-1")


def member(item: str, publisher: str, copy_of: str | None = None) -> StoryMember:
    return StoryMember(ItemId(item), publisher, ItemId(copy_of) if copy_of else None)


def test_publishers_that_say_it_in_their_own_words_are_voices() -> None:
    members = [member("a", "Harbour Times"), member("b", "Daily Post"), member("c", "Harbour Times")]
    assert count_voices(members) == Voices(("Harbour Times", "Daily Post"), 0)


def test_copies_of_one_text_are_one_voice_however_long_the_chain() -> None:
    members = [member("a", "Wire"), member("b", "Daily Post", "a"), member("c", "Evening Echo", "b")]
    assert count_voices(members) == Voices(("Wire",), 2)


def test_a_publisher_that_copies_and_writes_is_a_voice() -> None:
    members = [member("a", "Wire"), member("b", "Daily Post", "a"), member("c", "Daily Post")]
    assert count_voices(members) == Voices(("Wire", "Daily Post"), 0)


def test_a_later_version_of_a_copy_is_no_voice_of_its_own() -> None:
    members = [member("a", "Wire"), member("b", "Daily Post", "a"), member("c", "Daily Post", "b")]
    assert count_voices(members) == Voices(("Wire",), 1)


def test_copies_of_a_text_that_is_not_in_the_story_are_the_voice_of_the_first_to_carry_it() -> None:
    members = [member("b", "Daily Post", "gone"), member("c", "Evening Echo", "gone")]
    assert count_voices(members) == Voices(("Daily Post",), 1)


def test_copies_in_a_circle_end() -> None:
    assert count_voices([member("a", "Wire", "b"), member("b", "Post", "a")]).copying == 0


def test_the_first_message_alone_needs_no_update() -> None:
    assert says_it_all([make_alert()], Voices(("Harbour Times", "Daily Post"), 0))


def test_a_further_publisher_changes_the_first_message() -> None:
    voices = Voices(("Harbour Times", "Daily Post", "Evening Echo"), 1)
    assert not says_it_all([make_alert()], voices)
    thread = describe_thread(STORY, [make_alert()], voices)
    assert (thread.developments, len(thread.publishers), thread.copying_publishers) == (1, 3, 1)


def test_the_latest_alert_is_what_the_story_stands_at() -> None:
    later = make_alert(key="k-2", headline="Toll rises to 40")
    thread = describe_thread(STORY, [make_alert(), later], Voices(("Harbour Times",), 0))
    assert (thread.latest, thread.developments) == (later, 2)


def test_one_thread_per_channel_and_story() -> None:
    alerts = [(StoryId(story), make_alert(channel=channel)) for channel in "ab" for story in "cd"]
    threads = [describe_thread(story, [alert, alert], Voices((), 0)) for story, alert in alerts]
    assert len({thread.key for thread in threads}) == 4
