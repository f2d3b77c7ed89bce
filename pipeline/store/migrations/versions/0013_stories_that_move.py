"""Stories that are merged and split afterwards.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COLUMNS = ("merged_into", "split_from")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("stories", sa.Column(name, sa.String(20), nullable=True))
        op.create_foreign_key(op.f(f"fk_stories_{name}"), "stories", "stories", [name], ["id"])


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("stories", name)
