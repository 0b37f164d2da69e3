"""What copies that are not exact are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

INDEXES: tuple[str, ...] = ("CREATE INDEX ix_near_key_mention ON near_key (mention_id)",)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "near_key",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("mention_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "mention_id"),
        sqlite_with_rowid=False,
    )
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
