"""What the alert room can be told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

FRESHNESS_HOURS = 72.0
SLACK_BASE_URL = "https://slack.com/api/"
# "chat.postMessage generally allows posting one message per second per channel":
# https://docs.slack.dev/apis/web-api/rate-limits
SECONDS_BETWEEN_POSTS = 1.0


# A channel that is no Slack channel: to:NAME, whose address only the environment knows.
DESTINATION_PREFIX = "to:"
CONSOLE = "console"  # to:console needs no address: it prints, unless an address of that name is set


def read_destination(channel: str) -> str | None:
    """'desk-mail' of 'to:desk-mail', also written Desk_Mail; None: a Slack channel. Empty: no usable name."""
    if not channel.startswith(DESTINATION_PREFIX):
        return None
    name = normalise_name(channel.removeprefix(DESTINATION_PREFIX))
    return name if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", name) else ""


def spell_channel(channel: str) -> str:
    """One spelling of a destination, since channels are compared as text."""
    name = read_destination(channel)
    return f"{DESTINATION_PREFIX}{name}" if name else channel


def normalise_name(name: str) -> str:
    """One spelling for routes (desk-mail) and for names of variables (DESK_MAIL)."""
    return name.strip().lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Settings of the alert room. Without a token alerts go to the console."""

    channel: str  # id (C0123456789) or #name
    operations_channel: str = ""  # where trouble is reported; empty: nowhere
    freshness_hours: float = FRESHNESS_HOURS  # an older article never alerts
    slack_token: str | None = field(default=None, repr=False)
    slack_base_url: str = SLACK_BASE_URL
    seconds_between_posts: float = SECONDS_BETWEEN_POSTS
    destinations: Mapping[str, str] = field(default_factory=dict, repr=False)  # name -> secret address
