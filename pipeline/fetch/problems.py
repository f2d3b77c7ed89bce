"""What can go wrong with one request, in the words that end up in outcomes and failure reasons.

    http_404, http_503, ...   the server answered so; the reason says how long it asks to wait
    timeout                   no complete answer in time, a slow drip included
    dns_failure, unreachable, tls_failure, broken_off      the connection
    blocked_by_robots         robots.txt forbids it
    robots_unavailable        robots.txt answers 429 or 5xx, or redirects in circles: nothing may be read yet
    refused_address           not a public address, wherever the redirects came from
    bad_address               no http(s) address at all
    too_many_redirects, too_large, malformed
    not_a_feed                a feed was declared, something else answers
    wall                      a robot check, a consent, login or subscription page answers
    not_html, empty_page      pages: a picture or PDF, or nothing
    file_missing, file_changed, folder_missing             folders
    postponed                 no answer in this call: the host is unwell or asked for rest, or the time was over

Sources add `ok`, `unchanged` and `empty`.
"""

import re

from pipeline.fetch.scrub import scrub_reason

# What an address says behind its question mark may be a key: reasons go to logs, pages and Slack.
QUERY = re.compile(r"\?[^\s'\"<>]+")
QUERY_VALUE = re.compile(r"(?<==)[^&]+|(?<=[?&])[^=&]+(?=&|$)")

# Not 403 and 404: a filter changes its mind, and a feed may name a page before every server of its site has it.
FINAL_STATUSES = frozenset({400, 401, 402, 405, 406, 410, 414, 451})


class FetchProblem(Exception):
    """Raised and caught inside the room only: its callers see an outcome with a reason."""

    def __init__(self, outcome: str, reason: str, *, is_final: bool = False) -> None:
        reason = _hide_queries(scrub_reason(reason))
        super().__init__(f"{outcome}: {reason}")
        self.outcome = outcome  # one word
        self.reason = reason  # for a person
        self.is_final = is_final  # trying again later will not help


def _hide_queries(reason: str) -> str:
    """Names of parameters stay, their values go."""
    return QUERY.sub(lambda query: QUERY_VALUE.sub("…", query.group()), reason)


def make_status_problem(status: int, retry_after_seconds: float | None = None) -> FetchProblem:
    """The problem that an HTTP status other than success stands for."""
    reason = f"the server answered {status}"
    if retry_after_seconds is not None:
        reason += f" and asks to wait {retry_after_seconds:.0f} s"
    return FetchProblem(f"http_{status}", reason, is_final=status in FINAL_STATUSES)


def make_reader_problem(error: Exception) -> FetchProblem:
    """An error of our own readers on an answer: it would happen again with the same answer."""
    return FetchProblem("malformed", f"unreadable: {error!r}"[:300], is_final=True)
