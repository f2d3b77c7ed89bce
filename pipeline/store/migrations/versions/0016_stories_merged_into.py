"""The stories that were merged into one are found at once.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_stories_merged_into"), "stories", ["merged_into"])


def downgrade() -> None:
    op.drop_index(op.f("ix_stories_merged_into"), "stories")
