"""What the alert room can be told."""

from __future__ import annotations

from dataclasses import dataclass, field

FRESHNESS_HOURS = 72.0
SLACK_BASE_URL = "https://slack.com/api/"
# "chat.postMessage generally allows posting one message per second per channel":
# https://docs.slack.dev/apis/web-api/rate-limits
SECONDS_BETWEEN_POSTS = 1.0


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Settings of the alert room. Without a token alerts go to the console."""

    channel: str  # id (C0123456789) or #name
    operations_channel: str = ""  # where trouble is reported; empty: nowhere
    freshness_hours: float = FRESHNESS_HOURS  # an older article never alerts
    slack_token: str | None = field(default=None, repr=False)
    slack_base_url: str = SLACK_BASE_URL
    seconds_between_posts: float = SECONDS_BETWEEN_POSTS
