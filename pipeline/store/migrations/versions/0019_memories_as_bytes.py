"""What the rooms remember is packed by ourselves and stays in its row.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sys

import sqlalchemy as sa
from alembic import op

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_FRAME = b"\x28\xb5\x2f\xfd"


def upgrade() -> None:
    # As JSON, as it was: that is read too, and goes with the days that are remembered.
    op.execute("ALTER TABLE memories SET (toast_tuple_target = 8160)")
    op.execute("ALTER TABLE memories ALTER COLUMN record TYPE bytea USING convert_to(record::text, 'UTF8')")


def downgrade() -> None:
    connection = op.get_bind()
    packed = sa.text("SELECT kind, key, record FROM memories WHERE substr(record, 1, 4) = :frame")
    unpack = sa.text("UPDATE memories SET record = :record WHERE kind = :kind AND key = :key")
    for rows in connection.execute(packed.execution_options(yield_per=1000), {"frame": _FRAME}).partitions():
        plain = [{"kind": row.kind, "key": row.key, "record": zstd.decompress(row.record)} for row in rows]
        connection.execute(unpack, plain)
    op.execute("ALTER TABLE memories ALTER COLUMN record TYPE json USING convert_from(record, 'UTF8')::json")
    op.execute("ALTER TABLE memories RESET (toast_tuple_target)")
