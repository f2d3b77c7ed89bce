"""pending > sending > sent, and what happens when that breaks: each message arrives once.

    pending --mark_sending--> sending --post--> sent
                                 |--refused-----> dead       an operator must act
                                 |--not now-----> pending    not before a time
                                 |--broke-------> unknown    may or may not have arrived
    a row found in sending at the start (the sender was killed)  --> unknown
    unknown --look in the channel--> sent, or back to sending
       |--nobody can look there----> sending, marked as a possible repeat; broken again: dead
    dead --resend--> pending when it certainly never arrived, else unknown

Where messages can be read back (Slack), no row is sent twice blindly: between "sending" and
"sent" there is always a look at what the channel holds, matched by the key that travels in the
message. Elsewhere (e-mail, webhooks, a console) a message that may have arrived is sent once more,
and says so: a desk can pass over a repeat, but not a gap. Bringing a thread's first message up to
date needs no look: the same update twice is one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.alert.settings import SECONDS_BETWEEN_POSTS
from pipeline.errors import DeliveryError, DeliveryGone, DeliveryPostponed, DeliveryRefused, SettingError
from pipeline.models import Alert, DeliveryState, Notice, OutboxRow, Posted, StoryThread, ThreadLink

# How long a request of a killed or cut-off sender may still be on its way. Slack
# answers in seconds; looking earlier could miss a message that is about to appear.
SETTLE_SECONDS = 60.0
# How far before the first try the channel is read: this machine's clock and Slack's may
# differ, a wrong zone by hours, and a day of a channel is a page or two.
_LOOK_BACK = timedelta(days=1)
_MAX_REFUSALS_NAMED = 5


class Outbox(Protocol):
    """The rows to be delivered, one per message key. Every `mark_` is committed before it returns.

    All calls of one delivery happen inside `sender_lock` and should run on the
    connection that holds the lock, so that losing the lock also stops the marking.
    """

    def sender_lock(self) -> AbstractContextManager[bool]:
        """Hold the one sender's lock; the value is False, at once, when another process has it."""

    def recover_sending(self, look_at: datetime) -> int:
        """Turn every SENDING row (its sender died) into UNKNOWN, due at `look_at`; return how many."""

    def next_due(self, now: datetime) -> OutboxRow | None:
        """The oldest PENDING or UNKNOWN row that is due (`not_before` is null or <= now), or None.

        An alert is about the story that holds its article by now, whatever it was queued for. Never
        one whose story has an older one in the same channel that is still PENDING, SENDING or
        UNKNOWN, or may have been sent for it: the first message must open the thread. `thread_ts`
        is the smallest ts, not empty, of the SENT alerts of that story and channel that are no
        replies: that of the message that came first, also when an older row was refused and resent
        later. A story that was merged into another goes on in the other's thread, and a story
        without one in the oldest of those that were merged into it.
        Threads come last, never before all waiting alerts of their story, and only once open.
        """

    def next_due_at(self) -> datetime | None:
        """When the next waiting row becomes due (in the past if one already is); None: nothing waits."""

    def mark_sending(self, message: Alert | StoryThread | Notice, at: datetime, thread_ts: str | None = None) -> bool:
        """The row is about to be sent to this thread, an alert for the story that it names; keeps the first such
        time as `first_tried_at`.

        False, and nothing changes, when it does not wait any more: it was muted or put into a digest meanwhile.
        """

    def mark_sent(self, key: str, posted: Posted, at: datetime) -> None:
        """It arrived there."""

    def mark_updated(self, key: str, revision: int, at: datetime) -> None:
        """This revision of a thread is shown; a newer one goes on waiting."""

    def mark_pending(self, key: str, not_before: datetime, reason: str) -> None:
        """It was certainly not sent; try again from `not_before`."""

    def mark_unknown(self, key: str, not_before: datetime, reason: str) -> None:
        """It may have been sent; look from `not_before`."""

    def mark_dead(self, key: str, reason: str) -> None:
        """It was refused for good. An operator's resend must set it to UNKNOWN when it ever was."""


