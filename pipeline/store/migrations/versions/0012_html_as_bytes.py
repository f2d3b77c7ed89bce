"""The HTML of pages as packed bytes, no longer inside of their JSON.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from pipeline.store.packing import pack_text, unpack_text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TOGETHER = 200  # pages in memory

pages = sa.table("pages", sa.column("item_id"), sa.column("record", JSONB), sa.column("html", sa.LargeBinary))


def upgrade() -> None:
    op.add_column("pages", sa.Column("html", sa.LargeBinary(), nullable=True))
    op.execute("ALTER TABLE pages ALTER COLUMN html SET STORAGE EXTERNAL")  # packed already: PostgreSQL need not try
    change_all(
        sa.select(pages.c.item_id, pages.c.record["html"].astext.label("html")),
        pages.c.record["html"].astext.is_not(None),
        "UPDATE pages SET html = :html, record = jsonb_set(record, '{html}', 'null') WHERE item_id = :item_id",
        pack_text,
    )


def downgrade() -> None:
    change_all(
        sa.select(pages.c.item_id, pages.c.html),
        pages.c.html.is_not(None),
        "UPDATE pages SET record = jsonb_set(record, '{html}', to_jsonb(CAST(:html AS text))) WHERE item_id = :item_id",
        unpack_text,
    )
    op.drop_column("pages", "html")


def change_all(
    wanted: sa.Select[str, Any], has_html: sa.ColumnElement[bool], statement: str, convert: Callable[[Any], str | bytes]
) -> None:
    """Take the pages in the order of their ids, a few at a time."""
    connection, last = op.get_bind(), ""
    while rows := connection.execute(
        wanted.where(has_html, pages.c.item_id > last).order_by(pages.c.item_id).limit(TOGETHER)
    ).all():
        last = rows[-1].item_id
        changed = [{"item_id": row.item_id, "html": convert(row.html)} for row in rows]
        connection.execute(sa.text(statement), changed)
