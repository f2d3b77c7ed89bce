"""Versions of edited articles are items of their own.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COLUMNS = ("hints_key", "version_of", "version", "read_after")


def upgrade() -> None:
    op.add_column("items", sa.Column("hints_key", sa.String(16), nullable=False, server_default=""))
    op.add_column("items", sa.Column("version_of", sa.String(16), nullable=True))
    op.add_column("items", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("items", sa.Column("read_after", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_items_version_of"), "items", "items", ["version_of"], ["id"])
    op.drop_constraint(op.f("uq_items_canonical_url"), "items")
    op.create_unique_constraint(op.f("uq_items_canonical_url_version"), "items", ["canonical_url", "version"])
    op.create_index("ix_items_version_of", "items", ["version_of"], postgresql_where=sa.text("version_of IS NOT NULL"))


def downgrade() -> None:
    # Versions become items of their own, so their addresses have to differ.
    op.execute("UPDATE items SET canonical_url = canonical_url || '#version=' || version WHERE version > 1")
    op.drop_constraint(op.f("uq_items_canonical_url_version"), "items")
    op.create_unique_constraint(op.f("uq_items_canonical_url"), "items", ["canonical_url"])
    op.drop_index("ix_items_version_of", "items")
    for name in COLUMNS:
        op.drop_column("items", name)
