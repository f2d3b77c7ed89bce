"""Look -> the state that it speaks for, taken alone."""

from __future__ import annotations

from pipeline.models import HealthState, Look

# A feed of a healthy site answers within two or three seconds; at ten a reader's browser would have given up
# hope, and the 30 s after which a look is a `timeout` are near.
SLOW_SECONDS = 10.0

UNCHANGED = "unchanged"  # by a 304, or by content that was read and is the same
ANSWERS = frozenset({"ok", "empty", UNCHANGED})  # the source was there and could be read
NOT_ASKED = "postponed"  # its host wanted rest, or time was over: says nothing about the source

_SPEAKS_FOR = {
    **dict.fromkeys(("http_401", "http_402", "http_403", "http_451"), HealthState.BLOCKED),
    **dict.fromkeys(("blocked_by_robots", "wall"), HealthState.BLOCKED),
    **dict.fromkeys(("http_404", "http_410", "dns_failure", "folder_missing"), HealthState.GONE),
    **dict.fromkeys(("malformed", "not_a_feed", "not_html", "empty_page", "too_large"), HealthState.MALFORMED),
    **dict.fromkeys(("timeout", "http_408", "http_504"), HealthState.SLOW),
}


def read_look(look: Look) -> HealthState | None:
    """What one look speaks for; None when it is no evidence. An outcome that is not known is a failure."""
    if look.outcome == NOT_ASKED or (look.outcome == UNCHANGED and not look.has_content):
        return None
    if look.outcome in ANSWERS:
        return HealthState.SLOW if look.took_seconds >= SLOW_SECONDS else HealthState.HEALTHY
    return _SPEAKS_FOR.get(look.outcome, HealthState.FAILING)


def explain_look(look: Look) -> str:
    """Why the look speaks for trouble, for a person."""
    if look.outcome in ANSWERS:
        return f"the answer took {look.took_seconds:.0f} s"
    return look.reason or look.outcome.replace("_", " ")
