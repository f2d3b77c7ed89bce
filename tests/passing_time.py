"""Hours that pass in the host book while a test takes none."""

from sqlalchemy import text

from pipeline.store.database import Database


def let_pass(database: Database, interval: str) -> None:
    """As if so much time had passed since everything in the book was written."""
    with database.begin() as tx:
        for column in ("lease_until", "next_at", "rest_until"):
            tx.execute(text(f"UPDATE hosts SET {column} = {column} - interval '{interval}'"))
        tx.execute(text(f"UPDATE robots_files SET read_at = read_at - interval '{interval}'"))
