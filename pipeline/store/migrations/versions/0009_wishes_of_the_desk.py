"""Wishes of the desk: what is muted and followed, and which alerts somebody has seen.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("subject", sa.String(8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("wished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wished_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "name", name=op.f("pk_wishes")),
    )
    op.add_column("outbox", sa.Column("acknowledged_at", sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("acknowledged_by", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("outbox", "acknowledged_by")
    op.drop_column("outbox", "acknowledged_at")
    op.drop_table("wishes")
