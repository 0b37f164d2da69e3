"""Of issue 5: noise rules, what each of them set aside, and which suggestions were declined."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0015"
down_revision = "0014"

INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_noise_rule_updated ON noise_rule (updated_at)",
    "CREATE INDEX ix_noise_rule_value ON noise_rule (value, kind)",
    "CREATE INDEX ix_noise_hit_rule ON noise_hit (rule_id, at, mention_id, event_id)",
    "CREATE INDEX ix_noise_hit_at ON noise_hit (at, mention_id)",
    "CREATE INDEX ix_noise_hit_conversation ON noise_hit (conversation_id)",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables and their indexes."""
    op.create_table(
        "noise_rule",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=True),
        sa.Column("brand_id", sa.String(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("proposes", sa.Boolean(), nullable=False),
        sa.Column("keys", JsonDoc(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("archived_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "noise_hit",
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("mention_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("rule_id", "mention_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "noise_declined",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("n_noise", sa.Integer(), nullable=False),
        sa.Column("declined_by", sa.BigInteger(), nullable=True),
        sa.Column("declined_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value"),
        sqlite_with_rowid=False,
    )
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
