"""A sketch of each text beside the keys it is found by: most that share a key are no copies and need not be read.

What was kept before has none and is read as before, until it is too old to fold under.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0023"


def upgrade() -> None:
    """Add the column."""
    op.add_column("near_key", sa.Column("shape", sa.LargeBinary(), nullable=True))
