"""Durations and outcomes as facts, and snapshots of the backlog."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0017"
down_revision = "0016"

INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_kpi_fact_period ON kpi_fact (kind, ended_at) WHERE retracted_by IS NULL",
    "CREATE INDEX ix_kpi_fact_begun ON kpi_fact (started_at) WHERE kind = 'first_response' AND retracted_by IS NULL",
    "CREATE INDEX ix_kpi_fact_conversation ON kpi_fact (conversation_id, id)",
    "CREATE INDEX ix_conversation_arrived ON conversation (first_inbound_at)",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables and their indexes, and what a conversation keeps of clocks that run.

    What earlier events already tell becomes facts in the background: `inbox.measuring.earlier`.
    """
    op.create_table(
        "kpi_fact",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("brand_ids", JsonDoc(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_type", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("wall_s", sa.Float(), nullable=True),
        sa.Column("business_s", sa.Float(), nullable=True),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("left_out", sa.String(), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("retracted_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "backlog_snapshot",
        sa.Column("at", Instant(), nullable=False),
        sa.Column("team_id", sa.String(100), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "n_new",
                "n_open",
                "n_waiting_customer",
                "n_waiting_internal",
                "n_snoozed",
                "overdue",
                "unanswered",
            )
        ),
        sa.Column("oldest_open_at", Instant(), nullable=True),
        sa.Column("oldest_unanswered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("at", "team_id"),
        sqlite_with_rowid=False,
    )
    for name in ("waits_since", "claimed_at", "active_at"):
        op.add_column("conversation", sa.Column(name, Instant(), nullable=True))
    op.add_column("conversation", sa.Column("active_s", sa.Float(), nullable=True))
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
