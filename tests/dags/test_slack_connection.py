"""The token may lie in an Airflow Connection instead of the environment."""

from __future__ import annotations

import json
import os

import pytest
from slack_connection import TOKEN_VARIABLE, use_slack_connection

SECRET = "xoxb-from-the-connection"


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "")


def set_connection(monkeypatch: pytest.MonkeyPatch, **fields: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WIREWATCH_SLACK", json.dumps({"conn_type": "slack", **fields}))


def test_the_password_of_the_connection_is_the_token(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    set_connection(monkeypatch, password=SECRET)
    with caplog.at_level("DEBUG"):
        use_slack_connection()
    assert os.environ[TOKEN_VARIABLE] == SECRET
    shown = capfd.readouterr()
    assert SECRET not in caplog.text + shown.out + shown.err


def test_the_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    set_connection(monkeypatch, password=SECRET)
    monkeypatch.setenv(TOKEN_VARIABLE, "xoxb-from-the-variable")
    use_slack_connection()
    assert os.environ[TOKEN_VARIABLE] == "xoxb-from-the-variable"


def test_a_connection_without_password_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    set_connection(monkeypatch)
    use_slack_connection()
    assert os.environ[TOKEN_VARIABLE] == ""
