"""How a memory lists its records under a term, whatever it is made of: the newest first, and not too many."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

LISTED: Final = 64  # records that a lookup takes of one term: a term of more tells nothing apart


def count_day(at: datetime) -> int:
    """The day of an instant, in UTC, as a number that grows by one a day."""
    return at.astimezone(UTC).toordinal()
