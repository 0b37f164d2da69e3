"""Mentions streamed out in id order, in constant memory. Does not know file formats: `inbox` writes those.

A run is bounded by the highest mention id at its start, so that running it again with the same filter and that
bound gives the same rows in the same order (but for rows edited or erased in between).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from store.engine import Store
from store.filters import NOBODY, Nobody, Residual, tagged
from store.schema import author, conversation, mention, mention_brand
from store.search import matching_ids
from store.search_nodes import SearchNode
from store.thread import brands_of, tags_of

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """What to export. Empty tuples and None mean "any"; several values of one field mean "one of these".

    Attributes:
        since, until: on the mention's `sort_at`, [since, until).
        statuses, team_id, assignee_id, priorities, whys, tags: of the mention's conversation.
        text: search in title and text of the mention.
    """

    since: datetime | None = None
    until: datetime | None = None
    source_ids: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    visibility: str | None = None
    brand_ids: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    whys: tuple[str, ...] = ()
    team_id: str | Nobody | None = None
    assignee_id: int | Nobody | None = None
    tags: tuple[str, ...] = ()
    text: SearchNode | None = None


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One mention as it leaves. Instants aware UTC; `rating` 0-1; `brand_ids` and `tags` in order of name."""

    id: int
    conversation_id: int
    platform: str
    source_id: str
    external_id: str
    kind: str
    direction: str
    visibility: str
    published_at: datetime | None
    sort_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    revision: int
    author_id: int | None
    author_handle: str | None
    author_name: str | None
    author_url: str | None
    author_followers: int | None
    title: str | None
    text: str
    lang: str
    lang_confidence: float | None
    sentiment: str | None
    sentiment_score: float | None
    sentiment_confidence: float | None
    rating_raw: float | None
    rating_scale: float | None
    rating: float | None
    likes: int | None
    replies: int | None
    shares: int | None
    views: int | None
    url: str | None
    parent_external_id: str | None
    thread_external_id: str | None
    dup_of: int | None
    flags: tuple[str, ...]
    conversation_status: str
    conversation_team_id: str | None
    conversation_assignee_id: int | None
    conversation_priority: int
    conversation_why: str | None
    brand_ids: tuple[str, ...]
    tags: tuple[str, ...]


def _column(name: str) -> ColumnElement[Any]:
    table, plain = mention, name
    for prefix, joined in (("author_", author), ("conversation_", conversation)):
        if name.startswith(prefix) and name not in mention.c:
            table, plain = joined, name.removeprefix(prefix)
    return table.c[plain].label(f"out_{name}")


_PLAIN = [field.name for field in fields(ExportRow)][:-2]
_COLUMNS = [_column(name) for name in _PLAIN]
_FLAGS, _CONVERSATION = _PLAIN.index("flags"), _PLAIN.index("conversation_id")


def snapshot(conn: Connection) -> int:
    """The highest mention id now, 0 when there is none: the bound that makes an export repeatable (primary key)."""
    return int(conn.execute(select(func.max(mention.c.id))).scalar_one() or 0)


def export_mentions(
    store: Store, wanted: ExportFilter, *, up_to: int | None = None, after: int = 0
) -> Iterator[ExportRow]:
    """Stream the mentions of a filter in id order.

    On PostgreSQL one server-side cursor reads one snapshot. On SQLite each batch is a short transaction of its
    own, because a reader that stays open keeps the write-ahead log from being moved into the file.

    Args:
        store: the store.
        wanted: the filter.
        up_to: highest id; None takes the highest there is now.
        after: start behind this id, to go on with an export that broke off.

    Raises:
        SearchTooLargeError: the search is too large to run.
    """
    if up_to is None:
        with store.read() as conn:
            up_to = snapshot(conn)
    if store.is_sqlite:
        yield from _in_batches(store, wanted, after, up_to)
    else:
        yield from _streamed(store, wanted, after, up_to)


