"""Topic models and the labels of readers

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_labels",
        sa.Column("item_id", sa.String(16), nullable=False),
        sa.Column("topics", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("labelled_by", sa.Text(), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_topic_labels_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_topic_labels")),
    )
    op.create_index(op.f("ix_topic_labels_labelled_at"), "topic_labels", ["labelled_at"])
    op.create_table(
        "topic_models",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("replaced", sa.Text()),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("record", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_topic_models")),
    )
    op.create_index(
        "uq_topic_models_active",
        "topic_models",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'active'"),
    )


def downgrade() -> None:
    op.drop_table("topic_models")
    op.drop_table("topic_labels")
