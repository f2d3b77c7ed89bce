"""Builders and a real server for the front door's tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from pipeline.fetch import FetchSettings
from tests.fetch.build import NOW
from tests.fetch.hostile_server import HostileServer


@pytest.fixture
def server() -> Iterator[HostileServer]:
    running = HostileServer()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def settings() -> FetchSettings:
    return FetchSettings(
        user_agent="Wirewatch/0.1 (+mailto:desk@example.org)",
        allow_loopback=True,
        host_delay_seconds=0,
        max_bytes=200_000,
        total_timeout_seconds=5,
    )


@pytest.fixture
def now() -> datetime:
    return NOW
