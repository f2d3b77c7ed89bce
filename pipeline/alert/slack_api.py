"""The Web API of Slack: one client, its pages, and what its answers mean.

slack-sdk's own retries are off. Its default handler repeats a post whose connection
broke after Slack had stored it, and the rate-limit handler sleeps in the worker; here
both become errors that the outbox turns into a later, safe attempt.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from pipeline.alert.blocks import METADATA_EVENT
from pipeline.alert.mrkdwn import cut_line
from pipeline.alert.settings import AlertSettings
from pipeline.errors import DeliveryError, DeliveryPostponed, DeliveryRefused, DeliveryUnknown, SettingError

TIMEOUT_SECONDS = 20
RETRY_SECONDS = 60.0  # when Slack cannot be reached, or gives no Retry-After
PAGE_SIZE = 200  # "we recommend no more than 200 results at a time": conversations.history

# https://docs.slack.dev/reference/methods/chat.postMessage, section Errors
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org"})
# "It's possible some aspect of the operation succeeded before the error was raised"
_AMBIGUOUS = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
_NEVER_SENT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_TOKEN = re.compile(r"[!-~]+")


class SlackApi:
    """One workspace. Raises SettingError without a usable token."""

    def __init__(self, settings: AlertSettings) -> None:
        token = (settings.slack_token or "").strip()
        # Anything else would fail inside the HTTP library, which quotes the whole header in its error.
        if not _TOKEN.fullmatch(token):
            raise SettingError("WIREWATCH_SLACK_TOKEN is empty or holds spaces; copy the bot token (xoxb-...) again")
        if not settings.slack_base_url.startswith(("https://", "http://")):
            raise SettingError("WIREWATCH_SLACK_BASE_URL must begin with https://")
        self.client = WebClient(token, settings.slack_base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        self.channel_ids: dict[str, str] = {}

    def find_channel_id(self, channel: str) -> str:
        """The id of a channel; raises DeliveryRefused when there is none of that name.

        History is read and messages are changed by id only; chat.postMessage also takes a #name.
        """
        if _CHANNEL_ID.fullmatch(channel):
            return channel
        if channel not in self.channel_ids:
            self.channel_ids[channel] = self._look_up_channel(channel.lstrip("#"))
        return self.channel_ids[channel]

    def find_permalink(self, channel: str, ts: str) -> str:
        """The web address of a message; raises DeliveryError when Slack does not tell it."""
        channel_id = self.find_channel_id(channel)
        answer = call(lambda: self.client.chat_getPermalink(channel=channel_id, message_ts=ts))
        return str(answer.get("permalink") or "")

    def _look_up_channel(self, name: str) -> str:
        types = "public_channel,private_channel"
        for page in list_pages(
            lambda cursor: self.client.conversations_list(cursor=cursor, types=types, limit=PAGE_SIZE)
        ):
            for found in page.get("channels") or ():
                if found.get("name") == name:
                    return str(found["id"])
        raise DeliveryRefused(f"channel_not_found: #{name}")


def list_messages(pages: Iterable[SlackResponse]) -> Iterator[dict[str, Any]]:
    """The messages of all pages, in order."""
    return (message for page in pages for message in page.get("messages") or ())


def read_payload(message: dict[str, Any]) -> dict[str, Any]:
    """What we attached to a message; empty for those of others."""
    metadata = message.get("metadata") or {}
    payload: dict[str, Any] = metadata.get("event_payload") or {}
    return payload if metadata.get("event_type") == METADATA_EVENT else {}


def list_pages(ask: Callable[[str | None], SlackResponse]) -> Iterator[SlackResponse]:
    """Every page of a read. A read that breaks has changed nothing, so it is simply postponed."""
    cursor: str | None = None
    while cursor != "":
        try:
            page = call(lambda cursor=cursor: ask(cursor))  # type: ignore[misc]
        except DeliveryUnknown as error:
            raise DeliveryPostponed(str(error), RETRY_SECONDS) from None
        yield page
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")


def call(request: Callable[[], SlackResponse]) -> SlackResponse:
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
