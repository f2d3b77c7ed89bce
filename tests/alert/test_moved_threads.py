"""Threads of stories that were merged or split: what was told stays, what comes goes where it belongs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from pipeline.alert.outbox import deliver
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack import SlackDelivery
from pipeline.config import Settings
from pipeline.models import (
    Alert,
    Assignment,
    Classification,
    Move,
    Mute,
    MuteSubject,
    Report,
    RunId,
    StoryId,
    TopicMatch,
    make_story_id,
)
from pipeline.steps import Walk, deliver_alerts
from pipeline.steps import queue_alerts as queue_alerts_step
from pipeline.steps.settling import refresh_threads
from pipeline.store.database import Database
from pipeline.store.outbox import (
    HeldBack,
    PostgresOutbox,
    count_states,
    has_story,
    read_told_routes,
    release_held,
    resend_dead,
)
from pipeline.store.records import save_classification
from pipeline.store.reports import find_judged_item, read_story_lines
from pipeline.store.stories import save_assignment, save_development
from pipeline.store.tables import items
from pipeline.store.wishes import acknowledge_story, end_mute, read_wishes, save_follow, save_mute
from tests.alert.builders import NOW, make_development, make_story_alerts
from tests.alert.queueing import find_stale, merge_story, move_articles, queue_alerts, weigh
from tests.slack_server import TOKEN, Fault, SlackServer, drop, refuse, server_error
from tests.walk.judged import read_stream, store_classified


@dataclass
class Desk:
    """Stories in one channel of a workspace, and a clock that moves only when told."""

    database: Database
    slack: SlackServer
    now: datetime = NOW
    told: list[Alert] = field(default_factory=list)

    def tell(self, *alerts: Alert) -> dict[str, int]:
        """Queue, bring the first messages up to date, send."""
        queue_alerts(self.database, alerts)
        self.told += alerts
        self.refresh(*(alert.story_id for alert in alerts))
        return self.deliver()

    def refresh(self, *story_ids: StoryId) -> None:
        with self.database.begin() as tx:
            for story_id in story_ids:
                refresh_threads(tx, story_id, NOW)

    def deliver(self) -> dict[str, int]:
        settings = AlertSettings("C0NEWSDESK", "C0OPERATIONS", slack_token=TOKEN, slack_base_url=self.slack.base_url)
        clock = lambda: self.now  # noqa: E731
        counts = deliver(PostgresOutbox(self.database), SlackDelivery(settings), clock, lambda _: None)
        self.now += timedelta(seconds=61)
        return counts

    def merge(self, left: Alert, joined: Alert) -> None:
        merge_story(self.database, left.story_id, joined.story_id)
        self.refresh(left.story_id, joined.story_id)

    def message(self, alert: Alert) -> dict[str, str]:
        """What Slack holds of an alert: exactly one message."""
        assert self.slack.keys().count(alert.key) == 1
        return self.slack.messages[self.slack.keys().index(alert.key)]

    def text(self, alert: Alert) -> str:
        return str(self.message(alert)["blocks"])

    def link(self, alert: Alert) -> str:
        return f"https://desk.slack.example/archives/C0NEWSDESK/p{self.message(alert)['ts'].replace('.', '')}"

    def thread(self, alert: Alert) -> str | None:
        return self.message(alert).get("thread_ts")


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with SlackServer() as slack:
        yield Desk(database, slack)


def make_story(number: int, count: int, title: str) -> list[Alert]:
    return [replace(alert, story_title=title) for alert in make_story_alerts(number, count)]


A = make_story(1, 5, "Ferry sinks off Kelmar")
B = make_story(2, 5, "Boat lost near the cape")


def adopt(alert: Alert, story: Alert) -> Alert:
    """The alert as it is planned once its article belongs to that other story."""
    return replace(alert, story_id=story.story_id, story_title=story.story_title)


# ---------------------------------------------------------------- two that are one


def test_a_merged_story_goes_on_in_the_other_thread_and_says_so(desk: Desk) -> None:
    desk.tell(*A[:2], *B[:2])
    before = len(desk.slack.messages)
    desk.merge(B[0], A[0])
    assert desk.deliver() == {"updated": 2}
    assert len(desk.slack.messages) == before, "nothing is posted again"
    assert "*Goes on in the thread of* Ferry sinks off Kelmar · <" + desk.link(A[0]) in desk.text(B[0])
    assert "*4 developments*" in desk.text(A[0])
    assert "*Told before in the thread of* Boat lost near the cape · <" + desk.link(B[0]) in desk.text(A[0])
    desk.tell(adopt(B[2], A[0]))
    assert desk.thread(B[2]) == desk.message(A[0])["ts"]
    assert "*5 developments*" in desk.text(A[0])
    assert desk.deliver() == {}


def test_what_waits_for_a_story_that_is_merged_meanwhile_goes_to_the_other_thread(desk: Desk) -> None:
    desk.tell(A[0], B[0])
    queue_alerts(desk.database, [B[1]])
    desk.merge(B[0], A[0])
    desk.deliver()
    assert desk.thread(B[1]) == desk.message(A[0])["ts"]


def test_where_only_the_merged_story_has_a_thread_that_one_goes_on(desk: Desk) -> None:
    desk.tell(B[0])
    queue_alerts(desk.database, [replace(A[0], channel="C0OPERATIONS")])
    desk.merge(B[0], A[0])
    desk.tell(A[1], A[2])
    assert desk.thread(A[1]) == desk.thread(A[2]) == desk.message(B[0])["ts"]
    assert "*3 developments*" in desk.text(B[0])
    assert "Goes on" not in desk.text(B[0])


def test_a_chain_of_merges_leads_to_the_last(desk: Desk) -> None:
    c = make_story(3, 2, "Inquiry into the ferry")
    desk.tell(A[0], B[0], c[0])
    desk.merge(B[0], A[0])
    desk.merge(A[0], c[0])
    desk.deliver()
    for closed in (A[0], B[0]):
        assert "*Goes on in the thread of* Inquiry into the ferry · <" + desk.link(c[0]) in desk.text(closed)
    desk.tell(adopt(B[1], c[0]))
    assert desk.thread(B[1]) == desk.message(c[0])["ts"]


def test_a_merged_story_that_comes_back_has_its_thread_again(desk: Desk) -> None:
    desk.tell(A[0], B[0])
    desk.merge(B[0], A[0])
    desk.deliver()
    move_articles(desk.database, [B[0]], B[0].story_id)
    desk.refresh(A[0].story_id, B[0].story_id)
    desk.deliver()
    assert "Goes on" not in desk.text(B[0])
    assert "Told before" not in desk.text(A[0])
    desk.tell(B[1])
    assert desk.thread(B[1]) == desk.message(B[0])["ts"]


@pytest.mark.parametrize(
    "fault", [drop(stored=True), drop(stored=False), server_error(stored=True), refuse("fatal_error")]
)
def test_a_reply_whose_line_broke_is_found_in_the_thread_it_was_sent_to(desk: Desk, fault: Fault) -> None:
    desk.tell(A[0], B[0])
    desk.slack.add(fault)
    desk.tell(B[1])
    desk.merge(B[0], A[0])
    desk.deliver()
    desk.deliver()
    stored = desk.thread(B[1])
    assert stored == desk.message((B if fault.stored else A)[0])["ts"]


def test_a_reply_in_doubt_is_found_though_the_stories_are_two_again(desk: Desk) -> None:
    desk.tell(A[0], B[0])
    desk.merge(B[0], A[0])
    desk.deliver()
    desk.slack.add(drop(stored=True))
    queue_alerts(desk.database, [B[1]])  # planned before the merge, sent to the thread of A
    desk.deliver()
    move_articles(desk.database, [B[0], B[1]], B[0].story_id)
    desk.deliver()
    assert desk.thread(B[1]) == desk.message(A[0])["ts"]


def test_an_unknown_first_message_that_arrived_keeps_its_thread(desk: Desk) -> None:
    desk.tell(A[0])
    desk.slack.add(drop(stored=True))
    desk.tell(B[0])
    desk.merge(B[0], A[0])
    desk.deliver()
    desk.refresh(A[0].story_id)
    desk.deliver()
    assert desk.thread(B[0]) is None
    assert "Goes on in the thread of" in desk.text(B[0])


def test_without_a_permalink_the_thread_is_named(desk: Desk) -> None:
    desk.slack.scopes_missing.add("chat.getPermalink")
    desk.tell(A[0], B[0])
    desk.merge(B[0], A[0])
    assert desk.deliver() == {"updated": 2}
    assert "*Goes on in the thread of* Ferry sinks off Kelmar'" in desk.text(B[0])


# ---------------------------------------------------------------- one that is two


def split(desk: Desk, *alerts: Alert) -> StoryId:
    """These articles are a story of their own, called after the first."""
    story_id = StoryId(f"s-{alerts[0].item_id}")
    move_articles(desk.database, alerts, story_id)
    desk.refresh(alerts[0].story_id, story_id)
    return story_id


def test_a_split_story_opens_a_thread_that_says_where_it_was_told_before(desk: Desk) -> None:
    desk.tell(*A[:3])
    story_id = split(desk, A[1])
    assert desk.deliver() == {"updated": 1}
    assert "*2 developments*" in desk.text(A[0])
    later = replace(A[3], story_id=story_id, story_title="Captain arrested")
    desk.tell(later)
    assert desk.thread(later) is None
    told_before = "*Told before in the thread of* Ferry sinks off Kelmar · <" + desk.link(A[0])
    assert told_before in desk.text(later)
    assert "*2 developments*" in desk.text(later), "with the one that was told in the other thread"
    latest = replace(A[4], story_id=story_id)
    desk.tell(latest)
    assert desk.thread(latest) == desk.message(later)["ts"]
    assert told_before in desk.text(later)
    assert desk.thread(A[1]) == desk.message(A[0])["ts"], "earlier replies stay"


def test_a_first_message_of_a_split_story_that_arrived_is_found(desk: Desk) -> None:
    desk.tell(*A[:2])
    story_id = split(desk, A[1])
    desk.slack.add(drop(stored=True))
    later = replace(A[2], story_id=story_id)
    desk.tell(later)
    desk.deliver()
    assert desk.thread(later) is None
    assert desk.deliver() == {}


def test_what_waits_when_its_article_is_split_off_goes_to_the_thread_of_its_new_story(desk: Desk) -> None:
    desk.tell(A[0])
    queue_alerts(desk.database, A[1:3])
    desk.told += A[1:3]
    story_id = split(desk, *A[1:3])
    desk.deliver()
    assert desk.thread(A[1]) is None
    assert desk.thread(A[2]) == desk.message(A[1])["ts"]
    assert f"'story': '{story_id}'" in str(desk.message(A[2])["metadata"])
    assert "*2 developments*" in desk.text(A[1])
    assert "Told before" not in desk.text(A[1]), "nothing of it was told in the other thread"
    assert f"*Story:* {A[1].headline}" in desk.text(A[1])
    later = replace(A[3], story_id=story_id)
    desk.tell(later, A[4])
    assert desk.thread(later) == desk.message(A[1])["ts"]
    assert desk.thread(A[4]) == desk.message(A[0])["ts"]
    assert find_stale(desk.database, desk.slack, [A[0], replace(A[1], story_id=story_id)]) == []


def test_a_first_message_that_waits_when_its_article_is_split_off_opens_no_thread_for_the_others(desk: Desk) -> None:
    queue_alerts(desk.database, A[:3])
    story_id = split(desk, A[1])
    move_articles(desk.database, [A[0]], B[0].story_id)
    desk.deliver()
    assert [desk.thread(alert) for alert in A[:3]] == [None, None, None], "three stories by now"
    desk.tell(replace(A[3], story_id=story_id), replace(B[1], story_id=B[0].story_id))
    assert desk.thread(A[3]) == desk.message(A[1])["ts"]
    assert desk.thread(B[1]) == desk.message(A[0])["ts"]


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_reply_in_doubt_whose_article_is_split_off_arrives_once_where_it_was_sent_or_in_its_new_thread(
    desk: Desk, is_stored: bool
) -> None:
    desk.tell(A[0])
    desk.slack.add(drop(stored=is_stored))
    desk.tell(A[1])
    story_id = split(desk, A[1])
    later = replace(A[2], story_id=story_id)
    desk.tell(later)
    desk.deliver()
    assert desk.thread(A[1]) == (desk.message(A[0])["ts"] if is_stored else None)
    assert desk.thread(later) == (None if is_stored else desk.message(A[1])["ts"])


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_first_message_in_doubt_keeps_both_stories_waiting_when_its_article_is_split_off(
    desk: Desk, is_stored: bool
) -> None:
    desk.slack.add(drop(stored=is_stored))
    desk.tell(A[0])
    story_id = split(desk, A[0], A[3])
    assert story_id == A[0].story_id
    move_articles(desk.database, [A[0]], B[0].story_id)
    queue_alerts(desk.database, [A[1], adopt(B[1], B[0])])
    desk.now = NOW + timedelta(seconds=1)
    assert set(desk.deliver()) == {"retry_after_seconds"}, "nobody knows yet whose thread it has opened"
    desk.deliver()
    opened = desk.message(A[0])["ts"]
    assert desk.thread(A[0]) is None
    assert desk.thread(A[1]) == (opened if is_stored else None)
    assert desk.thread(B[1]) == (None if is_stored else opened)


def test_what_quiet_hours_keep_follows_its_article_too(desk: Desk) -> None:
    desk.tell(A[0])
    queue_alerts(desk.database, [A[1]], HeldBack(NOW, "quiet hours"))
    split(desk, A[1])
    with desk.database.begin() as tx:
        release_held(tx, NOW)
    desk.deliver()
    assert desk.thread(A[1]) is None


# ---------------------------------------------------------------- whatever comes in whatever order


@dataclass
class Change:
    """Stories that are told, merged, split and put back at random, while the workspace fails."""

    desk: Desk
    dice: random.Random
    stories: dict[StoryId, list[Alert]] = field(default_factory=dict)

    def step(self, number: int) -> None:
        kind = self.dice.choice(["tell", "tell", "open", "merge", "split", "split"])
        names = self.dice.sample(sorted(self.stories), min(2, len(self.stories)))
        if kind == "merge" and len(names) == 2:
            merge_story(self.desk.database, names[0], names[1])
            self.stories[names[1]] += self.stories.pop(names[0])
        elif kind == "split" and names and len(self.stories[names[0]]) > 1:
            names = [names[0], self._split(names[0])]
        else:
            (alert,) = make_story_alerts(1000 + number, 1)
            names = [alert.story_id if kind == "open" or not names else names[0]]
            queue_alerts(self.desk.database, [replace(alert, story_id=names[0])])
            self.desk.told.append(alert)
            self.stories.setdefault(names[0], []).append(alert)
        self.desk.refresh(*names)

    def _split(self, name: StoryId) -> StoryId:
        """Some articles leave for a story that is called after the first of them: a new one, or one that was merged."""
        members = self.stories[name]
        gone = self.dice.sample(members, self.dice.randint(1, len(members) - 1))
        joined = make_story_id(gone[0].item_id)
        if joined != name:
            move_articles(self.desk.database, gone, joined)
            self.stories[name] = [alert for alert in members if alert not in gone]
            self.stories.setdefault(joined, []).extend(gone)
        return joined


@pytest.mark.parametrize("seed", range(4))
def test_whatever_moves_a_story_opens_one_thread_and_what_is_sent_joins_that_of_its_story(
    desk: Desk, seed: int
) -> None:
    change = Change(desk, random.Random(seed))
    desk.slack.choose_fault = lambda: change.dice.choice([drop(stored=True), drop(stored=False), None, None])
    for number in range(40):
        change.step(number)
        if change.dice.random() < 0.5:
            desk.deliver()
    desk.slack.choose_fault = None
    desk.deliver()
    desk.deliver()
    assert sorted(desk.slack.keys()) == sorted(alert.key for alert in desk.told)
    told_for = {m["ts"]: m["metadata"]["event_payload"]["story"] for m in desk.slack.messages}
    opened = [told_for[m["ts"]] for m in desk.slack.messages if not m.get("thread_ts")]
    assert len(opened) == len(set(opened)), "one thread a story"


@pytest.mark.parametrize("seed", range(2))
def test_whatever_moves_everything_arrives_once_and_every_thread_shows_where_its_story_stands(
    desk: Desk, seed: int
) -> None:
    change = Change(desk, random.Random(seed))
    faults = [drop(stored=True), drop(stored=False), server_error(stored=True), refuse("not_in_channel"), None, None]
    desk.slack.choose_fault = lambda: change.dice.choice(faults)
    for number in range(30):
        change.step(number)
        if change.dice.random() < 0.6:
            desk.deliver()
        if change.dice.random() < 0.3:
            with desk.database.begin() as tx:
                resend_dead(tx)
    desk.slack.choose_fault = None
    for _ in range(3):
        with desk.database.begin() as tx:
            resend_dead(tx)
        desk.deliver()
        desk.refresh(*change.stories)
    assert sorted(desk.slack.keys()) == sorted(alert.key for alert in desk.told)
    standing = [replace(alerts[0], story_id=name) for name, alerts in change.stories.items()]
    assert find_stale(desk.database, desk.slack, standing) == []


# ---------------------------------------------------------------- the walk that finds it out


def take_through_alert(
    database: Database, report: Report, story_id: StoryId, *moves: Move, is_backfill: bool = False
) -> dict[str, int]:
    """An article that tells something about its story reaches the alert room, and what waits is sent."""
    with database.begin() as tx:
        save_classification(tx, Classification(report.item_id, "v", (TopicMatch("transport", 0.9),), {}))
        save_assignment(tx, report, Assignment(report.item_id, story_id, not moves, 0.5, "", moves))
        save_development(tx, make_development(item_id=report.item_id, story_id=story_id), NOW)
        tx.execute(update(items).where(items.c.id == report.item_id).values(waiting_for="alert"))
    settings = Settings(slack_channel="C0NEWSDESK")
    walk = Walk(RunId("stored"), report.published_at, settings, database, is_backfill=is_backfill)
    counts = queue_alerts_step(walk)
    deliver_alerts(walk)
    return counts


def open_two(database: Database, first: Report, second: Report) -> tuple[StoryId, StoryId]:
    """Two stories, each told of its first article."""
    ferry, boat = make_story_id(first.item_id), make_story_id(second.item_id)
    take_through_alert(database, first, ferry)
    take_through_alert(database, second, boat)
    return ferry, boat


@pytest.fixture
def reports(database: Database) -> list[Report]:
    """Four articles of a stream."""
    reports = read_stream("stream_b")[:4]
    store_classified(database, reports)
    return reports


def test_the_walk_brings_the_threads_of_moved_stories_up_to_date(
    database: Database, slack: SlackServer, reports: list[Report]
) -> None:
    first, second, third, _ = reports
    ferry, boat = open_two(database, first, second)
    assert take_through_alert(database, third, ferry, Move(second.item_id, boat, ferry)) == {"queued": 1}
    (opened, other, reply) = slack.messages
    assert reply["thread_ts"] == opened["ts"]
    assert "*3 developments*" in str(opened["blocks"])
    assert f"*Goes on in the thread of* {first.title}" in str(other["blocks"])


def test_what_a_backfill_merges_and_splits_is_noted_in_the_threads_at_once_and_told_to_nobody(
    database: Database, slack: SlackServer, reports: list[Report]
) -> None:
    first, second, third, fourth = reports
    ferry, boat = open_two(database, first, second)
    joined = Move(second.item_id, boat, ferry)
    assert take_through_alert(database, third, ferry, joined, is_backfill=True) == {"held": 1}
    assert "*2 developments*" in str(slack.messages[0]["blocks"])
    assert f"*Goes on in the thread of* {first.title}" in str(slack.messages[1]["blocks"])
    left = Move(second.item_id, ferry, boat)
    assert take_through_alert(database, fourth, boat, left, is_backfill=True) == {"held": 1}
    assert "Goes on" not in str(slack.messages[1]["blocks"])
    assert "*1 development*" in str(slack.messages[0]["blocks"])
    assert len(slack.messages) == 2, "nothing is posted"


def test_what_a_backfill_moves_between_stories_without_a_thread_queues_nothing(
    database: Database, slack: SlackServer, reports: list[Report]
) -> None:
    first, second, third, _ = reports
    ferry, boat = make_story_id(first.item_id), make_story_id(second.item_id)
    for report, story_id, moves in ((first, ferry, ()), (second, boat, ()), (third, ferry, (boat, ferry))):
        move = (Move(second.item_id, *moves),) if moves else ()
        assert take_through_alert(database, report, story_id, *move, is_backfill=True) == {"held": 1}
    assert slack.requests == []
    with database.begin() as tx:
        assert count_states(tx) == {}


# ---------------------------------------------------------------- what the desk knows of it


def test_wishes_about_a_merged_story_hold_for_the_one_it_went_into(desk: Desk) -> None:
    desk.tell(A[0], B[0])
    with desk.database.begin() as tx:
        save_mute(tx, Mute(MuteSubject.STORY, B[0].story_id), NOW, "reader")
        save_follow(tx, B[0].story_id, None, NOW, "reader")
    desk.merge(B[0], A[0])
    with desk.database.begin() as tx:
        found = read_wishes(tx, NOW)
        assert [mute.name for mute in found.mutes] == [A[0].story_id]
        assert found.follows == {A[0].story_id}
        assert acknowledge_story(tx, B[0].story_id, NOW, "reader") == 2
        assert end_mute(tx, MuteSubject.STORY, A[0].story_id)
        assert read_wishes(tx, NOW).mutes == ()


def test_pages_and_questions_about_a_merged_story_lead_to_the_one_it_went_into(desk: Desk) -> None:
    desk.tell(replace(A[0], route="ships"), replace(B[0], route="boats"))
    for alert in (A[0], B[0]):
        weigh(desk.database, alert, 0.7)
    desk.merge(B[0], A[0])
    with desk.database.begin() as tx:
        assert [line.alert.key for line in read_story_lines(tx, A[0].story_id)] == [A[0].key, B[0].key]
        assert read_told_routes(tx, A[0].story_id) == {"ships", "boats"}
        assert (has_story(tx, A[0].story_id), has_story(tx, B[0].story_id)) == (True, False)
        assert find_judged_item(tx, [B[0].story_id]) == find_judged_item(tx, [A[0].story_id])
        assert count_states(tx) == {"sent": 2}
