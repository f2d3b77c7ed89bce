import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from pipeline.errors import SettingError, StoreOutdated, StoreUnavailable
from pipeline.store.database import Database
from pipeline.store.tables import metadata


def _tables(database: Database) -> set[str]:
    with database.begin() as tx:
        return set(inspect(tx).get_table_names()) - {"alembic_version"}


def test_upgrade_downgrade_and_upgrade_again(database: Database) -> None:
    assert _tables(database) == set(metadata.tables)
    database.downgrade("base")
    assert _tables(database) == set()
    database.migrate()
    assert _tables(database) == set(metadata.tables)


def test_every_single_step_can_be_taken_back(database: Database) -> None:
    from alembic.script import ScriptDirectory

    from pipeline.store.database import _alembic_config

    with database.begin() as tx:
        steps = [
            str(s.down_revision or "base") for s in ScriptDirectory.from_config(_alembic_config(tx)).walk_revisions()
        ]
    for step in steps:
        database.downgrade(step)
    assert _tables(database) == set()


def test_models_and_migrations_agree(database: Database) -> None:
    with database.begin() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_old_tables_are_named_with_what_to_do(database: Database) -> None:
    database.downgrade("base")
    with pytest.raises(StoreOutdated, match="wirewatch migrate"):
        database.require_current()


def test_a_database_that_is_down_is_one_clear_line() -> None:
    down = Database("postgresql+psycopg://someone:secret@127.0.0.1:9/none")
    with pytest.raises(StoreUnavailable) as caught, down.begin():
        pass
    assert "cannot be used" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///x.db"])
def test_a_url_that_is_no_postgresql_is_a_setting_error(url: str) -> None:
    with pytest.raises(SettingError, match="WIREWATCH_DATABASE_URL"):
        Database(url).require_current()
