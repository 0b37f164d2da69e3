"""Exports within what a platform allows to hand out in a day."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

INDEXES: tuple[str, ...] = ()
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the table and the column."""
    op.create_table(
        "handed",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mention_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "person", "day", "mention_id"),
        sqlite_with_rowid=False,
    )
    op.add_column("source_duty", sa.Column("export_per_day", sa.Integer(), nullable=True))
