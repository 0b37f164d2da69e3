"""The query lab: labels of what a query finds, proposals that were turned down; and searches that part words alike."""

import sqlalchemy as sa
from alembic import op

from store.migrations.word_breaks import part_words_alike
from store.types import Instant

revision = "0014"
down_revision = "0013"

INDEXES: tuple[str, ...] = ("CREATE INDEX ix_query_label_brand ON query_label (brand_id, relevant, item_id)",)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables and their index, and let the full text part words as the matcher of queries does."""
    op.create_table(
        "query_label",
        sa.Column("text_key", sa.String(64), nullable=False),
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("brand_id", sa.String(), nullable=False),
        sa.Column("relevant", sa.Boolean(), nullable=True),
        sa.Column("labelled_by", sa.BigInteger(), nullable=False),
        sa.Column("labelled_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("text_key", "item_id"),
    )
    op.create_table(
        "dismissed_phrase",
        sa.Column("brand_id", sa.String(100), nullable=False),
        sa.Column("phrase_key", sa.String(64), nullable=False),
        sa.Column("dismissed_by", sa.BigInteger(), nullable=False),
        sa.Column("dismissed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("brand_id", "phrase_key"),
    )
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
    part_words_alike(op.get_bind())
