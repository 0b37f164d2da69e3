"""Full-text search over mentions and the conversations they belong to: newest first, always bounded.

A search chooses one of three ways by looking first how much there is on either side:

* few hits (at most FEW_HITS): all of them are taken, then joined and filtered. On PostgreSQL this also avoids the
  trap that `ORDER BY id DESC LIMIT 50` walks the whole table backwards for a rare word (20-50 s at 10 million rows);
* few candidates (open work, a source or an agent's work of at most FEW_CANDIDATES conversations): the mentions of
  each are probed in the word's list;
* otherwise the hits are walked newest first until the page is full, at most WALK_MENTIONS per page.

Every way gives the same order: by the newest matching mention of a conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    column,
    desc,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)

from store.cards import Page, cards_by_id
from store.filters import NOBODY, ConversationFilter, Nested, Residual, Route, filtered
from store.ordering import Order, Position, decode, encode
from store.schema import conversation, mention
from store.search_nodes import (
    AllOf,
    AnyOf,
    Not,
    Phrase,
    Prefix,
    Search,
    SearchNode,
    SearchTooLargeError,
    Term,
    fts5_match,
    settle,
    tsquery,
)

__all__ = [
    "AllOf",
    "AnyOf",
    "MentionHit",
    "Not",
    "Phrase",
    "Prefix",
    "SearchNode",
    "SearchTooLargeError",
    "Term",
    "count_matching",
    "matching_ids",
    "search_conversations",
    "search_mentions",
]

FEW_HITS = 5_000
FEW_CANDIDATES = 20_000
WALK_MENTIONS = 50_000
RANKED_MENTIONS = 2_000
_STEPS = (500, 2_000, 10_000, WALK_MENTIONS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_fts = table("mention_fts", column("rowid", BigInteger), column("mention_fts"), column("rank"))
_tsv = table("mention_search", column("mention_id", BigInteger), column("tsv"))


@dataclass(frozen=True, slots=True)
class MentionHit:
    """A mention that matches, and its conversation."""

    mention_id: int
    conversation_id: int


def search_conversations(conn: Connection, wanted: ConversationFilter, *, limit: int, cursor: str | None) -> Page:
    """Conversations with a mention that matches `wanted.text`, newest match first.

    A page can be shorter than `limit`, even empty, and still have a next one: the walk over a common word stops
    after WALK_MENTIONS mentions.

    Raises:
        SearchTooLargeError: the search is too large to run.
    """
    search = None if wanted.text is None else settle(wanted.text)
    if search is None:
        return Page(())
    position = decode(cursor, Order.MATCH)
    found, walked_to = _matching(conn, wanted, search, limit=limit, before=None if position is None else position.id)
    cards = cards_by_id(conn, [hit.conversation_id for hit in found])
    rows = tuple(cards[hit.conversation_id] for hit in found)
    return Page(rows, None if walked_to is None else encode(Position(Order.MATCH, None, 0, _EPOCH, walked_to)))


def count_matching(conn: Connection, wanted: ConversationFilter, *, limit: int) -> int:
    """How many conversations match, counted no further than `limit`."""
    search = None if wanted.text is None else settle(wanted.text)
    if search is None:
        return 0
    return len(_matching(conn, wanted, search, limit=limit, before=None)[0])


def search_mentions(
    conn: Connection,
    node: SearchNode,
    *,
    limit: int = 50,
    before: int | None = None,
    order: Literal["newest", "relevant"] = "newest",
) -> list[MentionHit]:
    """Mentions that match, on their own.

    Args:
        conn: a connection of `Store.read()`.
        node: what to look for.
        limit: at most so many.
        before: only mentions with a smaller id: the last one of the page before.
        order: newest first, or the most relevant of the newest 2,000 matches. Ranking all matches of a common
            word would take seconds. A search for what does *not* contain something has no relevance: newest.

    Raises:
        SearchTooLargeError: the search is too large to run.
    """
    search = settle(node)
    if search is None:
        return []
    if order == "relevant" and not search.negated:
        ids = list(conn.execute(ranked_hits(search, limit, before, dialect=conn.dialect.name)).scalars())
    elif _few_hits(conn, search):
        ids = list(conn.execute(gathered_hits(search, limit, before, dialect=conn.dialect.name)).scalars())
    else:
        ids = list(conn.execute(walked_hits(search, limit, before, dialect=conn.dialect.name)).scalars())
    owners = dict(conn.execute(select(mention.c.id, mention.c.conversation_id).where(mention.c.id.in_(ids))).all())
    return [MentionHit(row_id, owners[row_id]) for row_id in ids if row_id in owners]


def hits(search: Search, *, dialect: str) -> Select[Any]:
    """Ids of all mentions that match, as column `id`, in no order."""
    if dialect == "sqlite":
        if not search.negated:
            return select(_fts.c.rowid.label("id")).where(_matches(search))
        return select(mention.c.id).where(~exists().where(_matches(search), _fts.c.rowid == mention.c.id))
    found = _tsv.c.tsv.op("@@")(tsquery(search.positive))
    return select(_tsv.c.mention_id.label("id")).where(func.coalesce(~found, True) if search.negated else found)


def _id_column(search: Search, dialect: str) -> ColumnElement[int]:
    if dialect != "sqlite":
        return _tsv.c.mention_id
    return mention.c.id if search.negated else _fts.c.rowid


def walked_hits(search: Search, limit: int, before: int | None, *, dialect: str) -> Select[Any]:
    """The newest matching mentions along the ids, downwards."""
    found = hits(search, dialect=dialect)
    row_id = _id_column(search, dialect)
    if before is not None:
        found = found.where(row_id < before)
    return found.order_by(row_id.desc()).limit(limit)


def gathered_hits(search: Search, limit: int, before: int | None, *, dialect: str) -> Select[Any]:
    """The newest matching mentions of a search with few: all are taken, then sorted."""
    found = _materialized(hits(search, dialect=dialect), "hit")
    query = select(found.c.id).order_by(found.c.id.desc()).limit(limit)
    return query if before is None else query.where(found.c.id < before)


def matching_ids(node: SearchNode, *, after: int, up_to: int, dialect: str) -> Select[Any] | None:
    """Ids of the matching mentions in (after, up_to], for filtering an export; None when nothing can match.

    Raises:
        SearchTooLargeError: the search is too large to run.
    """
    search = settle(node)
    if search is None:
        return None
    row_id = _id_column(search, dialect)
    return hits(search, dialect=dialect).where(row_id > after, row_id <= up_to)


def ranked_hits(search: Search, limit: int, before: int | None, *, dialect: str) -> Select[Any]:
    """The most relevant of the newest RANKED_MENTIONS matches; equal ranks newest first."""
    newest = _materialized(walked_hits(search, RANKED_MENTIONS, before, dialect=dialect), "newest")
    if dialect == "sqlite":
        # FTS5 gives smaller ranks to better matches. The lower bound keeps its scan on the newest ones.
        first = select(func.min(newest.c.id)).scalar_subquery()
        query = select(_fts.c.rowid).where(_matches(search), _fts.c.rowid >= first)
        if before is not None:
            query = query.where(_fts.c.rowid < before)
        return query.order_by(_fts.c.rank, _fts.c.rowid.desc()).limit(limit)
    rank = func.ts_rank(_tsv.c.tsv, tsquery(search.positive))
    return (
        select(_tsv.c.mention_id)
        .join(newest, newest.c.id == _tsv.c.mention_id)
        .order_by(rank.desc(), _tsv.c.mention_id.desc())
        .limit(limit)
    )


def gathered_conversations(
    wanted: ConversationFilter, search: Search, limit: int, before: int | None, *, dialect: str
) -> Select[Any]:
    """Conversations of a search with few hits: hit, mention, conversation, in that order."""
    hit = _materialized(hits(search, dialect=dialect), "hit")
    newest = func.max(hit.c.id)
    way = Nested(hit, mention, mention.c.id == hit.c.id)
    query = (
        select(mention.c.conversation_id, newest)
        .select_from(Nested(way, conversation, conversation.c.id == mention.c.conversation_id))
        .where(*filtered(wanted, Route()))
        .group_by(mention.c.conversation_id)
        .order_by(desc(newest))
        .limit(limit)
    )
    return query if before is None else query.having(newest < before)


def probed_conversations(
    wanted: ConversationFilter, route: Route, search: Search, limit: int, before: int | None, *, dialect: str
) -> Select[Any]:
    """Conversations of a search inside few candidates: each of their mentions is looked up in the full text."""
    candidates = (
        select(mention.c.id, mention.c.conversation_id)
        .select_from(Nested(conversation, mention, mention.c.conversation_id == conversation.c.id))
        .where(*filtered(wanted, route))
    )
    some = _materialized(candidates, "candidate")
    newest = func.max(some.c.id)
    query = select(some.c.conversation_id, newest).group_by(some.c.conversation_id).order_by(desc(newest)).limit(limit)
    if search.negated:
        query = query.where(~_match_of(search, some.c.id, dialect))
    elif dialect == "sqlite":
        query = query.select_from(Nested(some, _fts, _fts.c.rowid == some.c.id)).where(_matches(search))
    else:
        query = query.join(_tsv, _tsv.c.mention_id == some.c.id).where(_tsv.c.tsv.op("@@")(tsquery(search.positive)))
    return query if before is None else query.having(newest < before)


def walked_conversations(
    wanted: ConversationFilter, search: Search, step: int, before: int | None, *, dialect: str
) -> Select[Any]:
    """The newest `step` hits, with the conversations among them that pass the filter.

    Returns rows (mention id, conversation id or None, how many hits there were), newest first. The last hit
    always stands in it, so that the caller knows how far the walk came.
    """
    hit = _materialized(walked_hits(search, step, before, dialect=dialect), "hit")
    passing = and_(conversation.c.id == mention.c.conversation_id, *filtered(wanted, Route()))
    walked = select(func.count()).select_from(hit).scalar_subquery()
    last = select(func.min(hit.c.id)).scalar_subquery()
    return (
        select(hit.c.id, conversation.c.id, walked)
        .select_from(hit.outerjoin(mention, mention.c.id == hit.c.id).outerjoin(conversation, passing))
        .where(or_(conversation.c.id.is_not(None), hit.c.id == last))
        .order_by(hit.c.id.desc())
    )


def _matching(
    conn: Connection, wanted: ConversationFilter, search: Search, *, limit: int, before: int | None
) -> tuple[list[MentionHit], int | None]:
    """Conversations by their newest hit, and the hit the next page starts behind (None: there is no more)."""
    dialect = conn.dialect.name
    if _few_hits(conn, search):
        query = gathered_conversations(wanted, search, limit + 1, before, dialect=dialect)
        return _complete(conn, query, limit)
    walk = _Walk(before)
    for step in _STEPS:
        _walk_on(conn, wanted, search, walk, step)
        if walk.ended or len(walk.found) >= limit:
            break
        if step == _STEPS[0] and (route := _narrow(conn, wanted)) is not None:
            query = probed_conversations(wanted, route, search, limit + 1, before, dialect=dialect)
            return _complete(conn, query, limit)
    if len(walk.found) > limit or (len(walk.found) == limit and not walk.ended):
        return walk.found[:limit], walk.found[limit - 1].mention_id
    return walk.found, None if walk.ended else walk.position


class _Walk:
    """How far a walk over hits came."""

    def __init__(self, before: int | None) -> None:
        self.start = before
        self.position = before
        self.ended = False
        self.found: list[MentionHit] = []
        self.seen: set[int] = set()


def _walk_on(conn: Connection, wanted: ConversationFilter, search: Search, walk: _Walk, step: int) -> None:
    """Walk over the next `step` hits and add the conversations that were not met yet."""
    rows = conn.execute(walked_conversations(wanted, search, step, walk.position, dialect=conn.dialect.name)).all()
    walk.ended = not rows or rows[0][2] < step
    if not rows:
        return
    walk.position = rows[-1][0]
    met = [MentionHit(row[0], row[1]) for row in rows if row[1] is not None and row[1] not in walk.seen]
    if walk.start is not None and met:
        walk.seen |= _shown_before(conn, search, {hit.conversation_id for hit in met}, walk.start)
    for hit in met:
        if hit.conversation_id not in walk.seen:
            walk.seen.add(hit.conversation_id)
            walk.found.append(hit)


def _shown_before(conn: Connection, search: Search, conversation_ids: set[int], start: int) -> set[int]:
    """Those of the conversations that have a newer match, on a page before. Served by ix_mention_thread."""
    dialect = conn.dialect.name
    match = _match_of(search, mention.c.id, dialect)
    query = (
        select(mention.c.conversation_id)
        .distinct()
        .where(mention.c.conversation_id.in_(conversation_ids), Residual.of(mention.c.id) >= start)
        .where(~match if search.negated else match)
    )
    return set(conn.execute(query).scalars())


def _complete(conn: Connection, query: Select[Any], limit: int) -> tuple[list[MentionHit], int | None]:
    found = [MentionHit(row[1], row[0]) for row in conn.execute(query)]
    return found[:limit], found[limit - 1].mention_id if len(found) > limit else None


def _few_hits(conn: Connection, search: Search) -> bool:
    if search.negated:
        return False
    some = hits(search, dialect=conn.dialect.name).limit(FEW_HITS + 1).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one() <= FEW_HITS


def _narrow(conn: Connection, wanted: ConversationFilter) -> Route | None:
    """The way to the conversations a filter leaves, when an index leads to them and they are few."""
    if wanted.scope == "open":
        route = Route(partial=True)
    elif wanted.assignee_id is not None and wanted.assignee_id is not NOBODY:
        route = Route(lookup=frozenset({"assignee_id"}))
    elif len(wanted.source_ids) == 1:
        route = Route(lookup=frozenset({"source_id"}))
    else:
        return None
    some = select(literal(1)).select_from(conversation).where(*filtered(wanted, route))
    query = select(func.count()).select_from(some.limit(FEW_CANDIDATES + 1).subquery())
    return route if conn.execute(query).scalar_one() <= FEW_CANDIDATES else None


def _matches(search: Search) -> ColumnElement[bool]:
    return literal_column("mention_fts").op("MATCH", is_comparison=True)(literal(fts5_match(search.positive)))


def _match_of(search: Search, mention_id: ColumnElement[int], dialect: str) -> ColumnElement[bool]:
    """Whether one mention matches the positive part of a search."""
    if dialect == "sqlite":
        return exists().where(_matches(search), _fts.c.rowid == mention_id)
    found = _tsv.c.tsv.op("@@")(tsquery(search.positive))
    return exists().where(found, _tsv.c.mention_id == mention_id)


def _materialized(query: Select[Any], name: str) -> CTE:
    """A CTE that is run once, as it stands. Neither planner may fold it into the query around it."""
    return query.cte(name).prefix_with("MATERIALIZED")
