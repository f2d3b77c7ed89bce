"""The health of sources: a state with its reason, what is remembered to judge it, and what changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

_STATE_COLUMNS = ("state", "state_since", "state_reason", "judged_at", "health")


def upgrade() -> None:
    op.add_column("sources", sa.Column("state", sa.String(length=16), server_default="new", nullable=False))
    op.add_column("sources", sa.Column("state_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sources", sa.Column("state_reason", sa.Text(), server_default="", nullable=False))
    op.add_column("sources", sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sources", sa.Column("health", postgresql.JSONB(), nullable=True))
    op.add_column("source_checks", sa.Column("took_seconds", sa.Float(), server_default="0", nullable=False))
    op.add_column("source_checks", sa.Column("has_content", sa.Boolean(), server_default="true", nullable=False))
    # Of looks that were stored before, only the outcome tells.
    op.execute("UPDATE source_checks SET has_content = false WHERE outcome = 'unchanged'")
    op.create_index("ix_source_checks_source_id_checked_at", "source_checks", ["source_id", "checked_at"])
    op.create_index("ix_source_checks_checked_at", "source_checks", ["checked_at"])
    op.create_table(
        "source_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", sa.String(length=16), nullable=False),
        sa.Column("became", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told_in", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_source_changes"),
        sa.UniqueConstraint(
            "source_id", "changed_at", "became", name="uq_source_changes_source_id_changed_at_became"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name="fk_source_changes_source_id", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_source_changes_untold", "source_changes", ["id"], postgresql_where=sa.text("told_in IS NULL")
    )


def downgrade() -> None:
    op.drop_table("source_changes")
    op.drop_index("ix_source_checks_checked_at", "source_checks")
    op.drop_index("ix_source_checks_source_id_checked_at", "source_checks")
    for name in ("has_content", "took_seconds"):
        op.drop_column("source_checks", name)
    for name in reversed(_STATE_COLUMNS):
        op.drop_column("sources", name)
