"""Themes, the conversations that raise them, and what is said in a day."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0013"
down_revision = "0012"

INDEXES: tuple[str, ...] = (
    "CREATE UNIQUE INDEX ix_conversation_theme_conversation ON conversation_theme (conversation_id, theme_id)",
    "CREATE INDEX ix_conversation_theme_day ON conversation_theme (theme_id, day)",
    "CREATE INDEX ix_theme_verdict_theme ON theme_verdict (theme_id, conversation_id)",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables, the column of the card and the indexes."""
    op.create_table(
        "theme",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("examples", JsonDoc(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("archived_at", Instant(), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("applying_since", Instant(), nullable=True),
        sa.Column("applying_cursor", sa.String(), nullable=True),
        sa.Column("applied_n", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "conversation_theme",
        sa.Column("theme_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("brand_ids", JsonDoc(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("linked_by", sa.BigInteger(), nullable=True),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("theme_id", "conversation_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "theme_day",
        sa.Column("theme_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("brand_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("theme_id", "day", "brand_id", "source_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "theme_verdict",
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", "theme_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "theme_model",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("n_links", sa.Integer(), nullable=False),
        sa.Column("n_held", sa.Integer(), nullable=False),
        sa.Column("top_1", sa.Float(), nullable=True),
        sa.Column("top_2", sa.Float(), nullable=True),
        sa.Column("document", JsonDoc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "phrase_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("brand_id", sa.String(), nullable=False),
        sa.Column("sentiment", sa.String(), nullable=False),
        sa.Column("n_texts", sa.Integer(), nullable=False),
        sa.Column("counts", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", "source_id", "brand_id", "sentiment"),
    )
    op.add_column("conversation", sa.Column("theme_id", sa.BigInteger(), nullable=True))
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
