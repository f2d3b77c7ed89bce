"""What the alert room can be told, and a token that does not show itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.errors import SettingError

FRESHNESS_HOURS = 72.0
SLACK_BASE_URL = "https://slack.com/api/"
# "chat.postMessage generally allows posting one message per second per channel":
# https://docs.slack.dev/apis/web-api/rate-limits
SECONDS_BETWEEN_POSTS = 1.0

_HEADER_SAFE = re.compile(r"[!-~]*")


class Secret:
    """A text that appears in no repr, log line, JSON or pickle; only `reveal()` gives it.

    Raises SettingError for characters that cannot stand in an HTTP header: the
    standard library would put the whole header, token included, into its error.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        stripped = value.strip()
        if not _HEADER_SAFE.fullmatch(stripped):
            raise SettingError("the secret holds spaces or characters outside ASCII; copy it again")
        self._value = stripped

    def reveal(self) -> str:
        """The text itself; call it only where it leaves for its owner."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(***)" if self._value else "Secret()"

    __str__ = __repr__

    def __deepcopy__(self, memo: object) -> Secret:  # dataclasses.asdict copies deeply
        return self

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not stored")


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Settings of the alert room. Without a token alerts go to the console."""

    channel: str  # with a token: the channel's id, such as C0123456789
    operations_channel: str = ""  # where trouble is reported; empty: nowhere
    freshness_hours: float = FRESHNESS_HOURS  # an older article never alerts
    minimum_importance: float = 0.0  # 0..1
    slack_token: Secret = field(default=Secret(), repr=False)
    slack_base_url: str = SLACK_BASE_URL
    seconds_between_posts: float = SECONDS_BETWEEN_POSTS
