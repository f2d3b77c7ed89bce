"""pending > sending > sent, and what happens when that breaks: each alert arrives once.

    pending --mark_sending--> sending --post--> sent
                                 |--refused-----> dead       an operator must act
                                 |--not now-----> pending    not before a time
                                 |--broke-------> unknown    may or may not have arrived
    a row found in sending at the start (the sender was killed)  --> unknown
    unknown --look in the channel--> sent, or back to sending

No row is sent twice blindly: between "sending" and "sent" there is always a look
at what the channel holds, matched by the key that travels in the message.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.alert.settings import SECONDS_BETWEEN_POSTS
from pipeline.errors import DeliveryError, DeliveryPostponed, DeliveryRefused, DeliveryUnknown
from pipeline.models import Alert, DeliveryState, OutboxRow

# How long a request of a killed or cut-off sender may still be on its way. Slack
# answers in seconds; looking earlier could miss a message that is about to appear.
SETTLE_SECONDS = 60.0


class Outbox(Protocol):
    """The rows to be delivered, one per alert key. Every `mark_` is committed before it returns.

    All calls of one delivery happen inside `sender_lock` and should run on the
    connection that holds the lock, so that losing the lock also stops the marking.
    """

    def sender_lock(self) -> AbstractContextManager[bool]:
        """Hold the one sender's lock; the value is False, at once, when another process has it."""

    def recover_sending(self, look_at: datetime) -> int:
        """Turn every SENDING row (its sender died) into UNKNOWN, due at `look_at`; return how many."""

    def next_due(self, now: datetime) -> OutboxRow | None:
        """The oldest PENDING or UNKNOWN row that is due (`not_before` is null or <= now), or None.

        Never a row whose story has an older row in the same channel that is still
        PENDING, SENDING or UNKNOWN: the first message must open the thread. `thread_ts`
        is the ts of the oldest SENT row of that story and channel whose ts is not empty.
        """

    def next_due_at(self) -> datetime | None:
        """When the next waiting row becomes due (in the past if one already is); None: nothing waits."""

    def mark_sending(self, key: str, at: datetime) -> None:
        """The row is about to be sent; keeps the first such time as `first_tried_at`."""

    def mark_sent(self, key: str, ts: str, at: datetime) -> None:
        """It arrived. `ts` is Slack's, empty on a console."""

    def mark_pending(self, key: str, not_before: datetime, reason: str) -> None:
        """It was certainly not sent; try again from `not_before`."""

    def mark_unknown(self, key: str, not_before: datetime, reason: str) -> None:
        """It may have been sent; look from `not_before`."""

    def mark_dead(self, key: str, reason: str) -> None:
        """It was refused for good. An operator's resend must set it to UNKNOWN, never to PENDING."""


class Delivery(Protocol):
    """A place where alerts appear: Slack, or a console."""

    def post(self, alert: Alert, thread_ts: str | None) -> str:
        """Send one alert and return its ts (empty where there is none).

        Raises DeliveryRefused (not sent, never will be), DeliveryPostponed (not sent,
        later), DeliveryUnknown (may have been sent).
        """

    def find_posted(self, alert: Alert, thread_ts: str | None, since: datetime) -> str | None:
        """The ts of the message that carries this alert's key, posted after `since`; None if there is none.

        Raises DeliveryRefused or DeliveryPostponed when it cannot look.
        """

    def notify(self, text: str) -> None:
        """Tell the operations channel. Raises DeliveryError."""
