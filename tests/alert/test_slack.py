"""The back door against a real HTTP server that behaves, and misbehaves, like Slack."""

from __future__ import annotations

import io
import logging
import socket
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.alert.console import ConsoleDelivery
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack import SlackDelivery
from pipeline.errors import DeliveryError, DeliveryPostponed, DeliveryRefused, DeliveryUnknown, SettingError
from pipeline.models import Posted
from tests.alert.builders import make_alert
from tests.slack_server import TOKEN, Fault, SlackServer, drop, rate_limit, refuse, server_error


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def settings_for(server: SlackServer) -> AlertSettings:
    return AlertSettings("C0NEWSDESK", "C0OPERATIONS", slack_token=TOKEN, slack_base_url=server.base_url)


@pytest.fixture
def delivery(slack: SlackServer) -> SlackDelivery:
    return SlackDelivery(settings_for(slack))


def a_minute_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def test_a_post_arrives_with_blocks_fallback_key_and_no_unfurling(slack: SlackServer, delivery: SlackDelivery) -> None:
    ts = delivery.post(make_alert(), None)
    (message,) = slack.messages
    assert (message["ts"], message["channel"]) == (ts, "C0NEWSDESK")
    assert message["text"] == "Update: Ferry toll rises to 31"
    assert message["metadata"]["event_payload"] == {"key": "k-1", "story": "s-1"}
    assert (message["unfurl_links"], message["unfurl_media"], message["link_names"]) == (False, False, False)
    assert len(message["blocks"]) == 5


def test_a_later_alert_replies_in_the_thread(slack: SlackServer, delivery: SlackDelivery) -> None:
    first = delivery.post(make_alert(), None)
    delivery.post(make_alert(key="k-2"), first)
    assert [message.get("thread_ts") for message in slack.messages] == [None, first]


def test_a_message_is_found_in_the_channel_and_in_its_thread(delivery: SlackDelivery) -> None:
    first = delivery.post(make_alert(), None)
    second = delivery.post(make_alert(key="k-2"), first)
    assert delivery.find_posted(make_alert(), (), a_minute_ago()) == Posted(first)
    assert delivery.find_posted(make_alert(key="k-2"), [first], a_minute_ago()) == Posted(second, first)
    assert delivery.find_posted(make_alert(key="k-3"), [first], a_minute_ago()) is None


def test_every_page_of_the_history_is_read(delivery: SlackDelivery, slack: SlackServer) -> None:
    first = delivery.post(make_alert(), None)
    for number in range(450):
        slack.messages.append({"channel": "C0NEWSDESK", "ts": f"{float(first) + 1 + number:.6f}", "text": "chatter"})
    assert delivery.find_posted(make_alert(), (), a_minute_ago()) == Posted(first)
    assert slack.requests.count("conversations.history") == 3


def test_a_channel_may_be_given_by_name(delivery: SlackDelivery, slack: SlackServer) -> None:
    ts = delivery.post(make_alert(channel="#news-desk"), None)
    fresh = SlackDelivery(settings_for(slack))  # a new process has not posted yet: it looks the id up
    assert fresh.find_posted(make_alert(channel="#news-desk"), (), a_minute_ago()) == Posted(ts)
    with pytest.raises(DeliveryRefused, match="channel_not_found"):
        fresh.find_posted(make_alert(channel="#elsewhere"), (), a_minute_ago())


@pytest.mark.parametrize("code", ["channel_not_found", "invalid_auth", "is_archived", "not_in_channel", "new_error"])
def test_not_ok_is_a_refusal_although_the_status_is_200(slack: SlackServer, delivery: SlackDelivery, code: str) -> None:
    slack.add(refuse(code))
    with pytest.raises(DeliveryRefused, match=code):
        delivery.post(make_alert(), None)
    assert slack.messages == []


@pytest.mark.parametrize(
    "fault", [drop(stored=True), drop(stored=False), server_error(stored=True), server_error(False, 503)]
)
def test_what_may_have_arrived_is_unknown_and_sent_once(
    slack: SlackServer, delivery: SlackDelivery, fault: Fault
) -> None:
    slack.add(fault)
    with pytest.raises(DeliveryUnknown):
        delivery.post(make_alert(), None)
    assert slack.requests == ["chat.postMessage"]
    assert len(slack.messages) == fault.stored


