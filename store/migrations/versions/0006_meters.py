"""What sources used of what platforms count or charge."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INDEXES: tuple[str, ...] = ()
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables. Their keys serve every query on them."""
    op.create_table(
        "meter",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "meter_use",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("meter", sa.String(100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "meter", "day"),
        sqlite_with_rowid=False,
    )
