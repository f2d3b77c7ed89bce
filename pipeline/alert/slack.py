"""BACK DOOR: the only writer to Slack."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from pipeline.alert.blocks import SlackMessage
from pipeline.alert.chart import PICTURE_NAME, draw_bars
from pipeline.alert.message import Elsewhere, render_operations, render_slack, render_thread
from pipeline.alert.notice import render_notice
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack_api import PAGE_SIZE, SlackApi, call, list_messages, list_pages, read_payload
from pipeline.alert.summary import BARS_TITLE
from pipeline.errors import DeliveryError, DeliveryGone, DeliveryRefused, DeliveryUnknown
from pipeline.models import Alert, Notice, Posted, StoryThread, ThreadLink

# https://docs.slack.dev/reference/methods/chat.update, section Errors: what no repair brings back
_UNCHANGEABLE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})

# A file is processed after its upload, and a block that shows it before that is refused with its whole message:
# https://github.com/slackapi/python-slack-sdk/issues/1658
_PROCESSING_SECONDS = (0.0, 1.0, 3.0)
_BAD_PICTURE = frozenset({"invalid_blocks", "invalid_blocks_format"})

log = logging.getLogger(__name__)


class SlackDelivery:
    """Posts to one workspace, and finds there what it posted. Raises SettingError without a usable token."""

    has_history = True

    def __init__(self, settings: AlertSettings, pause: Callable[[float], None] = time.sleep) -> None:
        self._api = SlackApi(settings)
        self._operations_channel = settings.operations_channel
        self._pause = pause

    def post(
        self,
        message: Alert | Notice,
        thread_ts: str | None,
        is_repeat: bool = False,
        elsewhere: ThreadLink | None = None,
    ) -> str:
        """Post one message and return its ts; raises DeliveryRefused, DeliveryPostponed, DeliveryUnknown.

        Since a channel is looked at before anything is sent again, `is_repeat` is never true here.
        """
        if isinstance(message, Alert):
            return self.send(render_slack(message, thread_ts, self._find_link(message.channel, elsewhere)))
        return self._post_notice(message)

    def _post_notice(self, notice: Notice) -> str:
        """The picture is uploaded first and shown by the message: one message is all that can be sent twice, or found.

        It says nothing that the text does not say, so whatever is wrong with it, the text goes without.
        """
        picture_id = self._upload_picture(notice)
        for seconds in _PROCESSING_SECONDS if picture_id else ():
            self._pause(seconds)
            try:
                return self.send(render_notice(notice, picture_id))
            except DeliveryRefused as error:
                if str(error) not in _BAD_PICTURE:
                    raise
        return self.send(render_notice(notice))

    def _upload_picture(self, notice: Notice) -> str:
        """The id of a picture of the notice's bars; empty without bars, or when Slack does not take it."""
        if not notice.bars:
            return ""
        picture = draw_bars(BARS_TITLE, notice.bars)
        client = self._api.client
        try:
            answer = call(lambda: client.files_upload_v2(content=picture, filename=PICTURE_NAME, title=BARS_TITLE))
        except DeliveryError as error:
            log.warning("the picture of a digest is left out: %s", error)
            return ""
        return str((answer.get("file") or {}).get("id") or "")

    def update(self, thread: StoryThread, opening: Alert, ts: str, elsewhere: ThreadLink | None = None) -> None:
        """Show the newest state in the message that opened the thread; doing it twice changes nothing.

        Raises DeliveryGone when it cannot be changed any more, else like `post`.
        """
        message = render_thread(thread, opening, self._find_link(thread.channel, elsewhere))
        channel_id = self._api.find_channel_id(thread.channel)
        try:
            call(
                lambda: self._api.client.chat_update(
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
        answer = call(
            lambda: self._api.client.chat_postMessage(
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
        self._api.channel_ids[message.channel] = str(answer.get("channel") or message.channel)
        return ts

    def find_posted(self, message: Alert | Notice, threads: Sequence[str], since: datetime) -> Posted | None:
        """Where the message with this key stands, posted after `since`.

        Replies are not part of a channel's history, so the threads are read by themselves: the
        given ones, and every one that the story has opened since then (a refused first message
        that is resent later can leave it with two). Raises DeliveryRefused or DeliveryPostponed.
        """
        query: dict[str, Any] = {
            "channel": self._api.find_channel_id(message.channel),
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": PAGE_SIZE,
        }
        story_id = message.story_id if isinstance(message, Alert) else None
        looked_in = list(threads)
        for found in list_messages(
            list_pages(lambda cursor: self._api.client.conversations_history(cursor=cursor, **query))
        ):
            payload = read_payload(found)
            if payload.get("key") == message.key:
                return _read_place(found)
            if story_id and payload.get("story") == story_id:
                looked_in.append(str(found["ts"]))
        replies = (reply for thread in dict.fromkeys(looked_in) for reply in self._read_thread(thread, query))
        return next((_read_place(reply) for reply in replies if read_payload(reply).get("key") == message.key), None)

    def _find_link(self, channel: str, elsewhere: ThreadLink | None) -> Elsewhere | None:
        """Another thread with its address; without the address when Slack does not tell it."""
        if elsewhere is None:
            return None
        try:
            address = self._api.find_permalink(channel, elsewhere.ts)
        except DeliveryError as error:
            log.warning("a thread is named without its address: %s", error)
            address = ""
        return Elsewhere(elsewhere.title, address)

    def _read_thread(self, thread_ts: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The messages of one thread; none when somebody has deleted it."""
        pages = list_pages(lambda cursor: self._api.client.conversations_replies(ts=thread_ts, cursor=cursor, **query))
        try:
            yield from list_messages(pages)
        except DeliveryRefused as error:
            if "thread_not_found" not in str(error):
                raise


def _read_place(message: dict[str, Any]) -> Posted:
    """A message that opened a thread names itself as its thread, one without replies names none."""
    ts, thread_ts = str(message["ts"]), message.get("thread_ts")
    return Posted(ts, str(thread_ts) if thread_ts and thread_ts != ts else None)
