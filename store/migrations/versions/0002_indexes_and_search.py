"""Indexes of version 0.1.0, and full-text search that triggers keep in step with the mentions.

Frozen: what stands here has run on people's databases. `store/indexes.py` says which query each index serves; a
test holds the two equal.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE_INDEXES = (
    "CREATE INDEX ix_conversation_inbox ON conversation (coalesce(sla_due_at, 9223372036854775807), priority, "
    "sort_at, id, status, team_id, assignee_id, source_id, platform, lang, kind, visibility, sentiment, "
    "rating, why, unanswered_since, claimed_until, brand_ids) WHERE is_open = 1",
    "CREATE INDEX ix_conversation_open ON conversation (sort_at, id, priority, sla_due_at, status, team_id, "
    "assignee_id, source_id, platform, lang, kind, visibility, sentiment, rating, why, unanswered_since, "
    "claimed_until, brand_ids) WHERE is_open = 1",
    "CREATE INDEX ix_conversation_next ON conversation (coalesce(sla_due_at, 9223372036854775807), priority, "
    "sort_at, id, team_id, claimed_until) WHERE is_open = 1 AND assignee_id IS NULL AND status IN ('new', "
    "'open')",
    "CREATE INDEX ix_conversation_newest ON conversation (sort_at, id, is_open, priority, sla_due_at, status, "
    "team_id, assignee_id, source_id, platform, lang, kind, visibility, sentiment, rating, why, "
    "unanswered_since, claimed_until, brand_ids)",
    "CREATE INDEX ix_conversation_closed ON conversation (status, sort_at, id) WHERE is_open = 0",
    "CREATE INDEX ix_conversation_source ON conversation (source_id, sort_at, id)",
    "CREATE INDEX ix_conversation_assignee ON conversation (assignee_id, sort_at, id) WHERE assignee_id IS NOT NULL",
    "CREATE INDEX ix_conversation_routing ON conversation (id) WHERE routing_pending = 1",
    "CREATE INDEX ix_conversation_snoozed ON conversation (snoozed_until, id) WHERE status = 'snoozed'",
    "CREATE INDEX ix_conversation_claim ON conversation (claimed_until, id) WHERE claimed_by IS NOT NULL",
    "CREATE UNIQUE INDEX ix_conversation_tag_conversation ON conversation_tag (conversation_id, tag)",
    "CREATE INDEX ix_mention_thread ON mention (conversation_id, sort_at, id)",
    "CREATE INDEX ix_mention_author ON mention (author_id, sort_at, id) WHERE author_id IS NOT NULL",
    "CREATE INDEX ix_mention_dup_of ON mention (dup_of, id) WHERE dup_of IS NOT NULL",
    "CREATE INDEX ix_mention_source ON mention (source_id, sort_at, id)",
    "CREATE UNIQUE INDEX ix_mention_brand_mention ON mention_brand (mention_id, brand_id)",
    "CREATE INDEX ix_mention_source_found ON mention_source (source_id, mention_id)",
    "CREATE INDEX ix_author_person ON author (person_id, id) WHERE person_id IS NOT NULL",
    "CREATE INDEX ix_event_object ON event (object_type, object_id, id)",
    "CREATE INDEX ix_note_conversation ON note (conversation_id, id)",
    "CREATE INDEX ix_gap_open ON gap (source_id, query_id, start_at) WHERE filled_at IS NULL",
    "CREATE INDEX ix_run_source ON run (source_id, id, duplicate)",
    "CREATE INDEX ix_unmatched_found ON unmatched (found_at)",
    "CREATE INDEX ix_quarantine_waiting ON quarantine (source_id, id) WHERE released_at IS NULL",
)

POSTGRES_INDEXES = (
    "CREATE INDEX ix_conversation_inbox ON conversation ((coalesce(sla_due_at, 'infinity'::timestamptz)), "
    "priority, sort_at, id, status, team_id, assignee_id, source_id, platform, lang, kind, visibility, "
    "sentiment, rating, why, unanswered_since, claimed_until) WHERE is_open",
    "CREATE INDEX ix_conversation_open ON conversation (sort_at, id, priority, sla_due_at, status, team_id, "
    "assignee_id, source_id, platform, lang, kind, visibility, sentiment, rating, why, unanswered_since, "
    "claimed_until) WHERE is_open",
    "CREATE INDEX ix_conversation_next ON conversation ((coalesce(sla_due_at, 'infinity'::timestamptz)), "
    "priority, sort_at, id, team_id, claimed_until) WHERE is_open AND assignee_id IS NULL AND status IN "
    "('new', 'open')",
    "CREATE INDEX ix_conversation_newest ON conversation (sort_at, id, is_open, priority, sla_due_at, status, "
    "team_id, assignee_id, source_id, platform, lang, kind, visibility, sentiment, rating, why, "
    "unanswered_since, claimed_until)",
    "CREATE INDEX ix_conversation_closed ON conversation (status, sort_at, id) WHERE NOT is_open",
    "CREATE INDEX ix_conversation_source ON conversation (source_id, sort_at, id)",
    "CREATE INDEX ix_conversation_assignee ON conversation (assignee_id, sort_at, id) WHERE assignee_id IS NOT NULL",
    "CREATE INDEX ix_conversation_routing ON conversation (id) WHERE routing_pending",
    "CREATE INDEX ix_conversation_snoozed ON conversation (snoozed_until, id) WHERE status = 'snoozed'",
    "CREATE INDEX ix_conversation_claim ON conversation (claimed_until, id) WHERE claimed_by IS NOT NULL",
    "CREATE UNIQUE INDEX ix_conversation_tag_conversation ON conversation_tag (conversation_id, tag)",
    "CREATE INDEX ix_mention_thread ON mention (conversation_id, sort_at, id)",
    "CREATE INDEX ix_mention_author ON mention (author_id, sort_at, id) WHERE author_id IS NOT NULL",
    "CREATE INDEX ix_mention_dup_of ON mention (dup_of, id) WHERE dup_of IS NOT NULL",
    "CREATE INDEX ix_mention_source ON mention (source_id, sort_at, id)",
    "CREATE UNIQUE INDEX ix_mention_brand_mention ON mention_brand (mention_id, brand_id)",
    "CREATE INDEX ix_mention_source_found ON mention_source (source_id, mention_id)",
    "CREATE INDEX ix_author_person ON author (person_id, id) WHERE person_id IS NOT NULL",
    "CREATE INDEX ix_event_object ON event (object_type, object_id, id)",
    "CREATE INDEX ix_note_conversation ON note (conversation_id, id)",
    "CREATE INDEX ix_gap_open ON gap (source_id, query_id, start_at) WHERE filled_at IS NULL",
    "CREATE INDEX ix_run_source ON run (source_id, id, duplicate)",
    "CREATE INDEX ix_unmatched_found ON unmatched (found_at)",
    "CREATE INDEX ix_quarantine_waiting ON quarantine (source_id, id) WHERE released_at IS NULL",
)

# External content: the index keeps no second copy of the text. The update trigger names its columns and compares
# them, so that counting likes does not index a text again.
SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE mention_fts USING fts5(title, text, content='mention', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER mention_fts_insert AFTER INSERT ON mention BEGIN "
    "INSERT INTO mention_fts(rowid, title, text) VALUES (new.id, new.title, new.text); END",
    "CREATE TRIGGER mention_fts_update AFTER UPDATE OF title, text ON mention "
    "WHEN old.title IS NOT new.title OR old.text IS NOT new.text BEGIN "
    "INSERT INTO mention_fts(mention_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text); "
    "INSERT INTO mention_fts(rowid, title, text) VALUES (new.id, new.title, new.text); END",
    "CREATE TRIGGER mention_fts_delete AFTER DELETE ON mention BEGIN "
    "INSERT INTO mention_fts(mention_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text); END",
    "INSERT INTO mention_fts(mention_fts) VALUES ('rebuild')",
)

# The rule of SQLite's tokenizer, spelled for PostgreSQL: accents off, lower case, and everything that is neither
# letter nor digit is a space, so that the parser finds no host names, addresses or paths in it. 200,000 code
# points keep the result below the 1 MB that a tsvector can hold. {collation} decides what a letter is.
FOLD = """
CREATE FUNCTION klankbord_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $fold$
  SELECT left(btrim(regexp_replace(lower(regexp_replace(normalize(left(words, 200000), NFKD),
    '[\\u0300-\\u036F]', '', 'g') COLLATE {collation}), '{no_letter}', ' ', 'g')), 200000)
