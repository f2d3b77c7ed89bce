"""In which thread a message stands, and whether it may have arrived before.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("thread_ts", sa.Text()))
    op.add_column("outbox", sa.Column("in_doubt", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Of what was put aside before, nobody can say any more whether it had left.
    op.execute("UPDATE outbox SET in_doubt = true WHERE state IN ('sending', 'unknown', 'dead')")


def downgrade() -> None:
    op.drop_column("outbox", "in_doubt")
    op.drop_column("outbox", "thread_ts")
