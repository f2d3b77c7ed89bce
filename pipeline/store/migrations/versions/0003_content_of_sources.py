"""What the content of a source was and when it came: the backstop for servers whose ETag lies."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("sources", sa.Column("content_hash", sa.String(length=64), nullable=True))
    op.add_column("sources", sa.Column("content_read_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sources", sa.Column("distrusted_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("distrusted_until", "content_read_at", "content_hash"):
        op.drop_column("sources", name)
