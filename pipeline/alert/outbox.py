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
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.alert.settings import SECONDS_BETWEEN_POSTS
from pipeline.errors import DeliveryError, DeliveryPostponed, DeliveryRefused, DeliveryUnknown
from pipeline.models import Alert, DeliveryState, Notice, OutboxRow

# How long a request of a killed or cut-off sender may still be on its way. Slack
# answers in seconds; looking earlier could miss a message that is about to appear.
SETTLE_SECONDS = 60.0
# How far before the first try the channel is read: this machine's clock and Slack's may
# differ, a wrong zone by hours, and a day of a channel is a page or two.
_LOOK_BACK = timedelta(days=1)
_MAX_REFUSALS_NAMED = 5


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
        is the smallest ts, not empty, of the SENT rows of that story and channel: that of
        the message that came first, also when an older row was refused and resent later.
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

    def post(self, alert: Alert | Notice, thread_ts: str | None) -> str:
        """Send one message and return its ts (empty where there is none).

        Raises DeliveryRefused (not sent, never will be), DeliveryPostponed (not sent,
        later), DeliveryUnknown (may have been sent).
        """

    def find_posted(self, alert: Alert | Notice, thread_ts: str | None, since: datetime) -> str | None:
        """The ts of the message that carries this key, posted after `since`; None if there is none.

        Raises DeliveryRefused or DeliveryPostponed when it cannot look.
        """

    def notify(self, text: str) -> None:
        """Tell the operations channel. Raises DeliveryError."""


def deliver(
    outbox: Outbox,
    delivery: Delivery,
    now_fn: Callable[[], datetime],
    pause: Callable[[float], None],
    seconds_between_posts: float = SECONDS_BETWEEN_POSTS,
    settle_seconds: float = SETTLE_SECONDS,
) -> dict[str, int]:
    """Send what is due, oldest first, and return the outcomes counted by name.

    `sent`, `found` (had arrived after all), `postponed`, `unknown`, `dead`; `recovered`
    rows of a killed sender; `busy` when another sender is at work; `unreported` when the
    operations channel could not be told of the dead. `retry_after_seconds` is there when
    rows still wait: the caller comes back then, nothing sleeps here but the pace.
    """
    with outbox.sender_lock() as is_ours:
        if not is_ours:
            return {"busy": 1}
        run = _Run(outbox, delivery, now_fn, timedelta(seconds=settle_seconds))
        return run.deliver_all(lambda: pause(seconds_between_posts))


class _Run:
    """One delivery, under the lock."""

    def __init__(self, outbox: Outbox, delivery: Delivery, now_fn: Callable[[], datetime], settle: timedelta) -> None:
        self._outbox = outbox
        self._delivery = delivery
        self._now = now_fn
        self._settle = settle
        self._counts: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._wait_seconds = 0.0

    def deliver_all(self, pause: Callable[[], None]) -> dict[str, int]:
        self._counts["recovered"] = self._outbox.recover_sending(self._now() + self._settle)
        tried: set[str] = set()
        while (row := self._outbox.next_due(self._now())) is not None and row.alert.key not in tried:
            if tried:
                pause()
            tried.add(row.alert.key)
            outcome = self._settle_row(row) if row.state is DeliveryState.UNKNOWN else self._send(row)
            self._counts[outcome] += 1
            if outcome == "postponed":  # the limit is the workspace's, or the line is down: the others wait too
                break
        self._report_refusals()
        return self._count()

    def _settle_row(self, row: OutboxRow) -> str:
        """Look whether an unknown row arrived; send it if not."""
        key = row.alert.key
        since = (row.first_tried_at or row.alert.published_at) - _LOOK_BACK
        try:
            ts = self._delivery.find_posted(row.alert, row.thread_ts, since)
        except DeliveryRefused as error:
            return self._bury(key, f"cannot see whether it arrived: {error}")
        except DeliveryError as error:
            self._outbox.mark_unknown(key, self._later(error), str(error))
            return "postponed"
        if ts is None:
            return self._send(row)
        self._outbox.mark_sent(key, ts, self._now())
        return "found"

    def _send(self, row: OutboxRow) -> str:
        key = row.alert.key
        self._outbox.mark_sending(key, self._now())
        try:
            ts = self._delivery.post(row.alert, row.thread_ts)
        except DeliveryRefused as error:
            return self._bury(key, str(error))
        except DeliveryUnknown as error:
            self._outbox.mark_unknown(key, self._now() + self._settle, str(error))
            return "unknown"
        except DeliveryPostponed as error:
            self._outbox.mark_pending(key, self._later(error), str(error))
            return "postponed"
        self._outbox.mark_sent(key, ts, self._now())
        return "sent"

    def _bury(self, key: str, reason: str) -> str:
        self._outbox.mark_dead(key, reason)
        self._refusals[reason] += 1
        return "dead"

    def _later(self, error: DeliveryError) -> datetime:
        seconds = error.retry_after_seconds if isinstance(error, DeliveryPostponed) else self._settle.total_seconds()
        self._wait_seconds = max(self._wait_seconds, seconds)
        return self._now() + timedelta(seconds=seconds)

    def _report_refusals(self) -> None:
        if not self._refusals:
            return
        rows = [f"{count} x {reason}" for reason, count in self._refusals.most_common(_MAX_REFUSALS_NAMED)]
        text = "\n".join([f"Not delivered, and not tried again: {self._refusals.total()} alert(s).", *rows])
        try:
            self._delivery.notify(text)
        except DeliveryError:  # the dead rows stay visible in the store
            self._counts["unreported"] += 1

    def _count(self) -> dict[str, int]:
        due_at = self._outbox.next_due_at()
        if due_at is not None:
            wait = max(self._wait_seconds, (due_at - self._now()).total_seconds())
            self._counts["retry_after_seconds"] = max(1, math.ceil(wait))
        return {name: count for name, count in self._counts.items() if count}
