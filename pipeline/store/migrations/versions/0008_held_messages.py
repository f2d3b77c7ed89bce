"""Messages that are held back until a time, and told in a digest.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("held_for", sa.Text(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("bundle_key", sa.Text()))
    op.create_index(op.f("ix_outbox_bundle_key"), "outbox", ["bundle_key"])


def downgrade() -> None:
    # The older version knows neither state: what is held goes out at once, what a digest has told stays told.
    op.execute("UPDATE outbox SET state = 'pending', not_before = NULL WHERE state = 'held'")
    op.execute("UPDATE outbox SET state = 'sent' WHERE state = 'bundled'")
    op.drop_index(op.f("ix_outbox_bundle_key"), table_name="outbox")
    op.drop_column("outbox", "bundle_key")
    op.drop_column("outbox", "held_for")
