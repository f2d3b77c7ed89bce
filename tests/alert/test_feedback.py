"""What readers put under a message is kept, once, and does what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.alert.feedback import Reaction, derive_topics, read_reactions
from pipeline.config import Settings
from pipeline.models import Alert, Classification, Given, ItemId, RunId, TopicMatch, Verdict
from pipeline.steps import Walk, collect_feedback, deliver_alerts
from pipeline.store.database import Database
from pipeline.store.feedback import read_item_feedback
from pipeline.store.labels import LabelSource, TopicLabel, read_label, save_label
from pipeline.store.records import save_classification
from pipeline.store.wishes import read_unseen, read_wishes
from tests.alert.builders import make_story_alerts
from tests.alert.queueing import queue_alerts
from tests.slack_server import SlackServer

U1, U2 = "U0READER1", "U0READER2"


# ---------------------------------------------------------------- what a reaction says


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("+1", Verdict.USEFUL),
        ("+1::skin-tone-4", Verdict.USEFUL),
        ("repeat", Verdict.REPEAT),
        ("label", Verdict.WRONG_TOPIC),
        ("twisted_rightwards_arrows", Verdict.WRONG_STORY),
        ("mute", Verdict.MUTE),
        ("eyes", Verdict.SEEN),
        ("party-parrot", Verdict.SEEN),
    ],
)
def test_an_emoji_has_a_meaning(name: str, verdict: Verdict) -> None:
    assert read_reactions([Reaction(name, (U1, U2))]) == {Given(verdict, U1), Given(verdict, U2)}


def test_topics_follow_the_majority() -> None:
    useful, wrong = Given(Verdict.USEFUL, U1), Given(Verdict.WRONG_TOPIC, U2)
    assert derive_topics([useful], ("transport",)) == ("transport",)
    assert derive_topics([wrong], ("transport",)) == ()
    assert derive_topics([useful, wrong], ("transport",)) is None
    assert derive_topics([Given(Verdict.REPEAT, U1)], ("transport",)) is None


# ---------------------------------------------------------------- collected


@pytest.fixture
def walk(database: Database, slack: SlackServer) -> Walk:
    return Walk(RunId("run-2"), datetime.now(UTC), Settings(), database)


@pytest.fixture
def alerts(walk: Walk) -> list[Alert]:
    """Three alerts of one story, sent: the first opens the thread, the others reply."""
    made = make_story_alerts(1, 3)
    queue_alerts(walk.database, made)
    deliver_alerts(walk)
    return made


def feedback_of(walk: Walk, item_id: ItemId) -> list[Given]:
    with walk.database.begin() as tx:
        return read_item_feedback(tx, item_id)


def label_of(walk: Walk, item_id: ItemId) -> TopicLabel | None:
    with walk.database.begin() as tx:
        return read_label(tx, item_id)


def test_reactions_are_kept_once_and_forgotten_when_taken_back(
    walk: Walk, alerts: list[Alert], slack: SlackServer
) -> None:
    ts = slack.messages[0]["ts"]
    slack.react(ts, "+1", U1)
    slack.react(ts, "repeat", U1, U2)
    assert collect_feedback(walk) == {"verdicts": 3}
    assert collect_feedback(walk) == {}
    assert len(feedback_of(walk, alerts[0].item_id)) == 3
    slack.react(ts, "repeat")
    assert collect_feedback(walk) == {"withdrawn": 2}
    assert feedback_of(walk, alerts[0].item_id) == [Given(Verdict.USEFUL, U1)]


def test_reactions_to_replies_are_found_in_their_thread(walk: Walk, alerts: list[Alert], slack: SlackServer) -> None:
    slack.react(slack.messages[2]["ts"], "repeat", U1)
    collect_feedback(walk)
    assert feedback_of(walk, alerts[2].item_id) == [Given(Verdict.REPEAT, U1)]


def test_every_reader_counts_where_a_history_names_only_some(
    walk: Walk, alerts: list[Alert], slack: SlackServer
) -> None:
    slack.react(slack.messages[0]["ts"], "+1", *(f"U{number}" for number in range(9)))
    collect_feedback(walk)
    assert len(feedback_of(walk, alerts[0].item_id)) == 9
    assert slack.requests.count("reactions.get") == 2  # in the history, and as the head of its thread


def test_any_reaction_acknowledges_the_story(walk: Walk, alerts: list[Alert], slack: SlackServer) -> None:
    slack.react(slack.messages[1]["ts"], "eyes", U1)
    collect_feedback(walk)
    with walk.database.begin() as tx:
        assert read_unseen(tx, "", datetime.now(UTC), timedelta(days=1)) == []


def test_a_mute_lasts_a_week_or_until_it_is_taken_back(walk: Walk, alerts: list[Alert], slack: SlackServer) -> None:
    ts = slack.messages[0]["ts"]
    slack.react(ts, "mute", U1)
    collect_feedback(walk)
    with walk.database.begin() as tx:
        (mute,) = read_wishes(tx, datetime.now(UTC) + timedelta(days=6)).mutes
        assert mute.name == alerts[0].story_id
        assert read_wishes(tx, datetime.now(UTC) + timedelta(days=8)).mutes == ()
    slack.react(ts, "mute")
    collect_feedback(walk)
    with walk.database.begin() as tx:
        assert read_wishes(tx, datetime.now(UTC)).mutes == ()


def test_useful_and_wrong_topic_become_labels_and_a_reader_at_the_terminal_wins(
    walk: Walk, alerts: list[Alert], slack: SlackServer
) -> None:
    item_id, ts = alerts[0].item_id, slack.messages[0]["ts"]
    with walk.database.begin() as tx:
        match = TopicMatch("transport", 0.9)
        save_classification(tx, Classification(item_id, "v1", (match,), {"transport": 0.9}))
    slack.react(ts, "+1", U1)
    collect_feedback(walk)
    label = label_of(walk, item_id)
    assert label is not None
    assert (label.topics, label.source, label.labelled_by) == (("transport",), LabelSource.REACTION, U1)
    slack.react(ts, "label", U1, U2)
    collect_feedback(walk)
    label = label_of(walk, item_id)
    assert label is not None
    assert label.topics == ()
    slack.react(ts, "label", U2)
    collect_feedback(walk)
    assert label_of(walk, item_id) is None
    by_hand = TopicLabel(item_id, ("sanctions",), datetime.now(UTC), "ann", LabelSource.TERMINAL)
    with walk.database.begin() as tx:
        save_label(tx, by_hand)
    slack.react(ts, "label")
    collect_feedback(walk)
    label = label_of(walk, item_id)
    assert label is not None
    assert label.topics == ("sanctions",)


def test_a_channel_that_cannot_be_read_is_counted_and_changes_nothing(
    walk: Walk, alerts: list[Alert], slack: SlackServer
) -> None:
    slack.react(slack.messages[0]["ts"], "+1", U1)
    slack.scopes_missing.add("conversations.history")
    assert collect_feedback(walk) == {"channels not read": 1}
    assert feedback_of(walk, alerts[0].item_id) == []


def test_messages_of_others_are_left_alone(walk: Walk, alerts: list[Alert], slack: SlackServer) -> None:
    chatter = {"channel": "C0NEWSDESK", "ts": f"{datetime.now(UTC).timestamp():.6f}", "text": "hello"}
    slack.messages.append(chatter)
    slack.react(chatter["ts"], "+1", U1)
    assert collect_feedback(walk) == {}


def test_without_slack_there_is_nothing_to_collect(database: Database) -> None:
    assert collect_feedback(Walk(RunId("run-2"), datetime.now(UTC), Settings(), database)) == {}


def test_the_token_shows_in_no_log_repr_or_count(
    walk: Walk, alerts: list[Alert], slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    slack.react(slack.messages[0]["ts"], "+1", *(f"U{number}" for number in range(9)))
    with caplog.at_level("DEBUG"):
        counts = [collect_feedback(walk)]
        slack.token = "xoxb-another"  # every request is refused from here on
        counts.append(collect_feedback(walk))
    assert counts == [{"verdicts": 9}, {"channels not read": 1}]
    shown = (caplog.text, repr(counts), repr(walk), repr(walk.settings), str(walk.settings.alert))
    assert not [text for text in shown if "xoxb-test-token" in text]
