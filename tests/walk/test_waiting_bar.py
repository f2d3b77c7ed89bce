"""Somebody who waits for a slow site sees that something is going on."""

from __future__ import annotations

import io
import sys
import time

import pytest

from pipeline.cli import screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_clock_goes_on_while_no_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(screen, "_TICK_SECONDS", 0.01)
    with screen.show_waiting("sources", 2) as advance:
        shown = len(terminal.getvalue())
        while len(terminal.getvalue()) <= shown:
            time.sleep(0.01)
        advance()
    assert "1/2" in terminal.getvalue()


def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    with screen.show_waiting("sources", 2) as advance:
        advance()
    assert log.getvalue() == ""
