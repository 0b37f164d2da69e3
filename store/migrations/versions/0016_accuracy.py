"""Sentiment that can be checked: adjusted words, fits to corrections, samples to label."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0016"
down_revision = "0015"

INDEXES: tuple[str, ...] = (
    "CREATE UNIQUE INDEX ix_tone_word_now ON tone_word (word, lang) WHERE ended_at IS NULL",
    "CREATE INDEX ix_label_item_mention ON label_item (mention_id)",
    "CREATE INDEX ix_mention_corrected ON mention (id) WHERE sentiment_corrected_by IS NOT NULL",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables and their indexes."""
    op.create_table(
        "tone_word",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(100), nullable=False),
        sa.Column("lang", sa.String(10), nullable=False),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "tone_fit",
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("corrections", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "n_learnt",
                "n_held",
                "right_before",
                "right_after",
                "better",
                "worse",
                "sample_n",
                "sample_better",
                "sample_worse",
            )
        ),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("night"),
    )
    op.create_table(
        "label_sample",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("strata", JsonDoc(), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("month"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "label_item",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.BigInteger(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("labelled_by", sa.BigInteger(), nullable=True),
        sa.Column("labelled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("month", "place"),
        sqlite_with_rowid=False,
    )
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