class Delivery(Protocol):
    """A place where messages appear: Slack, a console, a service behind an address."""

    @property
    def has_history(self) -> bool:
        """Whether `find_posted` can tell that a message has arrived."""

    def post(
        self,
        message: Alert | Notice,
        thread_ts: str | None,
        is_repeat: bool = False,
        elsewhere: ThreadLink | None = None,
    ) -> str:
        """Send one message and return its ts (empty where there is none); `is_repeat`: it may have arrived before.

        `elsewhere`: where its story was told before, when it opens another thread. Raises DeliveryRefused (not
        sent, never will be), DeliveryPostponed (not sent, later), DeliveryUnknown (may have been sent).
        """

    def update(self, thread: StoryThread, opening: Alert, ts: str, elsewhere: ThreadLink | None = None) -> None:
        """Bring the message that opened a thread up to date; `elsewhere`: where its story was told before, or goes on.

        Raises DeliveryGone (its message cannot be changed any more), else like `post`.
        """

    def find_posted(self, message: Alert | Notice, threads: Sequence[str], since: datetime) -> Posted | None:
        """Where the message that carries this key stands, posted after `since`; None if there is none.

        `threads` are those that it may have been sent to.

        Raises DeliveryRefused or DeliveryPostponed when it cannot look.
        """

    def notify(self, text: str) -> None:
        """Tell the operations channel. Raises DeliveryError."""


class OneWay:
    """A delivery that can neither read back nor change what it sent: a console, a mail."""

    has_history = False

    def update(self, thread: StoryThread, opening: Alert, ts: str, elsewhere: ThreadLink | None = None) -> None:
        """Nothing: what was sent stays as it is."""

    def find_posted(self, message: Alert | Notice, threads: Sequence[str], since: datetime) -> Posted | None:
        """Always None: what was sent cannot be read back."""
        return None


def deliver(
    outbox: Outbox,
    delivery: Delivery,
    now_fn: Callable[[], datetime],
    pause: Callable[[float], None],
    seconds_between_posts: float = SECONDS_BETWEEN_POSTS,
    settle_seconds: float = SETTLE_SECONDS,
    tell_operations: Callable[[str], None] | None = None,
) -> dict[str, int]:
    """Send what is due, oldest first, and return the outcomes counted by name.

    `sent`, `found` (had arrived after all), `repeated` (may have arrived before), `updated` threads,
    `gone` (their first message was deleted), `withdrawn` (muted or put into a digest at this very moment),
    `postponed`, `unknown`, `dead`; `recovered`
    rows of a killed sender; `busy` when another sender is at work; `unreported` when the
    operations channel could not be told of the dead. `retry_after_seconds` is there when
    rows still wait: the caller comes back then, nothing sleeps here but the pace.
    `tell_operations` raises DeliveryError or SettingError; None: the delivery itself tells them.
    """
    with outbox.sender_lock() as is_ours:
        if not is_ours:
            return {"busy": 1}
        run = _Run(outbox, delivery, now_fn, timedelta(seconds=settle_seconds), tell_operations or delivery.notify)
        return run.deliver_all(lambda: pause(seconds_between_posts))


