import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from pipeline.errors import SettingError, StoreOutdated, StoreUnavailable
from pipeline.store.database import Database
from pipeline.store.tables import duplicates, items, metadata, stories, story_members
from tests.walk.judged import NOW, read_stream, store_classified


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


def test_copies_and_versions_that_were_grouped_before_name_what_they_go_with(database: Database) -> None:
    store_classified(database, read_stream("stream_a")[:5])
    first, copy, edited, copied, alone = [report.item_id for report in read_stream("stream_a")[:5]]
    database.downgrade("0017")
    with database.begin() as tx:
        for item_id, original in ((copy, first), (copied, edited)):
            tx.execute(duplicates.insert().values(item_id=item_id, of_item_id=original, record={}))
        tx.execute(items.update().where(items.c.id == edited).values(version_of=copy, version=2))
        tx.execute(stories.insert().values(id="s", title="", opened_at=NOW, last_at=NOW))
        for item_id in (first, copy, edited, copied, alone):
            tx.execute(text("INSERT INTO story_members VALUES (:item_id, 's', '{}')"), {"item_id": item_id})
    database.migrate()
    with database.begin() as tx:
        leaders = dict(tx.execute(select(story_members.c.item_id, story_members.c.leader_id)).tuples().all())
    assert leaders == {first: None, copy: first, edited: first, copied: first, alone: None}
