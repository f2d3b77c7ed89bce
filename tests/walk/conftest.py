"""A walk over a fresh database, with alerts posted to a Slack-like server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.models import Source
from pipeline.steps import Walk, open_walk
from pipeline.store.database import Database
from pipeline.store.sources import add_source
from tests.slack_server import SlackServer

ROOT = Path(__file__).resolve().parents[2]
_runs = itertools.count()

OpenWalk = Callable[[datetime], AbstractContextManager[Walk]]


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


@pytest.fixture
def walk_at(
    database_url: str, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[[datetime], AbstractContextManager[Walk]]:
    """Open a new run at an instant: `with walk_at(now) as walk`."""
    settings = {
        "DATABASE_URL": database_url,
        "DATA_DIR": str(ROOT / "data"),  # the trained model is shared by all tests
        "ALLOW_LOOPBACK": "true",
        "HOST_DELAY_SECONDS": "0",
        "SECONDS_BETWEEN_POSTS": "0",
        "SLACK_TOKEN": slack.token,
        "SLACK_CHANNEL": "C0NEWSDESK",
        "OPERATIONS_CHANNEL": "C0OPERATIONS",
        "SLACK_BASE_URL": slack.base_url,
        "FRESHNESS_HOURS": "100000",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"WIREWATCH_{name}", value)
    return lambda now: open_walk(f"test-{next(_runs)}", now)


@pytest.fixture
def watch(database: Database) -> Callable[..., None]:
    """Add sources to the database of the test."""

    def add(*sources: Source, now: datetime) -> None:
        with database.begin() as tx:
            for source in sources:
                add_source(tx, source, now)

    return add
