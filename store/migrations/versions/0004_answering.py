"""Answering and working together: drafts, templates, outbox, promises, rules, saved views, presence, second factors."""

import sqlalchemy as sa
from alembic import op

from store.types import Instant, JsonDoc

revision = "0004"
down_revision = "0003"

INDEXES: tuple[str, ...] = (
    "CREATE INDEX ix_person_merged ON person (merged_into) WHERE merged_into IS NOT NULL",
    "CREATE INDEX ix_person_clue_author ON person_clue (author_id, clue)",
    "CREATE INDEX ix_person_suggestion_other ON person_suggestion (other_id, author_id)",
    "CREATE INDEX ix_presence_at ON presence (at, conversation_id)",
    "CREATE INDEX ix_saved_view_owner ON saved_view (owner_id, team_id)",
    "CREATE INDEX ix_draft_user ON draft (user_id, updated_at)",
    "CREATE INDEX ix_template_owner ON template (owner_id, id)",
    "CREATE INDEX ix_outbox_due ON outbox (not_before, id) WHERE state IN ('queued', 'unknown')",
    "CREATE INDEX ix_outbox_lapsed ON outbox (lease_until, id) WHERE state = 'sending'",
    "CREATE INDEX ix_outbox_conversation ON outbox (conversation_id, id)",
    "CREATE INDEX ix_outbox_approval ON outbox (id) WHERE state = 'approval'",
    "CREATE INDEX ix_outbox_troubled ON outbox (id) WHERE state IN ('unknown', 'held', 'failed', 'rejected')",
    "CREATE INDEX ix_event_rule ON event (actor_id, at, id) WHERE actor_type = 'rule'",
    "CREATE INDEX ix_event_record ON event (id) WHERE object_type <> 'conversation'",
    "CREATE INDEX ix_user_session_user ON user_session (user_id, seen_at)",
    "CREATE INDEX ix_recovery_code_user ON recovery_code (user_id)",
    "CREATE UNIQUE INDEX ix_user_account_oidc ON user_account (oidc_issuer, oidc_subject) "
    "WHERE oidc_subject IS NOT NULL",
    "CREATE INDEX ix_outgoing_mail_state ON outgoing_mail (state, not_before, id)",
    "CREATE INDEX ix_specialist_link_conversation ON specialist_link (conversation_id, id)",
    "CREATE INDEX ix_conversation_promise ON conversation (promise_due_at, id) WHERE promise_due_at IS NOT NULL",
    "CREATE INDEX ix_promise_conversation ON promise (conversation_id, id)",
    "CREATE INDEX ix_promise_pending ON promise (due_at, id) WHERE state IN ('open', 'suggested')",
    "CREATE INDEX ix_promise_remind ON promise (remind_at, id) WHERE (state = 'open' AND reminded_at IS NULL)",
    "CREATE INDEX ix_promise_due ON promise (due_at, state)",
    "CREATE INDEX ix_note_mention_unseen ON note_mention (user_id, conversation_id, note_id) WHERE seen_at IS NULL",
    "CREATE INDEX ix_note_mention_user ON note_mention (user_id, note_id, conversation_id)",
    "CREATE INDEX ix_hand_over_standing ON hand_over (id) WHERE done_at IS NULL",
)
"""In the words of both engines; each stands in `store.indexes` beside the query it serves."""


