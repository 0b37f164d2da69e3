"""Alert rules, what they found, and its deliveries."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0019"
down_revision = "0018"

INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_alert_fired ON alert (fired_at, rule_id)",
    "CREATE INDEX ix_alert_delivery_alert ON alert_delivery (alert_id, id)",
    "CREATE INDEX ix_alert_delivery_receiver ON alert_delivery (receiver_id, created_at, id)",
    "CREATE INDEX ix_alert_delivery_state ON alert_delivery (state, not_before, id)",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables and their indexes."""
    _rules()
    _alerts()
    _receivers()
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)


def _rules() -> None:
    op.create_table(
        "alert_rule",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("brand_id", sa.String(), nullable=False),
        sa.Column("source_ids", JsonDoc(), nullable=False),
        sa.Column("sentiments", JsonDoc(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=True),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("by_what", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("window_h", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("cool_down_h", sa.Integer(), nullable=False),
        sa.Column("during", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=True),
        sa.Column("receivers", JsonDoc(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fired_hour", Instant(), nullable=True),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("counted_since", Instant(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("archived_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "alert_hour",
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "hour"),
        sqlite_with_rowid=False,
    )


def _alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("window_h", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at_least", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("sd", sa.Float(), nullable=True),
        sa.Column("n_earlier", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(), nullable=True),
        sa.Column("fired_at", Instant(), nullable=False),
        sa.Column("explanation", JsonDoc(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("verdict_by", sa.BigInteger(), nullable=True),
        sa.Column("verdict_at", Instant(), nullable=True),
        sa.Column("seen_by", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("rule_id", "hour", name="uq_alert_hour"),
    )


def _receivers() -> None:
    op.create_table(
        "alert_receiver",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("archived_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "alert_delivery",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=True),
        sa.Column("receiver_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("error_text", sa.String(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dedupe_key", name="uq_alert_delivery"),
    )