$fold$
"""
# The separator keeps a phrase from running over the end of the title; ts_delete takes the word out, not its place.
TSV = """
CREATE FUNCTION klankbord_tsv(title text, body text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $tsv$
  SELECT ts_delete(to_tsvector('simple', klankbord_fold(coalesce(title || ' 0klankbord0 ', '') || body)), '0klankbord0')
$tsv$
"""
POSTGRES_SEARCH = (
    "CREATE TABLE mention_search (mention_id bigint PRIMARY KEY, tsv tsvector NOT NULL)",
    "INSERT INTO mention_search SELECT id, klankbord_tsv(title, text) FROM mention",
    "CREATE INDEX ix_mention_search_tsv ON mention_search USING gin (tsv)",
    """
CREATE FUNCTION mention_search_keep() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM mention_search WHERE mention_id = old.id;
    RETURN old;
  END IF;
  INSERT INTO mention_search VALUES (new.id, klankbord_tsv(new.title, new.text))
    ON CONFLICT (mention_id) DO UPDATE SET tsv = excluded.tsv;
  RETURN new;
END $keep$
""",
    "CREATE TRIGGER mention_search_insert AFTER INSERT ON mention FOR EACH ROW EXECUTE FUNCTION mention_search_keep()",
    "CREATE TRIGGER mention_search_update AFTER UPDATE OF title, text ON mention FOR EACH ROW "
    "WHEN (old.title IS DISTINCT FROM new.title OR old.text IS DISTINCT FROM new.text) "
    "EXECUTE FUNCTION mention_search_keep()",
    "CREATE TRIGGER mention_search_delete AFTER DELETE ON mention FOR EACH ROW EXECUTE FUNCTION mention_search_keep()",
)
UNICODE_COLLATIONS = ("pg_c_utf8", "und-x-icu")
NO_LETTER = r"[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u2000-\u2BFF\u3000-\u303F]+"


def upgrade() -> None:
    """Create indexes, full-text tables and triggers, and index what is already there."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in (*SQLITE_INDEXES, *SQLITE_SEARCH):
            connection.exec_driver_sql(statement)
        return
    if connection.exec_driver_sql("SHOW server_encoding").scalar() != "UTF8":
        msg = "the PostgreSQL database is not in UTF8; create it with ENCODING 'UTF8' TEMPLATE template0"
        raise RuntimeError(msg)
    present = set(connection.exec_driver_sql("SELECT collname FROM pg_collation").scalars())
    known = next((name for name in UNICODE_COLLATIONS if name in present), None)
    # A server built without Unicode rules knows letters by its locale only; then take off what is surely none.
    fold = FOLD.format(
        collation=f'"{known}"' if known else '"default"',
        no_letter="[^[:alnum:]]+" if known else NO_LETTER,
    )
    for statement in (*POSTGRES_INDEXES, fold, TSV, *POSTGRES_SEARCH):
        connection.exec_driver_sql(statement)
