"""A Slack-like server that the settings of a walk lead to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.slack_server import SlackServer


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    with SlackServer() as server:
        monkeypatch.setenv("WIREWATCH_SLACK_TOKEN", server.token)
        monkeypatch.setenv("WIREWATCH_SLACK_BASE_URL", server.base_url)
        monkeypatch.setenv("WIREWATCH_SECONDS_BETWEEN_POSTS", "0")
        yield server
