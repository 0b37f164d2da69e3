"""Who reads a delivery, so that what a dead reader held is read at once."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0022"


def upgrade() -> None:
    """Add the column; what is held right now waits for its lease."""
    op.add_column("intake", sa.Column("held_by", sa.String(200), nullable=True))
