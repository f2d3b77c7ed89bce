"""Alerts on a terminal: what is used while no Slack token is set."""

from __future__ import annotations

from typing import TextIO

from pipeline.alert.letter import POSSIBLE_REPEAT
from pipeline.alert.message import render_console
from pipeline.alert.mrkdwn import clean_line
from pipeline.alert.notice import render_notice_console
from pipeline.alert.outbox import OneWay
from pipeline.models import Alert, Notice, ThreadLink


class ConsoleDelivery(OneWay):
    """Prints each message as it would appear in Slack. A console has no history, so nothing is found again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def post(
        self,
        message: Alert | Notice,
        thread_ts: str | None,
        is_repeat: bool = False,
        elsewhere: ThreadLink | None = None,
    ) -> str:
        """Print one message; the ts is empty, so it opens no thread."""
        text = render_console(message) if isinstance(message, Alert) else render_notice_console(message)
        text = f"{POSSIBLE_REPEAT}:\n{text}" if is_repeat else text
        print(text, end="\n\n", file=self._stream, flush=True)
        return ""

    def notify(self, text: str) -> None:
        """Print a message to operations."""
        lines = [line for line in map(clean_line, text.splitlines()) if line]
        print("\n".join(f"! {line}" for line in lines), file=self._stream, flush=True)
