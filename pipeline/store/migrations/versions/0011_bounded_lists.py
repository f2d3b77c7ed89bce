"""Memories are listed by hashed term and day, so that a lookup reads a bounded piece of one index.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The first 64 bits of a SHA-256: `pipeline.store.desk.hash_term`.
_HASH = "('x' || left(encode(sha256(convert_to({}, 'UTF8')), 'hex'), 16))::bit(64)::bigint"
_DAY = "(({} AT TIME ZONE 'UTC')::date - DATE '0001-01-01' + 1)"


def upgrade() -> None:
    _remember_fingerprints()
    op.add_column("memories", sa.Column("day", sa.Integer()))
    op.add_column("memories", sa.Column("terms", postgresql.ARRAY(sa.BigInteger())))
    op.execute(f"UPDATE memories SET day = {_DAY.format('at')}, terms = '{{}}'")
    hashed = _HASH.format("t.kind || ' ' || t.term")
    op.execute(
        f"UPDATE memories m SET terms = listed.terms FROM (SELECT t.kind, t.key, array_agg({hashed}) AS terms "
        "FROM memory_terms t GROUP BY t.kind, t.key) listed WHERE m.kind = listed.kind AND m.key = listed.key"
    )
    op.alter_column("memories", "day", nullable=False)
    op.alter_column("memories", "terms", nullable=False)
    op.execute("ALTER TABLE memories ALTER COLUMN record TYPE json USING record::json")
    op.drop_table("memory_terms")
    op.create_table(
        "memory_terms",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("term", "day", "key", name=op.f("pk_memory_terms")),
    )
    op.execute("INSERT INTO memory_terms (term, day, key) SELECT unnest(terms), day, key FROM memories")
    _count_by_hash()


def downgrade() -> None:
    # A hash does not say its term: the older version starts with empty lists and counts.
    op.drop_table("term_counts")
    op.create_table(
        "term_counts",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("documents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_term_counts")),
    )
    op.drop_table("memory_terms")
    op.create_table(
        "memory_terms",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "key"], ["memories.kind", "memories.key"], name=op.f("fk_memory_terms_kind"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "term", "key", name=op.f("pk_memory_terms")),
    )
    op.create_index(op.f("ix_memory_terms_kind_key"), "memory_terms", ["kind", "key"])
    op.execute("ALTER TABLE memories ALTER COLUMN record TYPE jsonb USING record::jsonb")
    op.drop_column("memories", "terms")
    op.drop_column("memories", "day")
    op.execute("DELETE FROM memories WHERE kind = 'Fingerprint'")


def _remember_fingerprints() -> None:
    """The bands of an article move to a small record of their own."""
    op.execute(
        "INSERT INTO memories (kind, key, at, record) SELECT 'Fingerprint', t.key, min(t.at), jsonb_build_object("
        "'item_id', t.key, 'signature', string_agg(split_part(t.term, ':', 2), '' ORDER BY t.term)) "
        "FROM memory_terms t WHERE t.kind = 'ArticleView' GROUP BY t.key"
    )
    op.execute(
        "INSERT INTO memory_terms (kind, term, key, at) "
        "SELECT 'Fingerprint', term, key, at FROM memory_terms WHERE kind = 'ArticleView'"
    )
    op.execute("DELETE FROM memory_terms WHERE kind = 'ArticleView'")


def _count_by_hash() -> None:
    op.rename_table("term_counts", "term_counts_by_name")
    op.execute("ALTER INDEX pk_term_counts RENAME TO pk_term_counts_by_name")
    op.create_table(
        "term_counts",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("documents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_term_counts")),
        postgresql_with={"fillfactor": "50"},
    )
    hashed = _HASH.format("' ' || term")
    op.execute(f"INSERT INTO term_counts (term, documents) SELECT {hashed}, documents FROM term_counts_by_name")
    op.drop_table("term_counts_by_name")