@pytest.mark.parametrize("code", ["fatal_error", "internal_error"])
def test_errors_that_may_have_partly_succeeded_are_unknown(
    slack: SlackServer, delivery: SlackDelivery, code: str
) -> None:
    slack.add(refuse(code))
    with pytest.raises(DeliveryUnknown):
        delivery.post(make_alert(), None)


def test_a_rate_limit_is_postponed_by_retry_after(slack: SlackServer, delivery: SlackDelivery) -> None:
    slack.add(rate_limit(17))
    with pytest.raises(DeliveryPostponed) as caught:
        delivery.post(make_alert(), None)
    assert caught.value.retry_after_seconds == 17


def test_nobody_at_the_address_is_postponed() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{unused.getsockname()[1]}/api/"
        with pytest.raises(DeliveryPostponed, match="cannot be reached"):
            SlackDelivery(AlertSettings("C0", slack_token=TOKEN, slack_base_url=base_url)).post(make_alert(), None)


def test_a_failed_look_is_postponed_or_refused_never_taken_for_absence(
    slack: SlackServer, delivery: SlackDelivery
) -> None:
    slack.scopes_missing.add("conversations.history")
    with pytest.raises(DeliveryRefused, match="missing_scope"):
        delivery.find_posted(make_alert(), (), a_minute_ago())


def test_a_deleted_thread_holds_nothing(slack: SlackServer, delivery: SlackDelivery) -> None:
    first = delivery.post(make_alert(), None)
    slack.messages.clear()
    assert delivery.find_posted(make_alert(key="k-2"), [first], a_minute_ago()) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>proxy</html>", b"\xff\xfe", b"null", b'{"ok": true}'])
def test_an_answer_that_is_no_answer_of_slack_is_unknown(
    slack: SlackServer, delivery: SlackDelivery, body: bytes
) -> None:
    slack.add(Fault("raw", body=body))
    with pytest.raises(DeliveryUnknown):
        delivery.post(make_alert(), None)


def test_an_address_that_is_none_is_a_setting_error() -> None:
    with pytest.raises(SettingError, match="SLACK_BASE_URL"):
        SlackDelivery(AlertSettings("C0", slack_token=TOKEN, slack_base_url="slack.com/api"))


def test_operations_hear_of_trouble_in_their_channel(slack: SlackServer, delivery: SlackDelivery) -> None:
    delivery.notify("Run failed: <!channel>")
    (message,) = slack.messages
    assert message["channel"] == "C0OPERATIONS"
    assert message["text"] == "Wirewatch needs attention: Run failed: &lt;!channel&gt;"


def test_without_an_operations_channel_nothing_is_posted(slack: SlackServer) -> None:
    SlackDelivery(replace(settings_for(slack), operations_channel="")).notify("Run failed")
    assert slack.messages == []


@pytest.mark.parametrize("token", [None, "", "  ", "xoxb-1\nxoxb-2", "xoxb-“quoted”"])
def test_an_unusable_token_is_a_setting_error_that_does_not_quote_it(token: str | None) -> None:
    with pytest.raises(SettingError) as caught:
        SlackDelivery(AlertSettings("C0NEWSDESK", slack_token=token))
    assert "xoxb-1" not in str(caught.value)


@pytest.mark.parametrize("fault", [refuse("invalid_auth"), drop(stored=False), server_error(stored=True)])
def test_the_token_shows_in_no_repr_log_or_traceback(
    slack: SlackServer, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    settings = settings_for(slack)
    delivery = SlackDelivery(settings)
    slack.add(fault)
    with caplog.at_level(logging.DEBUG), pytest.raises(DeliveryError) as caught:
        delivery.post(make_alert(), None)
    delivery.post(make_alert(), None)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert caught.value.__context__ is None
    for text in (repr(settings), str(settings), repr(delivery), caplog.text, "".join(frames.format())):
        assert TOKEN not in text


def test_the_console_prints_the_alert_and_opens_no_thread() -> None:
    stream = io.StringIO()
    delivery = ConsoleDelivery(stream)
    assert delivery.post(make_alert(), None) == ""
    assert delivery.find_posted(make_alert(), (), a_minute_ago()) is None
    delivery.notify("Run failed\x1b[2J")
    assert "UPDATE: Ferry toll rises to 31" in stream.getvalue()
    assert stream.getvalue().endswith("! Run failed[2J\n")
