"""The Retry-After header (RFC 9110, section 10.2.3): seconds or a date."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_WAIT_SECONDS = 7 * 86_400.0


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait from the moment of the answer, or None when the server does not say."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_WAIT_SECONDS)
    until, answered = _parse_date(text), _parse_date(headers.get("Date", ""))
    if until is None:
        return None
    # The server's own clock, where it tells it: only the difference counts.
    return min(max((until - (answered or datetime.now(UTC))).total_seconds(), 0.0), MAX_WAIT_SECONDS)


def _parse_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
