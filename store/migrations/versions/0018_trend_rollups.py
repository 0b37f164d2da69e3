"""Roll-ups for every chart of the trends."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0018"
down_revision = "0017"

INDEXES: tuple[str, ...] = ("CREATE INDEX ix_theme_day_source ON theme_day (source_id, brand_id, day, theme_id, n)",)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""

_COUNTED = ("n", "n_negative", "n_neutral", "n_positive", "n_unsure", "n_copies")


def upgrade() -> None:
    """Make the roll-ups anew, empty: `store.rollups.keep_by` fills them, as it is told the time zone.

    What counted by sentiment before counts by kind and lateness as well, so nothing of it can be kept.
    """
    for name in ("rollup_day", "rollup_hour"):
        op.drop_table(name)
    for name, key in (
        ("rollup_day", ("day", "source_id", "lang", "kind")),
        ("rollup_day_all", ("day", "lang", "kind")),
        ("rollup_day_source", ("day", "source_id")),
        ("rollup_hour", ("hour", "source_id", "lang", "kind")),
        ("rollup_hour_all", ("hour",)),
    ):
        kinds: dict[str, sa.types.TypeEngine[Any]] = {"day": sa.Date(), "hour": Instant()}
        op.create_table(
            name,
            sa.Column("brand_id", sa.String(), nullable=False),
            *(sa.Column(column, kinds.get(column, sa.String()), nullable=False) for column in key),
            sa.Column("late", sa.Boolean(), nullable=False),
            *(sa.Column(column, sa.Integer(), nullable=False) for column in _COUNTED),
            sa.PrimaryKeyConstraint("brand_id", *key, "late"),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "theme_day_all",
        sa.Column("brand_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("brand_id", "day", "theme_id"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO theme_day_all (brand_id, day, theme_id, n) "
        "SELECT brand_id, day, theme_id, sum(n) FROM theme_day GROUP BY brand_id, day, theme_id"
    )
    op.create_table(
        "top_day",
        sa.Column("brand_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("n_texts", sa.Integer(), nullable=False),
        sa.Column("counts", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("brand_id", "what", "day"),
    )
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
