"""Every index beside the named query it serves. Tests read EXPLAIN on both engines and hold both lists equal.

Rules behind the choices (figures: docs/search-and-lists.md):

* A list index matches the ORDER BY of its list exactly; what only filters stands behind the order, so that rows
  that fall out cost no visit to the table. Low-cardinality columns never lead a unique index.
* Open work (a few per cent of all rows) has partial indexes of its own; they hold every column that the inbox
  filters on, so lists and badges read nothing else.
* An index that no query names is deleted: each costs every ingested row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from store.ordering import POSTGRES_NEVER, SQLITE_NEVER

Engine = Literal["sqlite", "postgresql"]

DUE_KEY = "<due_key>"
# Written as conditions on both engines; SQLite keeps booleans as 0 and 1.
IS_OPEN = "<is_open>"
IS_CLOSED = "<is_closed>"
ROUTING = "<routing_pending>"
_SPELLING = {
    "sqlite": {
        DUE_KEY: f"coalesce(sla_due_at, {SQLITE_NEVER})",
        IS_OPEN: "is_open = 1",
        IS_CLOSED: "is_open = 0",
        ROUTING: "routing_pending = 1",
    },
    "postgresql": {
        DUE_KEY: f"(coalesce(sla_due_at, {POSTGRES_NEVER}))",
        IS_OPEN: "is_open",
        IS_CLOSED: "NOT is_open",
        ROUTING: "routing_pending",
    },
}

_FILTERS = (
    "status",
    "team_id",
    "assignee_id",
    "source_id",
    "platform",
    "lang",
    "kind",
    "visibility",
    "sentiment",
    "rating",
    "why",
    "unanswered_since",
    "claimed_until",
    "brand_ids",
)


@dataclass(frozen=True, slots=True)
class Index:
    """One index.

    Attributes:
        name, table: as in the database.
        columns: in order, as DDL; `<due_key>` is the sort key of the inbox order.
        queries: dotted names of the functions whose query it serves.
        why: what it costs without.
        where: the condition of a partial index.
        unique: whether it also enforces.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    queries: tuple[str, ...]
    why: str
    where: str | None = None
    unique: bool = False

    def ddl(self, engine: Engine) -> str:
        """The CREATE INDEX statement for one engine."""
        columns: Sequence[str] = self.columns
        if engine == "postgresql":
            # jsonb in a B-tree cannot answer @>, so it would only make the index larger.
            columns = [column for column in columns if column != "brand_ids"]
        unique = "UNIQUE " if self.unique else ""
        where = f" WHERE {self.where}" if self.where else ""
        text = f"CREATE {unique}INDEX {self.name} ON {self.table} ({', '.join(columns)}){where}"
        for placeholder, spelled in _SPELLING[engine].items():
            text = text.replace(placeholder, spelled)
        return text


