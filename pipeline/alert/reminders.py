"""What happens when too much is said at once, and when nobody answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.alert.keys import make_key
from pipeline.alert.message import count_noun
from pipeline.alert.routes import Route, Storm
from pipeline.models import Alert, Notice, NoticeLink, NoticeSection, Rush

# An alert older than this is no longer news; it also keeps a new route from reminding of everything ever sent.
REMINDER_WINDOW = timedelta(days=1)


def break_storm(rush: Rush, storm: Storm) -> tuple[str, ...]:
    """The keys of what a channel hears in one digest, because it would hear too much by itself; often none.

    What the window still has room for is left to the weightiest, of equal ones to the oldest.
    """
    room = max(0, storm.messages - rush.told)
    weightiest_first = sorted(rush.waiting, key=lambda alert: -alert.importance)
    return tuple(alert.key for alert in weightiest_first[room:])


def explain_storm(storm: Storm) -> str:
    """'more than 40 messages in 60 minutes'."""
    return f"more than {count_noun(storm.messages, 'message')} in {count_noun(storm.minutes, 'minute')}"


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
