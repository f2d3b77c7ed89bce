"""What readers put under the messages of one workspace; reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk.web import SlackResponse

from pipeline.alert.feedback import Reaction
from pipeline.alert.looks import Look
from pipeline.alert.settings import AlertSettings
from pipeline.alert.slack_api import PAGE_SIZE, SlackApi, call, list_messages, list_pages, read_payload
from pipeline.errors import DeliveryRefused


class SlackReactions:
    """Reads reactions through the Web API. Raises SettingError without a usable token."""

    def __init__(self, settings: AlertSettings) -> None:
        self._api = SlackApi(settings)
        self.reads = 0  # requests so far

    def read(self, look: Look, most_reads: int) -> Iterator[tuple[str, tuple[Reaction, ...]]]:
        """The key and the reactions of each message of ours in a part of a channel: newest first, in a thread oldest
        first. Stops after so many requests. Raises DeliveryRefused and DeliveryPostponed.

        Source: conversations.history and conversations.replies carry the reactions, reactions.get the full list.
        """
        last = self.reads + most_reads
        channel_id = self._api.find_channel_id(look.channel)
        for page in self._list_pages(channel_id, look):
            for message in list_messages([page]):
                key = read_payload(message).get("key")
                if key and self.reads <= last:
                    yield str(key), self._read_reactions(channel_id, message)
            if self.reads >= last:
                return

    def _list_pages(self, channel_id: str, look: Look) -> Iterator[SlackResponse]:
        query: dict[str, Any] = {"channel": channel_id, "include_all_metadata": True, "limit": PAGE_SIZE}
        read: Callable[..., SlackResponse]
        if look.thread_ts is None:
            read = self._api.client.conversations_history
            query |= {"oldest": f"{look.since.timestamp():.6f}", "latest": f"{look.until.timestamp():.6f}"}
        else:
            read = self._api.client.conversations_replies
            query |= {"ts": look.thread_ts}

        def ask(cursor: str | None) -> SlackResponse:
            self.reads += 1
            return read(cursor=cursor, **query)

        try:
            yield from list_pages(ask)
        except DeliveryRefused as error:
            if "thread_not_found" not in str(error):  # somebody has deleted it
                raise

    def _read_reactions(self, channel_id: str, message: dict[str, Any]) -> tuple[Reaction, ...]:
        """ "The users array may not always contain all users that have reacted": then the full list is asked for."""
        found = message.get("reactions") or []
        if any(int(each.get("count") or 0) > len(each.get("users") or ()) for each in found):
            self.reads += 1
            client = self._api.client
            answer = call(lambda: client.reactions_get(channel=channel_id, timestamp=str(message["ts"]), full=True))
            found = (answer.get("message") or {}).get("reactions") or []
        return tuple(Reaction(str(each.get("name")), tuple(map(str, each.get("users") or ()))) for each in found)
