"""How long a host that keeps failing is left alone."""

import hashlib

PATIENCE = 2  # failures in a row before a host gets rest: a page that breaks is not a host that does
FIRST_REST_SECONDS = 120.0
LONGEST_REST_SECONDS = 3600.0  # a look per hour burdens nobody, and a host that is well again is not missed for longer
JITTER = 0.25  # up to so much shorter or longer: hosts that failed together are not all asked at one moment


def choose_rest_seconds(authority: str, failures_in_a_row: int) -> float:
    """Seconds of rest after that many failures: 0, then doubling up to a limit.

    The jitter is a hash of host and count, so that the same failure has the same rest wherever it is computed.
    """
    over = failures_in_a_row - PATIENCE
    if over <= 0:
        return 0.0
    rest_seconds = min(FIRST_REST_SECONDS * 2.0 ** min(over - 1, 30), LONGEST_REST_SECONDS)
    digest = hashlib.sha256(f"{authority} {failures_in_a_row}".encode()).digest()
    share = int.from_bytes(digest[:4]) / 2**32
    return rest_seconds * (1 - JITTER + 2 * JITTER * share)
