"""What happens when too much is said at once, and when nobody answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.alert.keys import make_key
from pipeline.alert.message import count_noun
from pipeline.alert.routes import Route, Storm
from pipeline.alert.routing import Planned
from pipeline.alert.timing import Hold
from pipeline.models import Alert, Notice, NoticeLink, NoticeSection

# An alert older than this is no longer news; it also keeps a new route from reminding of everything ever sent.
REMINDER_WINDOW = timedelta(days=1)


def break_storm(planned: Planned, recent: int, storm: Storm, now: datetime) -> Planned:
    """The alert itself, or, when its channel has heard enough lately, its place in one digest that goes out now.

    `recent`: messages that were queued for the channel in the storm's window and told, or will be, by themselves.
    """
    if planned.hold is not None or recent < storm.messages:
        return planned
    reason = f"more than {count_noun(storm.messages, 'message')} in {count_noun(storm.minutes, 'minute')}"
    return replace(planned, hold=Hold(now, reason, is_digest=True))


def write_reminders(route: Route, unseen: Sequence[Alert], now: datetime) -> list[Notice]:
    """One reminder for each story and channel of the alerts that nobody has acknowledged, oldest first.

    The key is that of the oldest of them: later ones of the same story remind nobody a second time.
    """
    stories: dict[tuple[str, str], list[Alert]] = {}
    for alert in unseen:
        stories.setdefault((alert.channel, alert.story_id), []).append(alert)
    return [_write_reminder(route, alerts, now) for alerts in stories.values()]


def _write_reminder(route: Route, alerts: Sequence[Alert], now: datetime) -> Notice:
    first = alerts[0]
    waited = count_noun(route.escalate_after_minutes, "minute")
    lines = tuple(NoticeLink(f"{alert.headline}, {alert.publisher}", alert.url) for alert in alerts)
    return Notice(
        key=make_key("reminder", route.escalate_to, first.key),
        channel=route.escalate_to,
        title=f"Nobody has reacted in {waited}: {first.story_title}",
        sections=(
            NoticeSection(f"Sent to {first.channel} by the route {route.name}", lines),
            NoticeSection("", (f"A reaction to the message there, or `wirewatch ack {first.story_id}`, settles it.",)),
        ),
        published_at=now,
    )
