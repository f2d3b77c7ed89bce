"""The page's one question to the store, without Airflow around it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.models import Source, SourceId, SourceKind
from pipeline.store.database import Database
from pipeline.store.sources import add_source


def test_the_page_is_read_from_the_configured_database(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wirewatch_ui.app import show_desk

    with database.begin() as tx:
        source = Source(SourceId("1"), "Harbour Post", "Harbour Post", SourceKind.RSS, "https://harbour.example/feed")
        add_source(tx, source, datetime(2026, 5, 4, tzinfo=UTC))
    monkeypatch.setenv("WIREWATCH_DATABASE_URL", database_url)
    answer = show_desk()
    assert answer.status_code == 200
    assert b"Harbour Post" in bytes(answer.body)


def test_a_database_that_is_down_is_a_page_not_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    from wirewatch_ui.app import show_desk

    monkeypatch.setenv("WIREWATCH_DATABASE_URL", "postgresql+psycopg://desk:hidden@127.0.0.1:1/wirewatch")
    answer = show_desk()
    assert answer.status_code == 503
    assert b"cannot be used" in bytes(answer.body)
    assert b"Start the database" in bytes(answer.body)
    assert b"hidden" not in bytes(answer.body)


def test_a_wrong_setting_is_a_page_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from wirewatch_ui.app import show_desk

    monkeypatch.setenv("WIREWATCH_DATABASE_URL", "mysql://somewhere/wirewatch")
    answer = show_desk()
    assert answer.status_code == 503
    assert b"WIREWATCH_DATABASE_URL" in bytes(answer.body)
