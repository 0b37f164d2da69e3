"""One conversation opened: its mentions with authors, edits, HTML, duplicates, tags, notes and history.

Everything is read by key or along an index; a thread of thousands is paged from its newest end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, literal, select, tuple_

from store.schema import author, conversation, conversation_tag, event, mention, mention_brand, mention_html, note
from store.types import Instant


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A mention as it is stored, with its author's name. Instants aware UTC, `rating` and confidences 0-1."""

    id: int
    platform: str
    source_id: str
    external_id: str
    conversation_id: int
    author_id: int | None
    kind: str
    direction: str
    visibility: str
    title: str | None
    text: str
    lang: str
    lang_confidence: float | None
    sentiment: str | None
    sentiment_score: float | None
    sentiment_confidence: float | None
    sentiment_corrected_by: int | None
    sentiment_by: str | None
    rating_raw: float | None
    rating_scale: float | None
    rating: float | None
    url: str | None
    parent_external_id: str | None
    thread_external_id: str | None
    likes: int | None
    replies: int | None
    shares: int | None
    views: int | None
    published_at: datetime | None
    sort_at: datetime
    edited_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    deleted_at: datetime | None
    capabilities: Any
    extra: Any
    dup_of: int | None
    flags: Any
    revision: int
    author_name: str | None
    author_handle: str | None
    author_is_staff: bool
    author_is_bot: bool


