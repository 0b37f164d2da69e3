"""What platforms push to us."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0009"
down_revision = "0008"

INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_intake_waiting ON intake (not_before, id) WHERE body IS NOT NULL",
    "CREATE INDEX ix_intake_received ON intake (received_at)",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the table and its indexes."""
    op.create_table(
        "intake",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hook", sa.String(100), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", "hook", name="uq_intake_delivery"),
    )
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
