"""Logins of connected accounts, kept encrypted."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0005"
down_revision = "0004"

INDEXES: tuple[str, ...] = ()
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the table; it has a row per connected account and is read by its key."""
    op.create_table(
        "login",
        sa.Column("source_id", sa.String(100), nullable=False),
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("connected_at", Instant(), nullable=True),
        sa.Column("renewed_at", Instant(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("source_id"),
        sqlite_with_rowid=False,
    )