INDEXES: tuple[Index, ...] = (
    Index(
        "ix_conversation_inbox",
        "conversation",
        (DUE_KEY, "priority", "sort_at", "id", *_FILTERS),
        ("store.lists.list_conversations",),
        "the queue in its own order; without it every page sorts all open work",
        where=IS_OPEN,
    ),
    Index(
        "ix_conversation_inbox_source",
        "conversation",
        ("source_id", DUE_KEY, "priority", "sort_at", "id", *(name for name in _FILTERS if name != "source_id")),
        ("store.lists.list_conversations",),
        "the queue of one source; on the whole queue's index a small source is met only at the end",
        where=IS_OPEN,
    ),
    Index(
        "ix_conversation_inbox_lang",
        "conversation",
        ("lang", DUE_KEY, "priority", "sort_at", "id", *(name for name in _FILTERS if name != "lang")),
        ("store.lists.list_conversations",),
        "the queue in one language, with whatever else narrows it; rare languages are met late otherwise",
        where=IS_OPEN,
    ),
    Index(
        "ix_conversation_open",
        "conversation",
        ("sort_at", "id", "priority", "sla_due_at", *_FILTERS),
        ("store.lists.list_conversations", "store.badges.count_views", "store.badges.facet"),
        "open work newest or oldest first; all badges in one scan that reads nothing but this index",
        where=IS_OPEN,
    ),
    Index(
        "ix_conversation_next",
        "conversation",
        (DUE_KEY, "priority", "sort_at", "id", "team_id", "claimed_until"),
        ("store.lists.next_unclaimed",),
        "'next for me' finds its row at the head, however much claimed work is due earlier",
        where=f"{IS_OPEN} AND assignee_id IS NULL AND status IN ('new', 'open')",
    ),
    Index(
        "ix_conversation_newest",
        "conversation",
        ("sort_at", "id", "is_open", "priority", "sla_due_at", *_FILTERS),
        ("store.lists.list_conversations",),
        "the archive and all views, newest first",
    ),
    Index(
        "ix_conversation_closed",
        "conversation",
        ("status", "sort_at", "id"),
        ("store.lists.list_conversations",),
        "views of one closed state (resolved, ignored, spam, archived)",
        where=IS_CLOSED,
    ),
    Index(
        "ix_conversation_source",
        "conversation",
        ("source_id", "sort_at", "id"),
        ("store.lists.list_conversations",),
        "the archive of one source; a rare source would walk everything",
    ),
    Index(
        "ix_conversation_lang",
        "conversation",
        ("lang", "sort_at", "id", "brand_ids"),
        ("store.lists.list_conversations",),
        "the archive in one language; with a brand beside it, rare pairs walked a tenth of everything",
    ),
    Index(
        "ix_conversation_assignee",
        "conversation",
        ("assignee_id", "sort_at", "id"),
        ("store.lists.list_conversations",),
        "everything one agent has or had",
        where="assignee_id IS NOT NULL",
    ),
    Index(
        "ix_conversation_routing",
        "conversation",
        ("id",),
        ("store.waiting.routing_pending",),
        "the worker asks every second; usually nothing stands in it",
        where=ROUTING,
    ),
    Index(
        "ix_conversation_snoozed",
        "conversation",
        ("snoozed_until", "id"),
        ("store.waiting.snoozes_over",),
        "the clock asks every minute which snoozes end",
        where="status = 'snoozed'",
    ),
    Index(
        "ix_conversation_claim",
        "conversation",
        ("claimed_until", "id"),
        ("store.waiting.claims_lapsed",),
        "the clock asks every minute which claims lapsed",
        where="claimed_by IS NOT NULL",
    ),
    Index(
        "ix_conversation_tag_conversation",
        "conversation_tag",
        ("conversation_id", "tag"),
        ("store.thread.tags_of", "store.filters.tagged"),
        "tags of a page of cards; the primary key leads with the tag",
        unique=True,
    ),
    Index(
        "ix_mention_thread",
        "mention",
        ("conversation_id", "sort_at", "id"),
        ("store.thread.mentions_of", "store.search.search_conversations"),
        "one conversation in the order it was said",
    ),
    Index(
        "ix_mention_author",
        "mention",
        ("author_id", "sort_at", "id"),
        ("store.contacts.author_history",),
        "all contact with a person, newest first",
        where="author_id IS NOT NULL",
    ),
    Index(
        "ix_mention_dup_of",
        "mention",
        ("dup_of", "id"),
        ("store.thread.duplicates_of",),
        "what was folded under a mention",
        where="dup_of IS NOT NULL",
    ),
    Index(
        "ix_mention_source",
        "mention",
        ("source_id", "sort_at", "id"),
        ("store.source_health.totals",),
        "what a source brought: counts read the index alone",
    ),
    Index(
        "ix_mention_brand_mention",
        "mention_brand",
        ("mention_id", "brand_id"),
        ("store.export_rows.export_mentions", "store.thread.brands_of"),
        "brands of a mention; the primary key leads with the brand",
        unique=True,
    ),
    Index(
        "ix_mention_source_found",
        "mention_source",
        ("source_id", "mention_id"),
        ("store.source_health.totals",),
        "what a source found, also when another source had brought it before",
    ),
    Index(
        "ix_author_person",
        "author",
        ("person_id", "id"),
        ("store.contacts.accounts_of",),
        "the accounts of one person",
        where="person_id IS NOT NULL",
    ),
    Index(
        "ix_event_object",
        "event",
        ("object_type", "object_id", "id"),
        ("store.thread.events_of",),
        "the history of one conversation",
    ),
    Index(
        "ix_note_conversation",
        "note",
        ("conversation_id", "id"),
        ("store.thread.notes_of",),
        "the notes of one conversation",
    ),
    Index(
        "ix_gap_open",
        "gap",
        ("source_id", "query_id", "start_at"),
        ("store.coverage.open_gaps", "store.source_health.source_health"),
        "gaps that are still open, among all that ever were",
        where="filled_at IS NULL",
    ),
    Index(
        "ix_run_source",
        "run",
        ("source_id", "id", "duplicate"),
        ("store.source_health.last_runs", "store.source_health.totals"),
        "the last runs of a source; its duplicates are added up from the index alone",
    ),
    Index(
        "ix_unmatched_found",
        "unmatched",
        ("found_at",),
        ("store.upkeep.forget_unmatched",),
        "only the last 30 days are kept",
    ),
    Index(
        "ix_quarantine_waiting",
        "quarantine",
        ("source_id", "id"),
        ("store.quarantine.list_quarantine", "store.source_health.quarantined_by_source"),
        "unreadable items that still wait",
        where="released_at IS NULL",
    ),
)
