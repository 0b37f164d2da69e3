"""What was derived from a mention, by whom and by which version; and how far work over all mentions is."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0011"
down_revision = "0010"

INDEXES: tuple[str, ...] = ()
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Add the columns and create the table."""
    op.add_column("mention", sa.Column("sentiment_by", sa.String(), nullable=True))
    op.add_column("mention", sa.Column("enriched", sa.String(), nullable=True))
    op.create_table(
        "walk",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("aim", sa.String(), nullable=False),
        sa.Column("top_id", sa.BigInteger(), nullable=False),
        sa.Column("before_id", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("moved_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )
