"""Alerts on a terminal: what is used while no Slack token is set."""

from __future__ import annotations

from datetime import datetime
from typing import TextIO

from pipeline.alert.message import render_console
from pipeline.alert.mrkdwn import clean_line
from pipeline.alert.notice import render_notice_console
from pipeline.models import Alert, Notice


class ConsoleDelivery:
    """Prints each alert as it would appear in Slack. A console has no history, so nothing is found again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def post(self, alert: Alert | Notice, thread_ts: str | None) -> str:
        """Print one message; the ts is empty, so it opens no thread."""
        text = render_notice_console(alert) if isinstance(alert, Notice) else render_console(alert)
        print(text, end="\n\n", file=self._stream, flush=True)
        return ""

    def find_posted(self, alert: Alert | Notice, thread_ts: str | None, since: datetime) -> str | None:
        """Always None: what was printed cannot be read back."""
        return None

    def notify(self, text: str) -> None:
        """Print a message to operations."""
        lines = [line for line in map(clean_line, text.splitlines()) if line]
        print("\n".join(f"! {line}" for line in lines), file=self._stream, flush=True)
