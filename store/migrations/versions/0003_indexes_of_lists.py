"""Indexes for lists of one source or one language, and for files that broke their parser."""

from alembic import op

revision = "0003"
down_revision = "0002"

SQLITE_INDEXES = (
    "CREATE INDEX ix_conversation_inbox_source ON conversation (source_id, coalesce(sla_due_at, "
    "9223372036854775807), priority, sort_at, id, status, team_id, assignee_id, platform, lang, kind, visibility, "
    "sentiment, rating, why, unanswered_since, claimed_until, brand_ids) WHERE is_open = 1",
    "CREATE INDEX ix_conversation_inbox_lang ON conversation (lang, coalesce(sla_due_at, 9223372036854775807), "
    "priority, sort_at, id, status, team_id, assignee_id, source_id, platform, kind, visibility, sentiment, "
    "rating, why, unanswered_since, claimed_until, brand_ids) WHERE is_open = 1",
    "CREATE INDEX ix_conversation_lang ON conversation (lang, sort_at, id, brand_ids)",
    "CREATE INDEX ix_quarantine_answer ON quarantine (source_id, payload_sha256) WHERE released_at IS NULL AND "
    "whole_answer = 1",
)

POSTGRES_INDEXES = (
    "CREATE INDEX ix_conversation_inbox_source ON conversation (source_id, (coalesce(sla_due_at, "
    "'infinity'::timestamptz)), priority, sort_at, id, status, team_id, assignee_id, platform, lang, kind, "
    "visibility, sentiment, rating, why, unanswered_since, claimed_until) WHERE is_open",
    "CREATE INDEX ix_conversation_inbox_lang ON conversation (lang, (coalesce(sla_due_at, "
    "'infinity'::timestamptz)), priority, sort_at, id, status, team_id, assignee_id, source_id, platform, kind, "
    "visibility, sentiment, rating, why, unanswered_since, claimed_until) WHERE is_open",
    "CREATE INDEX ix_conversation_lang ON conversation (lang, sort_at, id)",
    "CREATE INDEX ix_quarantine_answer ON quarantine (source_id, payload_sha256) WHERE released_at IS NULL AND "
    "whole_answer",
)


def upgrade() -> None:
    """Create the indexes."""
    connection = op.get_bind()
    for statement in SQLITE_INDEXES if connection.dialect.name == "sqlite" else POSTGRES_INDEXES:
        connection.exec_driver_sql(statement)
