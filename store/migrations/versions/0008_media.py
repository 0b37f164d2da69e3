"""Pictures that customers attached."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0008"
down_revision = "0007"

INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_media_wanted ON media (due_at, mention_id, place, host) WHERE state = 'wanted'",
    "CREATE INDEX ix_media_kept ON media (fetched_at, mention_id, place, size) WHERE state = 'kept'",
    "CREATE UNIQUE INDEX ix_media_link ON media (link)",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables and the indexes."""
    op.create_table(
        "media",
        sa.Column("mention_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("alt", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("fetched_at", Instant(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("mention_id", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "media_picture",
        sa.Column("mention_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.Column("large", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("mention_id", "place"),
    )
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
