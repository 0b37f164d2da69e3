"""Duties: what was erased and must not come back, and when kept items were asked about again."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0007"
down_revision = "0006"

INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_mention_recheck ON mention (source_id, recheck_at, id) WHERE recheck_at IS NOT NULL",
    "CREATE INDEX ix_mention_erase ON mention (erase_at, id) WHERE erase_at IS NOT NULL",
    "CREATE INDEX ix_author_profile ON author (profile_ends_at, id) WHERE profile_ends_at IS NOT NULL",
    "CREATE INDEX ix_outgoing_mail_conversation ON outgoing_mail (conversation_id, id) "
    "WHERE conversation_id IS NOT NULL",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def upgrade() -> None:
    """Create the tables, the columns and the indexes."""
    op.create_table(
        "source_duty",
        sa.Column("source_id", sa.String(100), nullable=False),
        sa.Column("recheck_s", sa.BigInteger(), nullable=True),
        sa.Column("keep_s", sa.BigInteger(), nullable=True),
        sa.Column("profiles_s", sa.BigInteger(), nullable=True),
        sa.Column("erase_s", sa.BigInteger(), nullable=True),
        sa.Column("retention_s", sa.BigInteger(), nullable=True),
        sa.Column("may_export", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("walk_at", Instant(), nullable=True),
        sa.Column("walk_id", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "made_file",
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("form", JsonDoc(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
        sqlite_with_rowid=False,
    )
    op.add_column("mention", sa.Column("recheck_at", Instant(), nullable=True))
    op.add_column("mention", sa.Column("erase_at", Instant(), nullable=True))
    op.add_column("author", sa.Column("profile_ends_at", Instant(), nullable=True))
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
