"""Records come back as they were remembered, also those of an older version's tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from pipeline.detect import Told
from pipeline.facts import Quantity
from pipeline.models import ItemId, StoryId, Validators
from pipeline.store.database import Database
from pipeline.store.desk import open_memory
from pipeline.store.packing import pack_record, unpack_record

AT = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
AWAY = datetime(2026, 3, 5, 1, 30, 0, 250, tzinfo=timezone(timedelta(hours=2)))
TOLD = Told(
    StoryId("s1"),
    AWAY,
    2,
    (ItemId("a"), ItemId("b")),
    sentences=(("ferry", "größe"),),
    quantities=(Quantity(0.1, "km", "", "0.1 km"),),
)
LONG = Told(StoryId("s2"), AT, sentences=tuple((f"word{n}", "渡轮") for n in range(2000)))


@pytest.mark.parametrize("told", [TOLD, LONG])
def test_a_record_comes_back_as_it_was_packed(told: Told) -> None:
    packed = pack_record(told)
    assert unpack_record(Told, packed) == told
    assert unpack_record(Told, packed).last_at.utcoffset() == told.last_at.utcoffset()
    assert len(packed) < 20_000
    assert packed.startswith(b"{") == (told is TOLD)


def test_what_a_later_version_adds_or_leaves_out_does_not_matter() -> None:
    @dataclass(frozen=True)
    class Later:
        etag: str | None = None
        weight: float = 1.0

    assert unpack_record(Later, pack_record(Validators("x", "monday"))) == Later("x", 1.0)


@pytest.mark.parametrize(("written", "read"), [("a\x00b", "a\ufffdb"), ("a\ud800b", "a?b")])
def test_texts_that_a_database_does_not_take_are_cleaned(written: str, read: str) -> None:
    assert unpack_record(Validators, pack_record(Validators(written))) == Validators(read)


def test_what_an_older_version_remembered_is_read_and_given_back(database: Database) -> None:
    database.downgrade("0018")
    plain = '{"etag": "größe", "last_modified": null}'
    with database.begin() as tx:
        tx.execute(
            text("INSERT INTO memories VALUES ('Validators', 'v', :at, :record, 1, '{}')"), {"at": AT, "record": plain}
        )
    database.migrate()
    with database.begin() as tx, open_memory(tx) as memory:
        assert memory.recall(Validators, "v") == Validators("größe")
        memory.remember("s2", LONG, AT)
    database.downgrade("0018")
    with database.begin() as tx:
        rows: dict[str, str] = dict(tx.execute(text("SELECT key, record::text FROM memories")).tuples().all())
    assert rows["v"] == plain
    assert len(json.loads(rows["s2"])["sentences"]) == 2000
