"""The connection to the product's database, and the migrations that shape it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from pipeline.errors import SettingError, StoreOutdated, StoreUnavailable

if TYPE_CHECKING:
    # Alembic takes a quarter of a second to load, and the filters open no database.
    from alembic.config import Config

Transaction = Connection  # what the steps hold between `begin` and commit

_MIGRATIONS = Path(__file__).parent / "migrations"
_CONNECT_SECONDS = 10
# SQLSTATE classes (PostgreSQL manual, appendix A): values that do not fit, broken rules, bad SQL, rows too large.
_STATEMENT_TO_BLAME = ("21", "22", "23", "42", "54")
_NO_RIGHTS = "42501"


class Database:
    """One PostgreSQL database; `close` it when done."""

    def __init__(self, url: str) -> None:
        """Raises SettingError when `url` is not an SQLAlchemy URL of PostgreSQL through psycopg."""
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() != "postgresql":
                raise SettingError("WIREWATCH_DATABASE_URL must begin with postgresql+psycopg://")
            self._engine: Engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                pool_size=2,
                pool_pre_ping=True,
                connect_args={"connect_timeout": _CONNECT_SECONDS},
            )
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            raise SettingError(
                "WIREWATCH_DATABASE_URL is not a database URL; it looks like postgresql+psycopg://user:password@host/name"
            ) from error

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back by an exception.

        Raises StoreUnavailable when the database does not answer.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise self._translate(error) from error

    @contextmanager
    def hold(self) -> Iterator[Callable[[], AbstractContextManager[Connection]]]:
        """One connection for many transactions: call what it yields instead of `begin`.

        Raises StoreUnavailable when the database does not answer.
        """
        try:
            with self._engine.connect() as connection:
                yield lambda: self._begin_on(connection)
        except DBAPIError as error:
            raise self._translate(error) from error

    @contextmanager
    def _begin_on(self, connection: Connection) -> Iterator[Connection]:
        try:
            with connection.begin():
                yield connection
        except DBAPIError as error:
            raise self._translate(error) from error

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection on which every statement is committed at once, for what must outlive a crash.

        Raises StoreUnavailable when the database does not answer.
        """
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection
        except DBAPIError as error:
            raise self._translate(error) from error

    def migrate(self) -> None:
        """Bring the tables to this version; does nothing when they are there already."""
        from alembic import command

        with self.begin() as connection:
            command.upgrade(_alembic_config(connection), "head")

    def downgrade(self, revision: str) -> None:
        """Take the tables back to an older revision, or to "base": nothing left."""
        from alembic import command

        with self.begin() as connection:
            command.downgrade(_alembic_config(connection), revision)

    def require_current(self) -> None:
        """Raises StoreOutdated when the tables are not those of this version."""
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        with self.begin() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            wanted = ScriptDirectory.from_config(_alembic_config(connection)).get_current_head()
        if found != wanted:
            raise StoreOutdated(
                f"the database is at version {found or 'none'}, this Wirewatch needs {wanted}: run `wirewatch migrate`"
            )

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _translate(self, error: DBAPIError) -> Exception:
        """StoreUnavailable, unless the statement is to blame: that is a fault of ours, on the item at hand."""
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state.startswith(_STATEMENT_TO_BLAME) and state != _NO_RIGHTS:
            return error
        lines = str(error.orig).strip().splitlines()
        where = self._engine.url.render_as_string(hide_password=True)
        return StoreUnavailable(f"the database {where} cannot be used: {lines[0] if lines else type(error).__name__}")


def commit_later(tx: Transaction) -> None:
    """Let the commit of this transaction not wait for the disk: for work that is simply done again when it is lost.

    Only a crash of the server loses it, only the last second of it, and always as a whole.
    """
    tx.execute(text("SET LOCAL synchronous_commit = off"))


def plan_once(tx: Transaction) -> None:
    """Let the statements of this transaction keep the plan that fits any values: ours read by keys, in lists.

    Planning anew for the values of each article is a fifth of what the judging rooms cost the server.
    """
    tx.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))


def _alembic_config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
