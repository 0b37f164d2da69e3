"""Reports as they were made, whom they quote, and to whom they go."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0022"
down_revision = "0021"

INDEXES: tuple[str, ...] = (
    "CREATE UNIQUE INDEX ix_report_of_schedule ON report (schedule_id, first) WHERE schedule_id IS NOT NULL",
    "CREATE INDEX ix_report_quote_report ON report_quote (report_id)",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables and their indexes; a mail can carry a report."""
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("schedule_id", sa.BigInteger(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("lang", sa.String(10), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("document", JsonDoc(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "report_quote",
        sa.Column("mention_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mention_id", "report_id"),
    )
    op.create_table(
        "report_schedule",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("every", sa.String(10), nullable=False),
        sa.Column("lang", sa.String(10), nullable=False),
        sa.Column("receivers", JsonDoc(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("outgoing_mail", sa.Column("report_id", sa.BigInteger(), nullable=True))
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