@dataclass(frozen=True, slots=True)
class MentionPage:
    """A stretch of a thread, oldest first; `more` tells that older mentions stand before it."""

    rows: tuple[MentionRow, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """An account on a platform."""

    id: int
    external_id: str
    platform: str
    handle: str | None
    name: str | None
    url: str | None
    followers: int | None
    is_staff: bool
    is_bot: bool
    person_id: int | None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """An internal note. `author_name` stands where the author has no seat; `author_id` is 0 then."""

    id: int
    conversation_id: int
    author_id: int
    author_name: str | None
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened to an object."""

    id: int
    at: datetime
    actor_type: str
    actor_id: int | None
    object_type: str
    object_id: str
    action: str
    before: Any
    after: Any
    reason: str | None
    cycle: int | None
    wall_s: float | None
    business_s: float | None
    undo_of: int | None


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A mention that says the same as another. From `status` on: of the conversation that holds it."""

    mention_id: int
    dup_of: int
    conversation_id: int
    platform: str
    source_id: str
    url: str | None
    sort_at: datetime
    views: int | None
    shares: int | None
    likes: int | None
    capabilities: Any
    author_name: str | None
    author_handle: str | None
    followers: int | None
    status: str
    is_open: bool
    version: int
    n_inbound: int


def _columns(kind: type, table: Any, without: Iterable[str] = ()) -> list[ColumnElement[Any]]:
    left_out = set(without)
    return [table.c[field.name] for field in fields(kind) if field.name not in left_out]


_AUTHORS = select(*_columns(AuthorRow, author)).where(author.c.id.in_(bindparam("ids", expanding=True)))
_AUTHOR = {"author_name", "author_handle", "author_is_staff", "author_is_bot"}
_MENTION_COLUMNS = [
    *_columns(MentionRow, mention, _AUTHOR),
    author.c.name,
    author.c.handle,
    author.c.is_staff,
    author.c.is_bot,
]


def mentions_of(
    conn: Connection, conversation_id: int, *, limit: int = 200, before: tuple[datetime, int] | None = None
) -> MentionPage:
    """The newest mentions of a conversation, or those before one. Served by ix_mention_thread.

    Args:
        conn: a connection of `Store.read()`.
        conversation_id: the conversation.
        limit: at most so many.
        before: (sort_at, id) of the first mention of the page that is already shown.
    """
    rows = conn.execute(thread_query(conversation_id, limit + 1, before)).all()
    return MentionPage(tuple(_mention(row) for row in reversed(rows[:limit])), more=len(rows) > limit)


def thread_query(conversation_id: int, limit: int, before: tuple[datetime, int] | None) -> Select[Any]:
    """The query of `mentions_of`, newest first."""
    query = (
        select(*_MENTION_COLUMNS)
        .select_from(mention.outerjoin(author, author.c.id == mention.c.author_id))
        .where(mention.c.conversation_id == conversation_id)
        .order_by(mention.c.sort_at.desc(), mention.c.id.desc())
        .limit(limit)
    )
    if before is None:
        return query
    return query.where(
        tuple_(mention.c.sort_at, mention.c.id) < tuple_(literal(before[0], Instant()), literal(before[1]))
    )


def mentions_by_id(conn: Connection, mention_ids: Iterable[int]) -> dict[int, MentionRow]:
    """Mentions by id (primary key); ids that do not exist are missing."""
    query = select(*_MENTION_COLUMNS).select_from(mention.outerjoin(author, author.c.id == mention.c.author_id))
    rows = conn.execute(query.where(mention.c.id.in_(list(mention_ids))))
    return {row[0]: _mention(row) for row in rows}


def html_of(conn: Connection, mention_ids: Sequence[int]) -> dict[int, str]:
    """Sanitised HTML of mentions that came as HTML (primary key)."""
    if not mention_ids:
        return {}
    query = select(mention_html.c.mention_id, mention_html.c.html).where(mention_html.c.mention_id.in_(mention_ids))
    return dict(conn.execute(query).all())


def brands_of(conn: Connection, mention_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Brands of mentions, by name. Served by ix_mention_brand_mention."""
    c = mention_brand.c
    query = select(c.mention_id, c.brand_id).where(c.mention_id.in_(_written_out(mention_ids)))
    return _gather(conn, query.order_by(c.mention_id, c.brand_id))


def tags_of(conn: Connection, conversation_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Tags of conversations, by name. Served by ix_conversation_tag_conversation."""
    c = conversation_tag.c
    query = select(c.conversation_id, c.tag).where(c.conversation_id.in_(_written_out(conversation_ids)))
    return _gather(conn, query.order_by(c.conversation_id, c.tag))


def notes_of(conn: Connection, conversation_id: int) -> list[NoteRow]:
    """Notes that were not deleted, oldest first. Served by ix_note_conversation."""
    query = (
        select(*_columns(NoteRow, note))
        .where(note.c.conversation_id == conversation_id, note.c.deleted_at.is_(None))
        .order_by(note.c.id)
    )
    return [NoteRow(*row) for row in conn.execute(query)]


def events_of(
    conn: Connection, object_type: str, object_id: str, *, limit: int = 200, before: int | None = None
) -> list[EventRow]:
    """The newest events of an object, newest first. Served by ix_event_object.

    Args:
        conn: a connection of `Store.read()`.
        object_type: conversation, user, source or session.
        object_id: its id as text.
        limit: at most so many.
        before: only events with a smaller id.
    """
    query = (
        select(*_columns(EventRow, event))
        .where(event.c.object_type == object_type, event.c.object_id == object_id)
        .order_by(event.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(event.c.id < before)
    return [EventRow(*row) for row in conn.execute(query)]


def authors_by_id(conn: Connection, author_ids: Iterable[int]) -> dict[int, AuthorRow]:
    """Authors by id (primary key); ids that do not exist are missing."""
    rows = conn.execute(_AUTHORS, {"ids": list(author_ids)})
    return {row[0]: AuthorRow(*row) for row in rows}


def copies_in(conn: Connection, conversation_id: int, *, limit: int = 200) -> list[CopyRow]:
    """What was folded under the mentions of a conversation and stands, oldest first. Served by ix_mention_dup_of."""
    c, first = mention.c, mention.alias("first")
    query = (
        select(
            c.id,
            c.dup_of,
            c.conversation_id,
            c.platform,
            c.source_id,
            c.url,
            c.sort_at,
            c.views,
            c.shares,
            c.likes,
            c.capabilities,
            author.c.name,
            author.c.handle,
            author.c.followers,
            conversation.c.status,
            conversation.c.is_open,
            conversation.c.version,
            conversation.c.n_inbound,
        )
        .select_from(
            first.join(mention, c.dup_of == first.c.id)
            .join(conversation, conversation.c.id == c.conversation_id)
            .outerjoin(author, author.c.id == c.author_id)
        )
        .where(first.c.conversation_id == conversation_id, c.id != c.dup_of, c.deleted_at.is_(None))
        .order_by(c.sort_at, c.id)
        .limit(limit)
    )
    rows: list[Any] = list(conn.execute(query))
    return [CopyRow(*row) for row in rows]


def _mention(row: Sequence[Any]) -> MentionRow:
    values = list(row)
    values[-2:] = [bool(values[-2]), bool(values[-1])]  # NULL when the mention has no author
    return MentionRow(*values)


def _written_out(ids: Iterable[int]) -> BindParameter[Any]:
    """Ids as part of the statement: hundreds of parameters cost psycopg more than the rows."""
    return bindparam("ids", list(ids), expanding=True, literal_execute=True)


def _gather(conn: Connection, query: Select[Any]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for key, value in conn.execute(query):
        found[key] = (*found.get(key, ()), value)
    return found
