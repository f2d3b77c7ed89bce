"""Real parts for every test: one embedded PostgreSQL per session, a fresh database per test."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.store.database import Database
from pipeline.store.embedded import EmbeddedPostgres, open_embedded

SHARED = Path(__file__).resolve().parents[2] / "shared"  # real input beside the checkout, where there is some
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    # Not below pytest's own folder: for root, PostgreSQL runs as another user, whom each new session locks out there.
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-", ignore_cleanup_errors=True) as folder,
        open_embedded(Path(folder) / "postgres", ("template_wirewatch",)) as server,
    ):
        database = Database(server.url("template_wirewatch"))
        database.migrate()
        database.close()
        yield server


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A migrated, empty database of its own; dropped at once, or hundreds of them would fill the disk."""
    import psycopg

    name = f"test_{next(_numbers)}"
    with psycopg.connect(host=str(postgres.socket_dir), user="postgres", dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template_wirewatch")
        yield postgres.url(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real articles beside the checkout; tests that need it skip without."""
    if not SHARED.is_dir():
        pytest.skip("no folder ../shared with the real seed articles beside this checkout")
    return SHARED
