"""Full-text search over mentions and the conversations they belong to: newest first, always bounded.

A search chooses one of three ways by looking first how much there is on either side:

* few hits (at most FEW_HITS): all of them are taken, then joined and filtered. On PostgreSQL this also avoids the
  trap that `ORDER BY id DESC LIMIT 50` walks the whole table backwards for a rare word (20-50 s at 10 million rows);
* few candidates (open work, a source or an agent's work of at most FEW_CANDIDATES conversations): their mentions are
  compared with the hits;
* otherwise the hits are walked newest first until the page is full, at most WALK_MENTIONS per page. A search for what
  does *not* match walks the mentions themselves, and takes the hits of that stretch out.

Every way gives the same order: by the newest matching mention of a conversation.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Select,
    func,
    literal,
    select,
)

from store.cards import Page, cards_by_id
from store.filters import NOBODY, ConversationFilter, Residual, Route, filtered
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
    is_plain,
    settle,
)
from store.search_queries import (
    gathered_conversations,
    gathered_hits,
    hits,
    id_column,
    lacks,
    match_of,
    probed_conversations,
    ranked_hits,
    stretch,
    walked_conversations,
    walked_hits,
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
FEW_PROBES = 1_000
WALK_MENTIONS = 50_000
_STEPS = (500, 2_000, 10_000, WALK_MENTIONS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    elif search.negated:
        ids = _not_matching(conn, search, limit, before)
    elif _few_hits(conn, search):
        ids = list(conn.execute(gathered_hits(search, limit, before, dialect=conn.dialect.name)).scalars())
    else:
        ids = list(conn.execute(walked_hits(search, limit, before, dialect=conn.dialect.name)).scalars())
    owners = dict(conn.execute(select(mention.c.id, mention.c.conversation_id).where(mention.c.id.in_(ids))).all())
    return [MentionHit(row_id, owners[row_id]) for row_id in ids if row_id in owners]


def _not_matching(conn: Connection, search: Search, limit: int, before: int | None) -> list[int]:
    """The newest mentions that do not match, found stretch by stretch."""
    found: list[int] = []
    for step in itertools.chain(_STEPS, itertools.repeat(WALK_MENTIONS)):
        some = stretch(step, before)
        query = select(some.c.id, lacks(search, some, conn.dialect.name)).order_by(some.c.id.desc())
        rows = conn.execute(query).all()
        found += [row[0] for row in rows if row[1]]
        if len(found) >= limit or len(rows) < step:
            break
        before = rows[-1][0]
    return found[:limit]


def matching_ids(node: SearchNode, *, after: int, up_to: int, dialect: str) -> Select[Any] | None:
    """Ids of the matching mentions in (after, up_to], for filtering an export; None when nothing can match.

    Raises:
        SearchTooLargeError: the search is too large to run.
    """
    search = settle(node)
    if search is None:
        return None
    row_id = id_column(dialect)
    found = hits(search, dialect=dialect).where(row_id > after, row_id <= up_to)
    if not search.negated:
        return found
    return select(mention.c.id).where(mention.c.id > after, mention.c.id <= up_to, mention.c.id.not_in(found))


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
        if step == _STEPS[0] and (narrow := _narrow(conn, wanted)) is not None:
            route, candidates = narrow
            each = is_plain(search.positive) and candidates <= FEW_PROBES
            query = probed_conversations(wanted, route, search, limit + 1, before, one_by_one=each, dialect=dialect)
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
    match = match_of(search, mention.c.id, dialect, one_by_one=is_plain(search.positive), since=start)
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
        return False  # what lacks something is nearly everything
    some = hits(search, dialect=conn.dialect.name).limit(FEW_HITS + 1).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one() <= FEW_HITS


def _narrow(conn: Connection, wanted: ConversationFilter) -> tuple[Route, int] | None:
    """The way to the conversations a filter leaves and their number, when an index leads to them and they are few."""
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
    n = conn.execute(query).scalar_one()
    return (route, n) if n <= FEW_CANDIDATES else None
