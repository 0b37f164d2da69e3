"""The tables that leave, in the order in which they are told: the one place that names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from store.engine import Store
from store.export_filter import Asked, ExportFilter
from store.export_finding import AUTHORS, CONVERSATIONS
from store.export_listening import (
    AUTHOR_COLUMNS,
    GAP_COLUMNS,
    QUERY_COLUMNS,
    RUN_COLUMNS,
    SOURCE_COLUMNS,
    THEME_COLUMNS,
    USER_COLUMNS,
    export_authors,
    export_gaps,
    export_queries,
    export_runs,
    export_sources,
    export_themes,
    export_users,
)
from store.export_mentions import MENTION_COLUMNS, mention_batches
from store.export_shape import Batch, Column
from store.export_work import (
    CONVERSATION_COLUMNS,
    EVENT_COLUMNS,
    FACT_COLUMNS,
    LINK_COLUMNS,
    PROMISE_COLUMNS,
    TAG_COLUMNS,
    export_conversations,
    export_events,
    export_facts,
    export_links,
    export_promises,
    export_tags,
)

LeftOut = Callable[[Connection, ExportFilter, int], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it leaves.

    Attributes:
        name: as it is asked for.
        about: what a row is.
        narrowed: what a filter does to it.
        columns: in their order.
        read: streams its rows.
        left_out: counts the rows that stay out because a platform allows no export, by source; None where none does.
    """

    name: str
    about: str
    narrowed: str
    columns: tuple[Column, ...]
    read: Callable[[Store, Asked], Iterator[Batch]]
    left_out: LeftOut | None = None


_OF_CONVERSATIONS = "Those of the conversations that the filter finds."

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            "mentions",
            "A message: what somebody said, with what became of its conversation.",
            "The messages that the filter finds.",
            MENTION_COLUMNS,
            mention_batches,
        ),
        Table(
            "conversations",
            "A thread with one customer, a topic, a review, an article: the unit of work.",
            "Those with a message that the filter finds.",
            CONVERSATION_COLUMNS,
            export_conversations,
            CONVERSATIONS.left_out,
        ),
        Table(
            "events",
            "A step in a conversation; never changed. Durations stand in the event that ended them.",
            _OF_CONVERSATIONS,
            EVENT_COLUMNS,
            export_events,
        ),
        Table(
            "kpi_facts",
            "A duration or an outcome, as it was when it happened; the figures add these up.",
            _OF_CONVERSATIONS,
            FACT_COLUMNS,
            export_facts,
        ),
        Table(
            "authors",
            "An account on a platform.",
            "Those who wrote a message that the filter finds.",
            AUTHOR_COLUMNS,
            export_authors,
            AUTHORS.left_out,
        ),
        Table("tags", "A tag of a conversation.", _OF_CONVERSATIONS, TAG_COLUMNS, export_tags),
        Table(
            "themes",
            "What many conversations raise.",
            "Those of the filter; all of them, where it names none.",
            THEME_COLUMNS,
            export_themes,
        ),
        Table("theme_links", "A conversation raises a theme.", _OF_CONVERSATIONS, LINK_COLUMNS, export_links),
        Table(
            "promises", "Something that was promised in an answer.", _OF_CONVERSATIONS, PROMISE_COLUMNS, export_promises
        ),
        Table("users", "A colleague.", "Nothing: all of them.", USER_COLUMNS, export_users),
        Table(
            "sources",
            "A configured source, with its health now.",
            "Those of the filter; all of them, where it names none.",
            SOURCE_COLUMNS,
            export_sources,
        ),
        Table(
            "runs",
            "One time that a source was asked: what was asked, received and stored.",
            "Those of the filter's sources that began in its period.",
            RUN_COLUMNS,
            export_runs,
        ),
        Table(
            "gaps",
            "A stretch of time that a source does not cover.",
            "Those of the filter's sources that overlap its period.",
            GAP_COLUMNS,
            export_gaps,
        ),
        Table(
            "queries",
            "A version of a brand's query.",
            "Those of the filter's brands; all of them, where it names none.",
            QUERY_COLUMNS,
            export_queries,
        ),
    )
}