def export_query(wanted: ExportFilter, after: int, up_to: int) -> Select[Any]:
    """The query of an export but for its text, a walk along the primary key of mention."""
    return (
        select(*_COLUMNS)
        .select_from(
            mention.join(conversation, conversation.c.id == mention.c.conversation_id).outerjoin(
                author, author.c.id == mention.c.author_id
            )
        )
        .where(mention.c.id > after, mention.c.id <= up_to, *_conditions(wanted))
        .order_by(mention.c.id)
    )


def _in_batches(store: Store, wanted: ExportFilter, after: int, up_to: int) -> Iterator[ExportRow]:
    while True:
        with store.read() as conn:
            query = export_query(wanted, after, up_to).limit(BATCH)
            if wanted.text is None:
                rows = _complete(conn, conn.execute(query).all())
                ended = len(rows) < BATCH
                after = rows[-1].id if rows else after
            else:
                ids = _next_matching(conn, wanted.text, after, up_to)
                rows = _complete(conn, conn.execute(query.where(mention.c.id.in_(ids))).all())
                ended = len(ids) < BATCH
                after = ids[-1] if ids else after
        yield from rows
        if ended:
            return


def _next_matching(conn: Connection, node: SearchNode, after: int, up_to: int) -> list[int]:
    found = matching_ids(node, after=after, up_to=up_to, dialect=conn.dialect.name)
    return [] if found is None else list(conn.execute(found.order_by("id").limit(BATCH)).scalars())


def _streamed(store: Store, wanted: ExportFilter, after: int, up_to: int) -> Iterator[ExportRow]:
    with store.read() as conn:
        query = export_query(wanted, after, up_to)
        if wanted.text is not None:
            matching = matching_ids(wanted.text, after=after, up_to=up_to, dialect=conn.dialect.name)
            if matching is None:
                return
            query = query.where(mention.c.id.in_(matching))
        with conn.execution_options(stream_results=True, yield_per=BATCH).execute(query) as result:
            for rows in result.partitions(BATCH):
                yield from _complete(conn, rows)


def _complete(conn: Connection, rows: Sequence[Sequence[Any]]) -> list[ExportRow]:
    """Add brands and tags, in two look-ups per batch."""
    brands = brands_of(conn, [row[0] for row in rows])
    tags = tags_of(conn, {row[_CONVERSATION] for row in rows})
    found = []
    for row in rows:
        values = list(row)
        values[_FLAGS] = tuple(values[_FLAGS] or ())
        values += [brands.get(row[0], ()), tags.get(row[_CONVERSATION], ())]
        found.append(ExportRow(*values))
    return found


def _conditions(wanted: ExportFilter) -> list[ColumnElement[bool]]:
    of_mention: dict[str, tuple[Any, ...]] = {
        "source_id": wanted.source_ids,
        "platform": wanted.platforms,
        "lang": wanted.langs,
        "kind": wanted.kinds,
        "sentiment": wanted.sentiments,
        "direction": wanted.directions,
        "visibility": () if wanted.visibility is None else (wanted.visibility,),
    }
    of_conversation: dict[str, tuple[Any, ...]] = {
        "status": wanted.statuses,
        "priority": wanted.priorities,
        "why": wanted.whys,
    }
    found: list[ColumnElement[bool]] = [
        Residual.of(mention.c[name]).in_(values) for name, values in of_mention.items() if values
    ]
    found += [Residual.of(conversation.c[name]).in_(values) for name, values in of_conversation.items() if values]
    for name, value in (("team_id", wanted.team_id), ("assignee_id", wanted.assignee_id)):
        if value is NOBODY:
            found.append(Residual.of(conversation.c[name]).is_(None))
        elif value is not None:
            found.append(Residual.of(conversation.c[name]) == value)
    if wanted.since is not None:
        found.append(Residual.of(mention.c.sort_at) >= wanted.since)
    if wanted.until is not None:
        found.append(Residual.of(mention.c.sort_at) < wanted.until)
    if wanted.brand_ids:
        c = mention_brand.c
        of_brand = select(literal(1)).where(c.mention_id == mention.c.id, c.brand_id.in_(wanted.brand_ids))
        found.append(of_brand.exists())
    if wanted.tags:
        found.append(tagged(wanted.tags))
    return found
