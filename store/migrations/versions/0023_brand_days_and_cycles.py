"""A roll-up per brand and day, and facts by the cycle they are of: charts and figures read what they tell."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0026"

INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_kpi_fact_begun ON kpi_fact (started_at) "
    "WHERE kind = 'first_response' AND retracted_by IS NULL AND started_at IS NOT NULL",
    "CREATE INDEX ix_kpi_fact_cycle ON kpi_fact (conversation_id, kind, cycle, wall_s, team_id, started_at) "
    "WHERE retracted_by IS NULL",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""

_KEYS = ("brand_id", "day", "late")
_COUNTED = ("n", "n_negative", "n_neutral", "n_positive", "n_unsure", "n_copies")


def upgrade() -> None:
    """Create the roll-up as the sum of what is kept: no time zone is needed, so nothing has to be counted anew."""
    op.create_table(
        "rollup_day_brand",
        sa.Column("brand_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        *(sa.Column(column, sa.Integer(), nullable=False) for column in _COUNTED),
        sa.PrimaryKeyConstraint(*_KEYS),
        sqlite_with_rowid=False,
    )
    keys = ", ".join(_KEYS)
    sums = ", ".join(f"sum({column})" for column in _COUNTED)
    op.execute(
        f"INSERT INTO rollup_day_brand ({keys}, {', '.join(_COUNTED)}) "  # noqa: S608 - names of our own
        f"SELECT {keys}, {sums} FROM rollup_day_all GROUP BY {keys}"
    )
    op.drop_index("ix_kpi_fact_begun")
    for statement in INDEXES:
        op.get_bind().exec_driver_sql(statement)
