"""Copies and later versions name the article that they go with, wherever that moves.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# A version goes with the first one, a copy with its original, and with what those follow.
_NAME_LEADERS = """
    WITH RECURSIVE follows AS (
        SELECT items.id, coalesce(items.version_of, duplicates.of_item_id) AS leader
        FROM items LEFT JOIN duplicates ON duplicates.item_id = items.id
        WHERE coalesce(items.version_of, duplicates.of_item_id) IS NOT NULL
    ), led AS (
        SELECT id, leader, 1 AS steps FROM follows
        UNION ALL
        SELECT led.id, follows.leader, led.steps + 1 FROM led JOIN follows ON follows.id = led.leader WHERE steps < 30
    ), last AS (
        SELECT DISTINCT ON (id) id, leader FROM led ORDER BY id, steps DESC
    )
    UPDATE story_members SET leader_id = last.leader FROM last WHERE last.id = story_members.item_id
"""


def upgrade() -> None:
    op.add_column("story_members", sa.Column("leader_id", sa.String(16)))
    op.create_foreign_key("fk_story_members_leader_id", "story_members", "items", ["leader_id"], ["id"])
    op.create_index(
        "ix_story_members_leader_id", "story_members", ["leader_id"], postgresql_where=sa.text("leader_id IS NOT NULL")
    )
    op.execute(_NAME_LEADERS)


def downgrade() -> None:
    op.drop_column("story_members", "leader_id")
