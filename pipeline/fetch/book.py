"""What all workers must know of a host, wherever it is kept: who may ask it when, and its robots.txt."""

from typing import Protocol

from pipeline.models import HostTurn, RobotsCopy


class HostBook(Protocol):
    """Shared by workers and runs; its clock is its own. Called from threads. What it raises ends the call."""

    def take_host(self, authority: str, lease_seconds: float) -> HostTurn:
        """Take a host for one request, unless it rests, pauses or another worker has it.

        Whoever does not give it back (a worker that died) loses it after `lease_seconds`.
        """
        ...

    def give_back_host(
        self, authority: str, *, pause_seconds: float, rest_seconds: float, failures_in_a_row: int, reason: str
    ) -> None:
        """Let others have it after the pause, and after the rest; `reason` says what the rest is for."""
        ...

    def read_robots(self, origin: str) -> RobotsCopy | None:
        """The robots.txt of an origin as last read, however long ago."""
        ...

    def save_robots(self, origin: str, status: int, body: str) -> None:
        """Keep a robots.txt that was read just now: its text, or nothing where a 4xx allows everything."""
        ...