def row_id() -> sa.types.TypeEngine[int]:
    """A 53-bit id as the key of one column: on SQLite it must be spelled INTEGER to become the row id itself."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables, widen those that are there, and create the indexes."""
    op.create_table(
        "calendar_day",
        sa.Column("team_id", sa.String(100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft",
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=True),
        sa.Column("template_id", sa.BigInteger(), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "user_id", "mode"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hand_over",
        sa.Column("id", row_id(), nullable=False, autoincrement=False),
        sa.Column("team_id", sa.String(), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "note_mention",
        sa.Column("note_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("note_id", "user_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", row_id(), nullable=False, autoincrement=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("visibility", sa.String(), nullable=True),
        sa.Column("follow_up", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", Instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("error_class", sa.String(), nullable=True),
        sa.Column("error_text", sa.String(), nullable=True),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("namespace", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("own_mention_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("idempotency_key", name="uq_outbox_idempotency"),
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("id", row_id(), nullable=False, autoincrement=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("to_address", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("error_text", sa.String(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dedupe_key", name="uq_outgoing_mail_dedupe"),
    )
    op.create_table(
        "person_clue",
        sa.Column("clue", sa.String(60), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("clue", "author_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "person_suggestion",
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", JsonDoc(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("author_id", "other_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "presence",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("tab", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "tab"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "promise",
        sa.Column("id", row_id(), nullable=False, autoincrement=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("said_by", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("remind_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("code_sha256"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rule",
        sa.Column("id", row_id(), nullable=False, autoincrement=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("conditions", JsonDoc(), nullable=False),
        sa.Column("actions", JsonDoc(), nullable=False),
        sa.Column("stop", sa.Boolean(), nullable=False),
        sa.Column("moment", sa.String(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("archived_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", row_id(), nullable=False, autoincrement=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.String(), nullable=True),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("filters", JsonDoc(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "specialist_link",
        sa.Column("id", row_id(), nullable=False, autoincrement=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("note_id", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_sha256", name="uq_specialist_link_token"),
    )
    op.create_table(
        "tag",
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("colour", sa.String(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("archived_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tag"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "template",
        sa.Column("id", row_id(), nullable=False, autoincrement=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=True),
        sa.Column("team_id", sa.String(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("archived_at", Instant(), nullable=True),
        sa.Column("n_used", sa.Integer(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("conversation", sa.Column("muted_at", Instant(), nullable=True))
    op.add_column("conversation", sa.Column("ruled_id", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("reply_state", sa.String(), nullable=True))
    op.add_column("conversation", sa.Column("promise_due_at", Instant(), nullable=True))
    op.add_column("note", sa.Column("author_name", sa.String(), nullable=True))
    op.add_column("person", sa.Column("name", sa.String(), nullable=True))
    op.add_column("person", sa.Column("consent", sa.String(), nullable=True))
    op.add_column("person", sa.Column("created_at", Instant(), nullable=True))
    op.add_column("person", sa.Column("updated_at", Instant(), nullable=True))
    op.add_column("person", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.add_column("source", sa.Column("paused_at", Instant(), nullable=True))
    op.add_column("team", sa.Column("created_at", Instant(), nullable=True))
    op.add_column("team", sa.Column("archived_at", Instant(), nullable=True))
    op.add_column("user_account", sa.Column("email", sa.String(), nullable=True))
    op.add_column("user_account", sa.Column("initials", sa.String(), nullable=True))
    op.add_column("user_account", sa.Column("needs_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("user_account", sa.Column("skills", JsonDoc(), nullable=False, server_default="[]"))
    op.add_column("user_account", sa.Column("hours", sa.String(), nullable=True))
    op.add_column("user_account", sa.Column("most_open", sa.Integer(), nullable=True))
    op.add_column("user_account", sa.Column("availability", sa.String(), nullable=False, server_default="available"))
    op.add_column("user_account", sa.Column("away_until", Instant(), nullable=True))
    op.add_column("user_account", sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("user_account", sa.Column("totp_confirmed_at", Instant(), nullable=True))
    op.add_column("user_account", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column("user_account", sa.Column("oidc_issuer", sa.String(), nullable=True))
    op.add_column("user_account", sa.Column("oidc_subject", sa.String(), nullable=True))
    op.add_column("user_account", sa.Column("toured_at", Instant(), nullable=True))
    op.add_column("user_account", sa.Column("mails", JsonDoc(), nullable=True))
    op.add_column("user_session", sa.Column("method", sa.String(), nullable=False, server_default="password"))
    op.add_column("user_session", sa.Column("agent", sa.String(), nullable=False, server_default=""))
    op.add_column("user_session", sa.Column("address", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    for statement in INDEXES:
        connection.exec_driver_sql(statement)
