"""What readers said about alerts.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("item_id", sa.String(16), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_key"], ["outbox.key"], name=op.f("fk_feedback_message_key")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_feedback_item_id")),
        sa.PrimaryKeyConstraint("message_key", "verdict", "reader", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_item_id"), "feedback", ["item_id"])
    op.create_index(op.f("ix_feedback_given_at"), "feedback", ["given_at"])


def downgrade() -> None:
    op.drop_table("feedback")
