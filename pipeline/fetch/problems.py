"""What can go wrong with one request, in the words that end up in outcomes."""

FINAL_STATUSES = frozenset({400, 401, 402, 403, 404, 405, 406, 410, 414, 451})


class FetchProblem(Exception):
    """Raised and caught inside the room only: its callers see an outcome with a reason."""

    def __init__(self, outcome: str, reason: str, *, is_final: bool = False) -> None:
        # Reasons quote what a site sent: one printable line, whatever that was.
        reason = " ".join("".join(letter if letter.isprintable() else " " for letter in reason[:500]).split())
        super().__init__(f"{outcome}: {reason}")
        self.outcome = outcome  # one word
        self.reason = reason  # for a person
        self.is_final = is_final  # trying again later will not help


def make_status_problem(status: int, retry_after_seconds: float | None = None) -> FetchProblem:
    """The problem that an HTTP status other than success stands for."""
    reason = f"the server answered {status}"
    if retry_after_seconds is not None:
        reason += f" and asks to wait {retry_after_seconds:.0f} s"
    return FetchProblem(f"http_{status}", reason, is_final=status in FINAL_STATUSES)
