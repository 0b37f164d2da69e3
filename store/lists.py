"""Lists of conversations: one page at a time, by keyset, never by OFFSET, each along an index in its own order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, literal, literal_column, or_, select, tuple_

from store import named, promises
from store.cards import CARD_COLUMNS, ConversationRow, Page, card
from store.filters import NOBODY, ConversationFilter, Residual, Route, filtered, walked
from store.offered import KeptBack, offered
from store.ordering import DueKey, Order, Position, decode, encode, never
from store.schema import conversation, conversation_tag, conversation_theme, mention, mention_brand
from store.search import search_conversations
from store.types import Instant

MAX_PAGE = 500
RARE = 1000
"""A brand with at most so many mentions is looked up and sorted; a commoner one is met along the walk."""

GATHERED = 5_000
"""Tags and themes of at most so many conversations are looked up and sorted; commoner ones are met soon on the walk."""

_EVERYTHING = ConversationFilter(scope="all")


def list_conversations(
    conn: Connection,
    wanted: ConversationFilter,
    *,
    order: Order = Order.INBOX,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """One page of the list.

    Served by ix_conversation_inbox, ix_conversation_inbox_source and ix_conversation_inbox_lang (the queue),
    ix_conversation_open (open work by age), ix_conversation_newest, ix_conversation_closed, ix_conversation_source,
    ix_conversation_lang and ix_conversation_assignee (everything else).

    Args:
        conn: a connection of `Store.read()`.
        wanted: the filter. With `text`, the order is newest matching mention first, whatever `order` says.
        order: the inbox order serves open work only; for other scopes it means newest first.
        limit: rows per page, at most 500.
        cursor: `next_cursor` of the page before; a damaged one, or one of another order, gives the first page.
    """
    wanted = wanted.settled()
    limit = max(1, min(limit, MAX_PAGE))
    if wanted.text is not None:
        return search_conversations(conn, wanted, limit=limit, cursor=cursor)
    order = effective_order(wanted, order)
    route = choose_route(conn, wanted, order)
    position = decode(cursor, order)
    if order is Order.INBOX:
        rows = _inbox_rows(conn, wanted, route, position, limit + 1)
    else:
        rows = [card(row) for row in conn.execute(aged(wanted, route, order, position, limit + 1)).all()]
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(tuple(rows), encode(_position(order, rows[-1])) if more else None)


def effective_order(wanted: ConversationFilter, order: Order) -> Order:
    """The inbox order is one of open work; everything else is read newest first."""
    if order is Order.INBOX and wanted.scope != "open":
        return Order.NEWEST
    return order


def choose_route(conn: Connection, wanted: ConversationFilter, order: Order = Order.INBOX) -> Route:
    """The index to walk along, or the rows themselves when they are known, or a tag or brand is rare."""
    if wanted.promised:
        return Route(ids=tuple(promises.promised(conn)))
    if wanted.naming is not None:
        return Route(ids=tuple(named.conversations_naming(conn, wanted.naming)))
    if wanted.tags and _few_of_tags(conn, wanted):
        return Route(gather_tags=True)
    if wanted.theme_ids and _few_of_themes(conn, wanted):
        return Route(gather_themes=True)
    return replace(_way(conn, wanted, order), tag_beside=len(set(wanted.tags)) == 1)


def _way(conn: Connection, wanted: ConversationFilter, order: Order) -> Route:
    if wanted.scope == "open":
        if order is not Order.INBOX:
            return Route(partial=True)
        return Route(lookup=_first_single(source_id=wanted.source_ids, lang=wanted.langs), partial=True)
    return _archive_route(conn, wanted)


def _archive_route(conn: Connection, wanted: ConversationFilter) -> Route:
    if wanted.assignee_id is not None and wanted.assignee_id is not NOBODY:
        return Route(lookup=frozenset({"assignee_id"}))
    if len(wanted.source_ids) == 1:
        return Route(lookup=frozenset({"source_id"}))
    ids = _rare_brands(conn, wanted.brand_ids) if wanted.brand_ids else None
    if ids is None and wanted.scope == "closed" and len(wanted.statuses) == 1:
        return Route(lookup=frozenset({"status"}), partial=True)
    if ids is None and replace(wanted, langs=(), brand_ids=(), since=None, until=None) == _EVERYTHING:
        # This index holds no other filter, and a visit to the table per row costs more than a longer walk.
        return Route(lookup=_first_single(lang=wanted.langs))
    return Route(ids=ids)


def _first_single(**values: tuple[str, ...]) -> frozenset[str]:
    """The first of these columns that is asked for one value only."""
    return frozenset([name for name, wanted in values.items() if len(wanted) == 1][:1])


def aged(wanted: ConversationFilter, route: Route, order: Order, position: Position | None, limit: int) -> Select[Any]:
    """The query of a list newest or oldest first."""
    at, row_id = _keys(route, conversation.c.sort_at, conversation.c.id)
    query = select(*CARD_COLUMNS).select_from(walked(wanted, route)).where(*filtered(wanted, route)).limit(limit)
    if position is not None:
        here = tuple_(literal(position.sort_at, Instant()), literal(position.id))
        there = tuple_(at, row_id)
        query = query.where(there < here if order is Order.NEWEST else there > here)
    if order is Order.NEWEST:
        return query.order_by(at.desc(), row_id.desc())
    return query.order_by(at, row_id)


def inbox_leg(
    wanted: ConversationFilter, route: Route, after: Position | None, limit: int, *, dialect: str, same_due: bool
) -> Select[Any]:
    """One stretch of the queue in its own order.

    A page continues in two legs, first the rows with the same due key, then those due later: SQLite compares
    row values along an index only where they start with plain columns, and most conversations without a due
    time share one key.
    """
    due, priority, at, row_id = _keys(
        route, DueKey(conversation.c.sla_due_at), conversation.c.priority, conversation.c.sort_at, conversation.c.id
    )
    query = select(*CARD_COLUMNS).select_from(walked(wanted, route)).where(*filtered(wanted, route)).limit(limit)
    if after is not None:
        here = never(dialect) if after.due_at is None else literal(after.due_at, Instant())
        if same_due:
            place = tuple_(literal(after.priority), literal(after.sort_at, Instant()), literal(after.id))
            query = query.where(due == here, tuple_(priority, at, row_id) > place)
            return query.order_by(priority, at, row_id)
        query = query.where(due > here)
    return query.order_by(due, priority, at, row_id)


def next_unclaimed(
    conn: Connection,
    *,
    now: datetime,
    team_ids: Sequence[str] | None = None,
    skip: Sequence[int] = (),
    kept: KeptBack | None = None,
    lock: bool = False,
) -> ConversationRow | None:
    """The first conversation of the queue that nobody has: for "next for me". Served by ix_conversation_next.

    Args:
        conn: a connection; of `Store.write()` when the row is going to be claimed.
        now: claims that ended by then do not count.
        team_ids: only work of these teams, and work without a team; None for all work.
        skip: conversations to leave out.
        kept: what is kept back from whoever asks, for want of a skill.
        lock: on PostgreSQL, lock the row and step over rows that others hold. An answer of None may then mean
            "all are locked": ask once more before saying that the queue is empty.
    """
    c = conversation.c
    # Literals, because both planners match the condition of a partial index by its text.
    queued: ColumnElement[bool] = literal_column("conversation.status IN ('new', 'open')")
    query = (
        select(*CARD_COLUMNS)
        .where(c.is_open, c.assignee_id.is_(None), queued)
        .where(or_(c.claimed_until.is_(None), c.claimed_until <= now))
        .order_by(DueKey(c.sla_due_at), c.priority, c.sort_at, c.id)
        .limit(1)
    )
    if team_ids is not None:
        team = Residual.of(c.team_id)
        query = query.where(or_(team.in_(sorted(set(team_ids))), team.is_(None)))
    if kept is not None:
        query = query.where(offered(kept))
    if skip:
        query = query.where(c.id.not_in(sorted(set(skip))))
    if lock and conn.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    row = conn.execute(query).first()
    return None if row is None else card(row)


def _inbox_rows(
    conn: Connection, wanted: ConversationFilter, route: Route, position: Position | None, limit: int
) -> list[ConversationRow]:
    dialect = conn.dialect.name
    rows: list[ConversationRow] = []
    if position is not None:
        leg = inbox_leg(wanted, route, position, limit, dialect=dialect, same_due=True)
        rows = [card(row) for row in conn.execute(leg).all()]
        if len(rows) == limit or position.due_at is None:  # nothing is due later than never
            return rows
    leg = inbox_leg(wanted, route, position, limit - len(rows), dialect=dialect, same_due=False)
    return rows + [card(row) for row in conn.execute(leg).all()]


def _keys(route: Route, *columns: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    """Sort keys; where the rows are looked up, spelled so that no index is walked for them."""
    if route.ids is None and not route.gather_tags and not route.gather_themes:
        return columns
    return tuple(Residual.of(column) for column in columns)


def _position(order: Order, row: ConversationRow) -> Position:
    return Position(order, row.sla_due_at, row.priority, row.sort_at, row.id)


def _few_of_tags(conn: Connection, wanted: ConversationFilter) -> bool:
    """Whether the conversations of the tags are few enough to look each up. Served by the key of conversation_tag."""
    found = select(conversation_tag.c.conversation_id).where(conversation_tag.c.tag.in_(sorted(set(wanted.tags))))
    return not _more_than(conn, found, GATHERED)


def _few_of_themes(conn: Connection, wanted: ConversationFilter) -> bool:
    """The same of themes. Served by the key of conversation_theme."""
    c = conversation_theme.c
    found = select(c.conversation_id).where(c.theme_id.in_(sorted(set(wanted.theme_ids))))
    return not _more_than(conn, found, GATHERED)


def _rare_brands(conn: Connection, brand_ids: tuple[str, ...]) -> tuple[int, ...] | None:
    """Conversations of one of the brands, when they are few. Served by the primary key of mention_brand."""
    found = select(mention_brand.c.mention_id).where(mention_brand.c.brand_id.in_(sorted(set(brand_ids))))
    if _more_than(conn, found, RARE):
        return None
    ids = list(conn.execute(found).scalars())
    owners = select(mention.c.conversation_id).where(mention.c.id.in_(ids))
    return tuple(sorted(set(conn.execute(owners).scalars())))


def _more_than(conn: Connection, found: Select[Any], most: int) -> bool:
    """Whether there are more than so many; stepping over an index's entries costs a fifth of counting them."""
    return conn.execute(found.with_only_columns(literal(1)).offset(most).limit(1)).first() is not None
