"""BACK DOOR: the only writer to Slack.

slack-sdk's own retries are off. Its default handler repeats a post whose connection
broke after Slack had stored it, and the rate-limit handler sleeps in the worker; here
both become errors that the outbox turns into a later, safe attempt.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from pipeline.alert.blocks import METADATA_EVENT, SlackMessage
from pipeline.alert.message import render_operations, render_slack, render_thread
from pipeline.alert.mrkdwn import cut_line
from pipeline.alert.notice import render_notice
from pipeline.alert.settings import AlertSettings
from pipeline.errors import (
    DeliveryError,
    DeliveryGone,
    DeliveryPostponed,
    DeliveryRefused,
    DeliveryUnknown,
    SettingError,
)
from pipeline.models import Alert, Notice, StoryThread

TIMEOUT_SECONDS = 20
RETRY_SECONDS = 60.0  # when Slack cannot be reached, or gives no Retry-After
PAGE_SIZE = 200  # "we recommend no more than 200 results at a time": conversations.history

# https://docs.slack.dev/reference/methods/chat.postMessage, section Errors
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org"})
# "It's possible some aspect of the operation succeeded before the error was raised"
_AMBIGUOUS = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
# https://docs.slack.dev/reference/methods/chat.update, section Errors: what no repair brings back
_UNCHANGEABLE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_NEVER_SENT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_TOKEN = re.compile(r"[!-~]+")


class SlackDelivery:
    """Posts to one workspace, and finds there what it posted. Raises SettingError without a usable token."""

    def __init__(self, settings: AlertSettings) -> None:
        token = (settings.slack_token or "").strip()
        # Anything else would fail inside the HTTP library, which quotes the whole header in its error.
        if not _TOKEN.fullmatch(token):
            raise SettingError("WIREWATCH_SLACK_TOKEN is empty or holds spaces; copy the bot token (xoxb-...) again")
        if not settings.slack_base_url.startswith(("https://", "http://")):
            raise SettingError("WIREWATCH_SLACK_BASE_URL must begin with https://")
        self._client = WebClient(token, settings.slack_base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        self._operations_channel = settings.operations_channel
        self._channel_ids: dict[str, str] = {}

    def post(self, message: Alert | Notice, thread_ts: str | None) -> str:
        """Post one message and return its ts; raises DeliveryRefused, DeliveryPostponed, DeliveryUnknown."""
        return self.send(render_slack(message, thread_ts) if isinstance(message, Alert) else render_notice(message))

    def update(self, thread: StoryThread, opening: Alert, ts: str) -> None:
        """Show the newest state in the message that opened the thread; doing it twice changes nothing.

        Raises DeliveryGone when it cannot be changed any more, else like `post`.
        """
        message = render_thread(thread, opening)
        channel_id = self._find_channel_id(thread.channel)
        try:
            _call(
                lambda: self._client.chat_update(
                    channel=channel_id,
                    ts=ts,
                    text=message.text,
                    blocks=[dict(block) for block in message.blocks],
                    metadata=dict(message.metadata),
                    link_names=False,
                    parse="none",
                )
            )
        except DeliveryRefused as error:
            if str(error) in _UNCHANGEABLE:
                raise DeliveryGone(f"the first message of the thread cannot be changed: {error}") from None
            raise

    def notify(self, text: str) -> None:
        """Post to the operations channel, if there is one; raises DeliveryError."""
        if self._operations_channel:
            self.send(render_operations(self._operations_channel, text))

    def send(self, message: SlackMessage) -> str:
        """Post one message, once, and return its ts; raises like `post`."""
        answer = _call(
            lambda: self._client.chat_postMessage(
                channel=message.channel,
                text=message.text,
                blocks=[dict(block) for block in message.blocks],
                metadata=dict(message.metadata) or None,
                thread_ts=message.thread_ts,
                reply_broadcast=message.is_broadcast or None,
                unfurl_links=False,
                unfurl_media=False,
                link_names=False,
                parse="none",
            )
        )
        ts = str(answer.get("ts") or "")
        if not ts:
            raise DeliveryUnknown("Slack said ok without a ts")
        self._channel_ids[message.channel] = str(answer.get("channel") or message.channel)
        return ts

    def find_posted(self, message: Alert | Notice, thread_ts: str | None, since: datetime) -> str | None:
        """The ts of the message with this key, posted after `since`.

        Replies are not part of a channel's history, so the threads are read by themselves: the
        given one, and every one that the story has opened since then (a refused first message
        that is resent later can leave it with two). Raises DeliveryRefused or DeliveryPostponed.
        """
        query: dict[str, Any] = {
            "channel": self._find_channel_id(message.channel),
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": PAGE_SIZE,
        }
        story_id = message.story_id if isinstance(message, Alert) else None
        threads = [thread_ts] if thread_ts else []
        for found in _messages(_pages(lambda cursor: self._client.conversations_history(cursor=cursor, **query))):
            payload = _read_payload(found)
            if payload.get("key") == message.key:
                return str(found["ts"])
            if story_id and payload.get("story") == story_id:
                threads.append(str(found["ts"]))
        replies = (reply for thread in dict.fromkeys(threads) for reply in self._read_thread(thread, query))
        return next((str(reply["ts"]) for reply in replies if _read_payload(reply).get("key") == message.key), None)

    def _read_thread(self, thread_ts: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The messages of one thread; none when somebody has deleted it."""
        pages = _pages(lambda cursor: self._client.conversations_replies(ts=thread_ts, cursor=cursor, **query))
        try:
            yield from _messages(pages)
        except DeliveryRefused as error:
            if "thread_not_found" not in str(error):
                raise

    def _find_channel_id(self, channel: str) -> str:
        """History is read by id only; chat.postMessage also takes a #name."""
        if _CHANNEL_ID.fullmatch(channel):
            return channel
        if channel not in self._channel_ids:
            self._channel_ids[channel] = self._look_up_channel(channel.lstrip("#"))
        return self._channel_ids[channel]

    def _look_up_channel(self, name: str) -> str:
        types = "public_channel,private_channel"
        for page in _pages(lambda cursor: self._client.conversations_list(cursor=cursor, types=types, limit=PAGE_SIZE)):
            for found in page.get("channels") or ():
                if found.get("name") == name:
                    return str(found["id"])
        raise DeliveryRefused(f"channel_not_found: #{name}")


