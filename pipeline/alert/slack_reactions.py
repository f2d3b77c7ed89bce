"""What readers put under the messages of one workspace; reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from pipeline.alert.feedback import Reaction
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack_api import PAGE_SIZE, SlackApi, call, list_messages, list_pages, read_payload
from pipeline.errors import DeliveryRefused


class SlackReactions:
    """Reads reactions through the Web API. Raises SettingError without a usable token."""

    def __init__(self, settings: AlertSettings) -> None:
        self._api = SlackApi(settings)

    def read_channel(
        self, channel: str, since: datetime, threads: Collection[str]
    ) -> Iterator[tuple[str, tuple[Reaction, ...]]]:
        """The key and the reactions of each message of ours that was posted after `since`, newest first, then those
        in these threads. Raises DeliveryRefused and DeliveryPostponed.

        Source: conversations.history and conversations.replies carry the reactions, reactions.get the full list.
        """
        query: dict[str, Any] = {
            "channel": self._api.find_channel_id(channel),
            "include_all_metadata": True,
            "limit": PAGE_SIZE,
        }
        client, oldest = self._api.client, f"{since.timestamp():.6f}"
        pages = list_pages(lambda cursor: client.conversations_history(cursor=cursor, oldest=oldest, **query))
        yield from self._read(query["channel"], list_messages(pages))
        for thread_ts in threads:
            yield from self._read(query["channel"], self._list_replies(thread_ts, query))

    def _list_replies(self, thread_ts: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        client = self._api.client
        pages = list_pages(lambda cursor: client.conversations_replies(ts=thread_ts, cursor=cursor, **query))
        try:
            yield from list_messages(pages)
        except DeliveryRefused as error:
            if "thread_not_found" not in str(error):  # somebody has deleted it
                raise

    def _read(self, channel_id: str, messages: Iterator[dict[str, Any]]) -> Iterator[tuple[str, tuple[Reaction, ...]]]:
        for message in messages:
            key = read_payload(message).get("key")
            if key:
                yield str(key), self._read_reactions(channel_id, message)

    def _read_reactions(self, channel_id: str, message: dict[str, Any]) -> tuple[Reaction, ...]:
        """ "The users array may not always contain all users that have reacted": then the full list is asked for."""
        found = message.get("reactions") or []
        if any(int(each.get("count") or 0) > len(each.get("users") or ()) for each in found):
            client = self._api.client
            answer = call(lambda: client.reactions_get(channel=channel_id, timestamp=str(message["ts"]), full=True))
            found = (answer.get("message") or {}).get("reactions") or []
        return tuple(Reaction(str(each.get("name")), tuple(map(str, each.get("users") or ()))) for each in found)