class _Run:
    """One delivery, under the lock."""

    def __init__(
        self,
        outbox: Outbox,
        delivery: Delivery,
        now_fn: Callable[[], datetime],
        settle: timedelta,
        tell_operations: Callable[[str], None],
    ) -> None:
        self._outbox = outbox
        self._delivery = delivery
        self._now = now_fn
        self._settle = settle
        self._tell_operations = tell_operations
        self._counts: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._wait_seconds = 0.0

    def deliver_all(self, pause: Callable[[], None]) -> dict[str, int]:
        self._counts["recovered"] = self._outbox.recover_sending(self._now() + self._settle)
        tried: set[str] = set()
        while (row := self._outbox.next_due(self._now())) is not None and row.message.key not in tried:
            if tried:
                pause()
            tried.add(row.message.key)
            outcome = self._settle_row(row)
            self._counts[outcome] += 1
            if outcome == "postponed":  # the limit is the workspace's, or the line is down: the others wait too
                break
        self._report_refusals()
        return self._count()

    def _settle_row(self, row: OutboxRow) -> str:
        message = row.message
        if isinstance(message, StoryThread):
            return self._update(message, row)
        if row.state is DeliveryState.UNKNOWN:
            return self._look_then_send(message, row)
        return self._send(message, row)

    def _look_then_send(self, message: Alert | Notice, row: OutboxRow) -> str:
        """Look whether an unknown row arrived; send it if not."""
        if not self._delivery.has_history:
            return self._send_again(message, row)
        since = (row.first_tried_at or self._now()) - _LOOK_BACK
        try:
            found = self._delivery.find_posted(message, row.threads, since)
        except DeliveryRefused as error:
            return self._bury(message.key, f"cannot see whether it arrived: {error}")
        except DeliveryError as error:
            self._outbox.mark_unknown(message.key, self._later(error), str(error))
            return "postponed"
        if found is None:
            return self._send(message, row)
        self._outbox.mark_sent(message.key, found, self._now())
        return "found"

    def _send_again(self, message: Alert | Notice, row: OutboxRow) -> str:
        """Send once more what may have arrived, and say so in it. It stays in doubt until that is through."""
        if not self._outbox.mark_sending(message, self._now()):
            return "withdrawn"
        try:
            ts = self._delivery.post(message, row.thread_ts, is_repeat=True)
        except DeliveryPostponed as error:
            self._outbox.mark_unknown(message.key, self._later(error), str(error))
            return "postponed"
        except DeliveryError as error:
            return self._bury(message.key, f"repeated once, may have arrived: {error}")
        self._outbox.mark_sent(message.key, Posted(ts), self._now())
        return "repeated"

    def _send(self, message: Alert | Notice, row: OutboxRow) -> str:
        if not self._outbox.mark_sending(message, self._now(), row.thread_ts):
            return "withdrawn"
        try:
            ts = self._delivery.post(message, row.thread_ts, elsewhere=row.elsewhere)
        except DeliveryError as error:
            return self._mark_failed(message.key, error)
        self._outbox.mark_sent(message.key, Posted(ts, row.thread_ts), self._now())
        return "sent"

    def _update(self, thread: StoryThread, row: OutboxRow) -> str:
        if row.opening is None or row.thread_ts is None:
            raise RuntimeError("a thread that is not open was due")
        if not self._outbox.mark_sending(thread, self._now()):
            return "withdrawn"
        try:
            self._delivery.update(thread, row.opening, row.thread_ts, row.elsewhere)
        except DeliveryGone:  # somebody deleted the message: there is nothing to mend
            self._outbox.mark_updated(thread.key, row.revision, self._now())
            return "gone"
        except DeliveryError as error:
            return self._mark_failed(thread.key, error)
        self._outbox.mark_updated(thread.key, row.revision, self._now())
        return "updated"

    def _mark_failed(self, key: str, error: DeliveryError) -> str:
        if isinstance(error, DeliveryRefused):
            return self._bury(key, str(error))
        if isinstance(error, DeliveryPostponed):
            self._outbox.mark_pending(key, self._later(error), str(error))
            return "postponed"
        self._outbox.mark_unknown(key, self._now() + self._settle, str(error))
        return "unknown"

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
        text = "\n".join([f"Not delivered, and not tried again: {self._refusals.total()} message(s).", *rows])
        try:
            self._tell_operations(text)
        except (DeliveryError, SettingError):  # the dead rows stay visible in the store
            self._counts["unreported"] += 1

    def _count(self) -> dict[str, int]:
        due_at = self._outbox.next_due_at()
        if due_at is not None:
            wait = max(self._wait_seconds, (due_at - self._now()).total_seconds())
            self._counts["retry_after_seconds"] = max(1, math.ceil(wait))
        return {name: count for name, count in self._counts.items() if count}