def _messages(pages: Iterable[SlackResponse]) -> Iterator[dict[str, Any]]:
    return (message for page in pages for message in page.get("messages") or ())


def _read_payload(message: dict[str, Any]) -> dict[str, Any]:
    """What we attached to a message; empty for those of others."""
    metadata = message.get("metadata") or {}
    payload: dict[str, Any] = metadata.get("event_payload") or {}
    return payload if metadata.get("event_type") == METADATA_EVENT else {}


def _pages(ask: Callable[[str | None], SlackResponse]) -> Iterator[SlackResponse]:
    """Every page of a read. A read that breaks has changed nothing, so it is simply postponed."""
    cursor: str | None = None
    while cursor != "":
        try:
            page = _call(lambda cursor=cursor: ask(cursor))  # type: ignore[misc]
        except DeliveryUnknown as error:
            raise DeliveryPostponed(str(error), RETRY_SECONDS) from None
        yield page
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")


def _call(request: Callable[[], SlackResponse]) -> SlackResponse:
    """Run one request; what goes wrong becomes one of our three errors.

    The new error is raised outside the handler, so that no traceback chains to an object
    that holds the request and, in its headers, the token. Every exception is read: whatever
    it was, the message may have left, and the sender must know that.
    """
    try:
        return request()
    except SlackApiError as error:
        problem = _read_answer(error.response)
    except Exception as error:
        problem = _read_breakdown(error)
    raise problem


def _read_answer(answer: SlackResponse) -> DeliveryError:
    """Slack answered, but not ok."""
    status = int(answer.status_code)
    data = answer.data if isinstance(answer.data, dict) else {}
    code = cut_line(str(data.get("error") or f"HTTP {status}"), 80)
    if status == 429 or code in _LIMITED:
        return DeliveryPostponed(f"Slack asks to wait: {code}", _retry_after(answer))
    if status >= 500 or code in _AMBIGUOUS or "ok" not in data or code.startswith("Received a response"):
        return DeliveryUnknown(f"Slack failed: {code}")
    needed = cut_line(str(data.get("needed") or ""), 80)
    return DeliveryRefused(f"{code} (needs {needed})" if needed else code)


def _retry_after(answer: SlackResponse) -> float:
    headers = {str(name).lower(): value for name, value in answer.headers.items()}
    try:
        return max(1.0, float(headers.get("retry-after", RETRY_SECONDS)))
    except ValueError:
        return RETRY_SECONDS


def _read_breakdown(error: Exception) -> DeliveryError:
    """No usable answer. Only errors from before the request left are known to have sent nothing."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, _NEVER_SENT):
        return DeliveryPostponed(f"Slack cannot be reached: {type(cause).__name__}", RETRY_SECONDS)
    return DeliveryUnknown(f"the connection to Slack broke: {type(cause).__name__}")
