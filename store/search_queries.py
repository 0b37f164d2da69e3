"""The queries of a full-text search, for SQLite's FTS5 and PostgreSQL's tsvector; `store.search` chooses among them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
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

from store.filters import ConversationFilter, Nested, Route, filtered
from store.schema import conversation, mention
from store.search_nodes import Search, fts5_match, tsquery

RANKED_MENTIONS = 2_000
"""Ranking all matches of a common word would take seconds."""

_fts = table("mention_fts", column("rowid", BigInteger), column("mention_fts"), column("rank"))
_tsv = table("mention_search", column("mention_id", BigInteger), column("tsv"))


def hits(search: Search, *, dialect: str) -> Select[Any]:
    """Ids of all mentions that match the positive part of a search, as column `id`, in no order."""
    if dialect == "sqlite":
        return select(_fts.c.rowid.label("id")).where(_matches(search))
    return select(_tsv.c.mention_id.label("id")).where(_tsv.c.tsv.op("@@")(tsquery(search.positive)))


def id_column(dialect: str) -> ColumnElement[int]:
    """The column of the full text that holds the mention's id."""
    return _fts.c.rowid if dialect == "sqlite" else _tsv.c.mention_id


def walked_hits(search: Search, limit: int, before: int | None, *, dialect: str) -> Select[Any]:
    """The newest matching mentions along the ids, downwards."""
    found = hits(search, dialect=dialect)
    row_id = id_column(dialect)
    if before is not None:
        found = found.where(row_id < before)
    return found.order_by(row_id.desc()).limit(limit)


def stretch(step: int, before: int | None) -> CTE:
    """The newest `step` mentions, or those before one."""
    query = select(mention.c.id).order_by(mention.c.id.desc()).limit(step)
    return _materialized(query if before is None else query.where(mention.c.id < before), "stretch")


def lacks(search: Search, among: CTE, dialect: str) -> ColumnElement[bool]:
    """Whether a mention of a stretch does not match the positive part. The hits of the stretch are read once."""
    first, last = (select(bound(among.c.id)).scalar_subquery() for bound in (func.min, func.max))
    row_id = id_column(dialect)
    return among.c.id.not_in(hits(search, dialect=dialect).where(row_id >= first, row_id <= last))


def gathered_hits(search: Search, limit: int, before: int | None, *, dialect: str) -> Select[Any]:
    """The newest matching mentions of a search with few: all are taken, then sorted."""
    found = _materialized(hits(search, dialect=dialect), "hit")
    query = select(found.c.id).order_by(found.c.id.desc()).limit(limit)
    return query if before is None else query.where(found.c.id < before)


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
    wanted: ConversationFilter,
    route: Route,
    search: Search,
    limit: int,
    before: int | None,
    *,
    one_by_one: bool,
    dialect: str,
) -> Select[Any]:
    """Conversations of a search inside few candidates: their mentions are looked up in the full text.

    With `one_by_one` SQLite asks the full text about each mention, else it reads all hits once.
    """
    candidates = (
        select(mention.c.id, mention.c.conversation_id)
        .select_from(Nested(conversation, mention, mention.c.conversation_id == conversation.c.id))
        .where(*filtered(wanted, route))
    )
    some = _materialized(candidates, "candidate")
    newest = func.max(some.c.id)
    query = select(some.c.conversation_id, newest).group_by(some.c.conversation_id).order_by(desc(newest)).limit(limit)
    if search.negated:
        query = query.where(~match_of(search, some.c.id, dialect, one_by_one=one_by_one))
    elif dialect == "sqlite" and one_by_one:
        query = query.select_from(Nested(some, _fts, _fts.c.rowid == some.c.id)).where(_matches(search))
    elif dialect == "sqlite":
        query = query.where(match_of(search, some.c.id, dialect, one_by_one=False))
    else:
        query = query.join(_tsv, _tsv.c.mention_id == some.c.id).where(_tsv.c.tsv.op("@@")(tsquery(search.positive)))
    return query if before is None else query.having(newest < before)


def walked_conversations(
    wanted: ConversationFilter, search: Search, step: int, before: int | None, *, dialect: str
) -> Select[Any]:
    """The newest `step` hits, with the conversations among them that pass the filter.

    Of a negated search the newest `step` mentions are walked instead, whether they are hits or not. Returns rows
    (mention id, conversation id or None, how many were walked), newest first. The last one always stands in it, so
    that the caller knows how far the walk came.
    """
    if search.negated:
        way = stretch(step, before)
        meets = and_(mention.c.id == way.c.id, lacks(search, way, dialect))
    else:
        way = _materialized(walked_hits(search, step, before, dialect=dialect), "hit")
        meets = mention.c.id == way.c.id
    passing = and_(conversation.c.id == mention.c.conversation_id, *filtered(wanted, Route()))
    walked = select(func.count()).select_from(way).scalar_subquery()
    last = select(func.min(way.c.id)).scalar_subquery()
    return (
        select(way.c.id, conversation.c.id, walked)
        .select_from(way.outerjoin(mention, meets).outerjoin(conversation, passing))
        .where(or_(conversation.c.id.is_not(None), way.c.id == last))
        .order_by(way.c.id.desc())
    )


def _matches(search: Search) -> ColumnElement[bool]:
    return literal_column("mention_fts").op("MATCH", is_comparison=True)(literal(fts5_match(search.positive)))


def match_of(
    search: Search, mention_id: ColumnElement[int], dialect: str, *, one_by_one: bool, since: int | None = None
) -> ColumnElement[bool]:
    """Whether one mention, of those with an id from `since` on, matches the positive part of a search."""
    if dialect != "sqlite":
        return exists().where(_tsv.c.tsv.op("@@")(tsquery(search.positive)), _tsv.c.mention_id == mention_id)
    if one_by_one:
        return exists().where(_matches(search), _fts.c.rowid == mention_id)
    found = hits(search, dialect=dialect)
    return mention_id.in_(found if since is None else found.where(_fts.c.rowid >= since))


def _materialized(query: Select[Any], name: str) -> CTE:
    """A CTE that is run once, as it stands. Neither planner may fold it into the query around it."""
    return query.cte(name).prefix_with("MATERIALIZED")
