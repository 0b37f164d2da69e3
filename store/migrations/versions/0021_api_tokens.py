"""Tokens of the API."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0021"
down_revision = "0020"

INDEXES: tuple[str, ...] = ()
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the table; the unique key of the prefix serves every call."""
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", JsonDoc(), nullable=False),
        sa.Column("brand_ids", JsonDoc(), nullable=False),
        sa.Column("source_ids", JsonDoc(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("prefix", name="uq_api_token_prefix"),
    )
