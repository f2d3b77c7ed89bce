"""What an older version remembered is found after the upgrade."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from pipeline.dedupe import Fingerprint
from pipeline.models import Validators
from pipeline.store.database import Database
from pipeline.store.desk import open_memory

AT = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)


def test_lists_counts_and_bands_survive_the_upgrade(database: Database) -> None:
    database.downgrade("0010")
    with database.begin() as tx:
        for kind, key, term in (
            ("Validators", "v", "@náme"),
            ("ArticleView", "a", "00:aaaaaaaabbbbbbbb"),
            ("ArticleView", "a", "01:ccccccccdddddddd"),
        ):
            row = {"kind": kind, "key": key, "at": AT, "term": term}
            tx.execute(
                text('INSERT INTO memories VALUES (:kind, :key, :at, \'{"etag": "x"}\') ON CONFLICT DO NOTHING'), row
            )
            tx.execute(text("INSERT INTO memory_terms (kind, term, key, at) VALUES (:kind, :term, :key, :at)"), row)
        tx.execute(text("INSERT INTO term_counts VALUES ('', 7), ('@náme', 3)"))
    database.migrate()
    with database.begin() as tx, open_memory(tx) as memory:
        assert memory.find(Validators, ["@náme"], AT, 5) == [Validators("x")]
        memory.remember("v", Validators("y"), AT)
        assert memory.find(Validators, ["@náme"], AT, 5) == []
        assert memory.find(Fingerprint, ["01:ccccccccdddddddd"], AT, 5) == [
            Fingerprint("a", "aaaaaaaabbbbbbbbccccccccdddddddd")
        ]
        assert memory.read_counts(["@náme"]) == (7, {"@náme": 3})
