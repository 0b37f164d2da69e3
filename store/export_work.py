"""Conversations streamed out with what belongs to them: events, tags, links to themes, promises.

Rows of what belongs to conversations stand by conversation, and in it by their own key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Cast, ColumnElement, Connection, Select, Table, cast, select

from store.engine import Store
from store.export_filter import Asked
from store.export_finding import CONVERSATIONS, FLAGS, TAGS, THEMES, as_may_leave, by_columns
from store.export_reading import Rows, streamed
from store.export_shape import Batch, Column, Kind, Snapshot, Veil, plain, words
from store.handing import rules
from store.schema import conversation, conversation_tag, conversation_theme, event, kpi_fact, promise

_ID, _INTEGER, _REAL, _TEXT, _INSTANT = Kind.ID, Kind.INTEGER, Kind.REAL, Kind.TEXT, Kind.INSTANT
_OF = Column("conversation_id", _ID, "`id` of conversations")

CONVERSATION_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the conversation's id; `conversation_id` elsewhere"),
    Column("key", _TEXT, "platform, namespace and root of the thread", veil=Veil.POST),
    Column("source_id", _TEXT, "source of its first message"),
    Column("platform", _TEXT, "such as mastodon, discourse, feeds"),
    Column("kind", _TEXT, "kind of its newest message", theirs=True),
    Column("visibility", _TEXT, "public, unlisted or private"),
    Column("title", _TEXT, "title, plain text", veil=Veil.PROSE, theirs=True),
    Column("author_id", _ID, "the customer; `id` of authors", veil=Veil.ACCOUNT, theirs=True),
    Column("lang", _TEXT, "language code; `und` when unknown", theirs=True),
    Column("sentiment", _TEXT, "of its newest message", theirs=True),
    Column("rating", _REAL, "rating on one scale for all", "0-1", theirs=True),
    Column("url", _TEXT, "permalink", veil=Veil.GONE, theirs=True),
    Column("brand_ids", Kind.WORDS, "brands it is about"),
    Column("status", _TEXT, "state now"),
    Column("status_reason", _TEXT, "why it is so", veil=Veil.PROSE),
    Column("cycle", _INTEGER, "1, and one more each time the customer came back after the end", "cycles"),
    Column("cycle_started_at", _INSTANT, "first message of this cycle"),
    Column("priority", _INTEGER, "from risk to low", "0 to 4"),
    Column("why", _TEXT, "complaint, question, compliment, idea, crisis, press, job"),
    Column("team_id", _TEXT, "its team"),
    Column("assignee_id", _ID, "who has it; `id` of users", veil=Veil.USER),
    Column("snoozed_until", _INSTANT, "when it comes back"),
    Column("sla_due_at", _INSTANT, "until when an answer is due"),
    Column("n_inbound", _INTEGER, "messages of customers", "messages"),
    Column("n_outbound", _INTEGER, "messages of ours", "messages"),
    Column("n_duplicates", _INTEGER, "of these folded as the same text", "messages"),
    Column("n_notes", _INTEGER, "internal notes", "notes"),
    Column("first_mention_id", _ID, "`id` of mentions"),
    Column("last_mention_id", _ID, "`id` of mentions"),
    Column("first_inbound_at", _INSTANT, "first message of the customer"),
    Column("last_inbound_at", _INSTANT, "newest message of the customer"),
    Column("last_outbound_at", _INSTANT, "newest message of ours"),
    Column("unanswered_since", _INSTANT, "oldest message that waits for an answer"),
    Column("sort_at", _INSTANT, "newest message"),
    Column("resolved_at", _INSTANT, "when it was resolved last"),
    Column("muted_at", _INSTANT, "since when new messages no longer open it"),
    Column("promise_due_at", _INSTANT, "nearest promise that is open"),
    Column("tags", Kind.WORDS, "its tags"),
    Column("themes", Kind.WORDS, "names of the themes it raises"),
    FLAGS,
)
_SELECTED = [
    *(plain(conversation.c[column.name], column.name) for column in CONVERSATION_COLUMNS[:-3]),
    TAGS.label("out_tags"),
    THEMES.label("out_themes"),
]
_NAMES = [column.name for column in CONVERSATION_COLUMNS]
_SOURCE = _NAMES.index("source_id")
_WORDS_AT = [_NAMES.index(name) for name in ("brand_ids", "tags", "themes")]

EVENT_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the event's id; grows with time"),
    _OF,
    Column("at", _INSTANT, "when it happened"),
    Column("actor_type", _TEXT, "human, rule, source, clock"),
    Column("actor_id", _ID, "who did it; `id` of users where a human did", veil=Veil.USER),
    Column("action", _TEXT, "what happened, such as claimed, answered, resolved"),
    Column("cycle", _INTEGER, "cycle of the conversation in which it happened", "cycles"),
    Column("before", Kind.DOCUMENT, "what it changed, as it was", veil=Veil.STEP),
    Column("after", Kind.DOCUMENT, "what it changed, as it became, and facts of the step", veil=Veil.STEP),
    Column("reason", _TEXT, "why, in a code or an agent's words", veil=Veil.PROSE),
    Column("wall_s", _REAL, "the duration that it ended, by the clock", "s"),
    Column("business_s", _REAL, "the same within opening hours", "s"),
    Column("undo_of", _ID, "the event that it takes back"),
)
TAG_COLUMNS: tuple[Column, ...] = (_OF, Column("tag", _TEXT, "a tag of the conversation"))
LINK_COLUMNS: tuple[Column, ...] = (
    _OF,
    Column("theme_id", _ID, "`id` of themes"),
    Column("how", _TEXT, "hand, suggestion, query"),
    Column("linked_by", _ID, "who linked it; `id` of users", veil=Veil.USER),
    Column("linked_at", _INSTANT, "when"),
)
PROMISE_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the promise's id"),
    _OF,
    Column("cycle", _INTEGER, "cycle of the conversation", "cycles"),
    Column("said_by", _ID, "who promised; `id` of users", veil=Veil.USER),
    Column("text", _TEXT, "the stretch of the answer that promises", veil=Veil.PROSE),
    Column("due_at", _INSTANT, "until when"),
    Column("state", _TEXT, "suggested, open, kept, broken, dropped"),
    Column("created_at", _INSTANT, "when it was made"),
    Column("confirmed_by", _ID, "who confirmed it; `id` of users", veil=Veil.USER),
    Column("confirmed_at", _INSTANT, "when"),
    Column("reminded_at", _INSTANT, "when the desk was reminded"),
    Column("closed_at", _INSTANT, "when it was kept or dropped; of a broken one when it was made good after all"),
    Column("closed_by", _ID, "who said so; `id` of users", veil=Veil.USER),
)
FACT_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the fact's id; grows with time"),
    Column(
        "kind",
        _TEXT,
        "answer, first_response, next_response, resolution, waited, waiting, handle, deadline_first, deadline_next, "
        "deadline_resolution, reopened, sentiment_shift; see [Figures](kpis.md)",
    ),
    _OF,
    Column("cycle", _INTEGER, "cycle of the conversation", "cycles"),
    Column("team_id", _TEXT, "its team at that moment"),
    Column("source_id", _TEXT, "its source at that moment"),
    Column("brand_ids", Kind.WORDS, "its brands at that moment"),
    Column("user_id", _ID, "who did it; `id` of users; empty for rules and the clock", veil=Veil.USER),
    Column("actor_type", _TEXT, "human, rule, source, clock"),
    Column("started_at", _INSTANT, "when the duration began"),
    Column("ended_at", _INSTANT, "when it ended; the period that it counts in holds this"),
    Column("wall_s", _REAL, "the duration by the clock", "s"),
    Column("business_s", _REAL, "the same within opening hours", "s"),
    Column("met", Kind.FLAG, "whether a deadline was kept"),
    Column("value", _REAL, "an outcome that is no duration"),
    Column("left_out", _TEXT, "code of why it does not count; empty where it does"),
    Column("event_id", _ID, "the step that ended it; `id` of events"),
    Column("retracted_by", _ID, "the step that took it back; such a fact does not count"),
)


def export_conversations(store: Store, asked: Asked) -> Iterator[Batch]:
    """Conversations with a mention that the filter finds, by id."""
    with store.read() as conn:
        limited = {one.source_id for one in rules(conn).values() if one.per_day is not None}

    def complete(conn: Connection, rows: Rows) -> Batch:
        kept = CONVERSATIONS.kept(conn, asked.wanted, asked.bound.mention_id, [row[0] for row in rows])
        batch = by_columns([row for row in rows if row[0] in kept] if asked.wanted.text else rows, len(_SELECTED))
        for place in _WORDS_AT:
            batch.columns[place] = list(map(words, batch.columns[place]))
        places = {place for place, one in enumerate(batch.columns[_SOURCE]) if one in limited}
        return as_may_leave(CONVERSATION_COLUMNS, batch, places, {"kind": "", "lang": "und"})

    query = select(*_SELECTED).where(CONVERSATIONS.holds(asked.wanted, asked.bound.mention_id))
    return streamed(store, query, conversation.c.id, complete)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Rows that belong to conversations, read for some of these at a time.

    Attributes:
        columns: of the table; `_OF` among them is `owner`.
        key: their order within a conversation.
        up_to: gives the bound of the key; None where the key is no id.
        only: which rows of the table.
    """

    table: Table
    columns: tuple[Column, ...]
    key: str
    owner: ColumnElement[int]
    up_to: Callable[[Snapshot], int] | None = None
    only: tuple[ColumnElement[bool], ...] = ()

    def __call__(self, store: Store, asked: Asked) -> Iterator[Batch]:
        """Stream them."""
        bound = asked.bound

        def complete(conn: Connection, rows: Rows) -> Batch:
            kept = CONVERSATIONS.kept(conn, asked.wanted, bound.mention_id, [row[0] for row in rows])
            found = conn.execute(self._query(sorted(kept), bound)).all() if kept else []
            batch = by_columns(found, len(self.columns))
            for place, column in enumerate(self.columns):
                if column.kind is Kind.WORDS:
                    batch.columns[place] = list(map(words, batch.columns[place]))
            return batch

        found = select(conversation.c.id).where(CONVERSATIONS.holds(asked.wanted, bound.mention_id))
        return streamed(store, found, conversation.c.id, complete)

    def _query(self, ids: Sequence[int], bound: Snapshot) -> Select[Any]:
        c, key = self.table.c, self.table.c[self.key]
        columns = [self.owner if one is _OF else plain(c[one.name], one.name) for one in self.columns]
        query = select(*columns).where(self._of(ids), *self.only).order_by(self.owner, key)
        return query if self.up_to is None else query.where(key <= self.up_to(bound))

    def _of(self, ids: Sequence[int]) -> ColumnElement[bool]:
        if isinstance(self.owner, Cast):
            return self.owner.clause.in_([str(one) for one in ids])
        return self.owner.in_(ids)


export_events = Belonging(
    event,
    EVENT_COLUMNS,
    "id",
    cast(event.c.object_id, BigInteger),
    lambda bound: bound.event_id,
    (event.c.object_type == "conversation",),
)
export_tags = Belonging(conversation_tag, TAG_COLUMNS, "tag", conversation_tag.c.conversation_id)
export_links = Belonging(conversation_theme, LINK_COLUMNS, "theme_id", conversation_theme.c.conversation_id)
export_promises = Belonging(promise, PROMISE_COLUMNS, "id", promise.c.conversation_id, lambda bound: bound.highest)
export_facts = Belonging(kpi_fact, FACT_COLUMNS, "id", kpi_fact.c.conversation_id, lambda bound: bound.highest)
