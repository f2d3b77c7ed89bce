"""Writing a row once, however often a step is repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table
from sqlalchemy.dialects.postgresql import insert


def insert_once(tx: Connection, table: Table, **values: Any) -> bool:
    """Insert a row unless one with the same key (or unique value) is there; True when it was inserted."""
    row = insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return tx.execute(row).first() is not None


def insert_all_once(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> Sequence[Row[Any]]:
    """Insert many rows, except those whose key (or unique value) is there; of two with one key the first.

    Returns the keys of those that were inserted.
    """
    if not rows:
        return []
    inserted = insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return tx.execute(inserted, list(rows)).all()
