"""Addresses of pages: two of one article are one item

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_addresses",
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("item_id", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_page_addresses_item_id")),
        sa.PrimaryKeyConstraint("canonical_url", name=op.f("pk_page_addresses")),
    )
    op.create_index(op.f("ix_page_addresses_item_id"), "page_addresses", ["item_id"])
    op.execute(
        "INSERT INTO page_addresses SELECT items.canonical_url, items.id FROM items"
        " JOIN outcomes ON outcomes.item_id = items.id WHERE outcomes.room = 'fetch' AND outcomes.passed"
    )


def downgrade() -> None:
    op.drop_table("page_addresses")
