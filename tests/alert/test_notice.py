"""Messages to operations that go through the outbox: once, bounded, and nothing in them can act."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alert.console import ConsoleDelivery
from pipeline.alert.notice import render_notice, render_notice_console
from pipeline.alert.outbox import deliver
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack import SlackDelivery
from pipeline.models import Notice, NoticeSection
from pipeline.store.database import Database
from pipeline.store.outbox import PostgresOutbox, queue_notice
from tests.slack_server import TOKEN, SlackServer, drop

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
NOTICE = Notice(
    key="sources-digest/2026-03-04",
    channel="C0OPERATIONS",
    title="Sources: 1 turned bad",
    sections=(NoticeSection("Failing", ("Harbour <!channel> Post: the server answered 503",)),),
    published_at=NOW,
)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def send(database: Database, slack: SlackServer) -> dict[str, int]:
    alert = AlertSettings("C0NEWSDESK", "C0OPERATIONS", slack_token=TOKEN, slack_base_url=slack.base_url)
    return deliver(PostgresOutbox(database), SlackDelivery(alert), lambda: datetime.now(UTC), lambda _: None, 0, 0)


def test_a_notice_is_queued_once_by_its_key_and_sent_once(database: Database, slack: SlackServer) -> None:
    with database.begin() as tx:
        assert queue_notice(tx, NOTICE, NOW)
        assert not queue_notice(tx, replace(NOTICE, title="again"), NOW)
    assert send(database, slack) == {"sent": 1}
    assert send(database, slack) == {}
    (message,) = slack.messages
    assert (message["channel"], message["text"]) == ("C0OPERATIONS", "Sources: 1 turned bad")


def test_a_second_notice_is_no_reply_to_the_first(database: Database, slack: SlackServer) -> None:
    for day in (4, 5):
        with database.begin() as tx:
            queue_notice(tx, replace(NOTICE, key=f"sources-digest/2026-03-0{day}"), NOW)
        send(database, slack)
    assert [message.get("thread_ts") for message in slack.messages] == [None, None]


def test_a_notice_whose_answer_was_lost_is_found_in_its_channel(database: Database, slack: SlackServer) -> None:
    with database.begin() as tx:
        queue_notice(tx, NOTICE, NOW)
    slack.add(drop(stored=True))
    assert send(database, slack)["unknown"] == 1
    assert send(database, slack) == {"found": 1}
    assert len(slack.messages) == 1


def test_a_console_shows_it_too() -> None:
    screen = io.StringIO()
    ConsoleDelivery(screen).post(NOTICE, None)
    assert "Sources: 1 turned bad" in screen.getvalue()
    assert "the server answered 503" in screen.getvalue()


@settings(deadline=None)
@given(st.text(max_size=5000) | st.just("<!channel> *bold* <https://evil.example|bank>\n`" * 50))
def test_any_text_stays_text_and_within_the_limits(text: str) -> None:
    sections = (NoticeSection(text, (text,) * 40),) * 12
    notice = replace(NOTICE, title=text, sections=sections)
    message = render_notice(notice)
    shown = [text for block in message.blocks if isinstance(block["text"], dict) for text in [block["text"]["text"]]]
    assert all(len(part) <= 3000 for part in shown)
    assert sum(map(len, shown)) <= 10_000
    assert "<" not in json.dumps(message.blocks)
    assert "\x1b" not in render_notice_console(notice)
