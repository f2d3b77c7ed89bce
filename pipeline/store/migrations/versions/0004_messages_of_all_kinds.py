"""Messages of all kinds in the outbox: alerts, threads brought up to date, notices.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("kind", sa.String(8), nullable=False, server_default="alert"))
    op.execute("UPDATE outbox SET kind = 'notice' WHERE story_id IS NULL")
    op.add_column("outbox", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind <> 'alert'")
    op.drop_column("outbox", "revision")
    op.drop_column("outbox", "kind")
