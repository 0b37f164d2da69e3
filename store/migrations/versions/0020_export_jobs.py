"""Exports as jobs, and their schedules."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0020"
down_revision = "0019"

INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_export_job_open ON export_job (not_before, id) WHERE state IN ('queued', 'running', 'sending')",
    "CREATE INDEX ix_export_job_kept ON export_job (ended_at) WHERE file IS NOT NULL",
    "CREATE INDEX ix_export_job_untold ON export_job (id) "
    "WHERE state = 'failed' AND schedule_id IS NOT NULL AND told_at IS NULL",
    "CREATE UNIQUE INDEX ix_export_job_period ON export_job (schedule_id, period)",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables and their indexes."""
    op.create_table(
        "export_job",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("schedule_id", sa.BigInteger(), nullable=True),
        sa.Column("period", sa.Date(), nullable=True),
        sa.Column("wanted", JsonDoc(), nullable=False),
        sa.Column("snapshot", JsonDoc(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("manifest", JsonDoc(), nullable=True),
        sa.Column("withheld", JsonDoc(), nullable=True),
        sa.Column("trouble", JsonDoc(), nullable=True),
        sa.Column("delivered_to", sa.String(), nullable=True),
        sa.Column("told_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "export_schedule",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("wanted", JsonDoc(), nullable=False),
        sa.Column("every", sa.String(10), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("destination", sa.String(10), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
