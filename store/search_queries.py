"""The queries of a full-text search, for SQLite's FTS5 and PostgreSQL's tsvector; `store.search` chooses among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    SelectBase,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    null,
    select,
    table,
    union_all,
)

from store.filters import ConversationFilter, Looked, Nested, Residual, Route, filtered
from store.schema import conversation, mention, mention_brand
from store.search_nodes import Positive, Settled, fts5_match, is_plain, of_brands, tsquery

RANKED_MENTIONS = 2_000
"""Ranking all matches of a common word would take seconds."""

_fts = table("mention_fts", column("rowid", BigInteger), column("mention_fts"), column("rank"))
_tsv = table("mention_search", column("mention_id", BigInteger), column("tsv"))


@dataclass(frozen=True, slots=True)
class Stretch:
    """How far a walk goes before what it found is judged.

    Attributes:
        hits: at most so many mentions that hold the words.
        passed: on PostgreSQL at most so many mentions on the way to them, whether or not they hold the words; None:
            however many it takes.
    """

    hits: int
    passed: int | None = None


def hits(words: Positive, *, dialect: str) -> Select[Any]:
    """Ids of all mentions that hold the words of a search, as column `id`, in no order."""
    if dialect == "sqlite":
        return select(_fts.c.rowid.label("id")).where(_matches(words))
    return select(_tsv.c.mention_id.label("id")).where(_tsv.c.tsv.op("@@")(tsquery(words)))


def some_hits(words: Positive, most: int, before: int | None, *, dialect: str) -> Select[Any]:
    """Ids of the mentions below one that hold the words, at most so many, in no order.

    The hits stand apart, so that PostgreSQL takes them from the index, and stops at `most` all the same: with the
    bound before its eyes it would read the table instead, on and on for a word that one in a hundred texts holds.
    """
    found = hits(words, dialect=dialect)
    if before is not None:
        found = found.where(id_column(dialect) < before)
    return (found if dialect == "sqlite" else select(_materialized(found, "hit"))).limit(most)


def id_column(dialect: str) -> ColumnElement[int]:
    """The column of the full text that holds the mention's id."""
    return _fts.c.rowid if dialect == "sqlite" else _tsv.c.mention_id


def walked_hits(words: Positive | None, limit: int, before: int | None, *, dialect: str) -> Select[Any]:
    """The newest mentions that hold the words, along the ids, downwards; without words the newest mentions."""
    if words is None:
        row_id: ColumnElement[int] = mention.c.id
        found = select(row_id)
    else:
        row_id = id_column(dialect)
        found = hits(words, dialect=dialect)
    if before is not None:
        found = found.where(row_id < before)
    return found.order_by(row_id.desc()).limit(limit)


def _passed(words: Positive, stretch: Stretch, before: int | None) -> tuple[Select[Any], CTE]:
    """The hits of PostgreSQL among the newest mentions, downwards, and of these mentions the last and the number."""
    ids, tsvs = _tsv.c.mention_id, _tsv.c.tsv
    below = [] if before is None else [ids < before]
    newest = select(ids.label("id"), tsvs).where(*below).order_by(ids.desc()).limit(stretch.passed).subquery("newest")
    found = select(newest.c.id).where(newest.c.tsv.op("@@")(tsquery(words)))
    way = select(ids.label("id")).where(*below).order_by(ids.desc()).limit(stretch.passed).subquery("way")
    edge = select(func.min(way.c.id).label("id"), func.count().label("n")).cte("edge").prefix_with("MATERIALIZED")
    return found.order_by(newest.c.id.desc()).limit(stretch.hits), edge


def _of_brand(brand_id: str, limit: int, before: int | None) -> Select[Any]:
    """The newest mentions of a brand, along its primary key, downwards."""
    c = mention_brand.c
    found = select(c.mention_id.label("id")).where(c.brand_id == brand_id)
    if before is not None:
        found = found.where(c.mention_id < before)
    return found.order_by(c.mention_id.desc()).limit(limit)


def ranked_hits(words: Positive, limit: int, before: int | None, *, dialect: str) -> Select[Any]:
    """The most relevant of the newest RANKED_MENTIONS matches; equal ranks newest first."""
    newest = _materialized(walked_hits(words, RANKED_MENTIONS, before, dialect=dialect), "newest")
    if dialect == "sqlite":
        # FTS5 gives smaller ranks to better matches. The lower bound keeps its scan on the newest ones.
        first = select(func.min(newest.c.id)).scalar_subquery()
        query = select(_fts.c.rowid).where(_matches(words), _fts.c.rowid >= first)
        if before is not None:
            query = query.where(_fts.c.rowid < before)
        return query.order_by(_fts.c.rank, _fts.c.rowid.desc()).limit(limit)
    rank = func.ts_rank(_tsv.c.tsv, tsquery(words))
    return (
        select(_tsv.c.mention_id)
        .join(newest, newest.c.id == _tsv.c.mention_id)
        .order_by(rank.desc(), _tsv.c.mention_id.desc())
        .limit(limit)
    )


def gathered(wanted: ConversationFilter, search: Settled, ids: Sequence[int]) -> Select[Any]:
    """Those of some hits that pass the filter, and their conversations, newest first: looked up one by one."""
    # Written out: parameters cost psycopg more than the rows.
    listed: BindParameter[Any] = bindparam("ids", list(ids), expanding=True, literal_execute=True, unique=True)
    return (
        select(mention.c.id, mention.c.conversation_id)
        .select_from(Looked(mention, conversation, conversation.c.id == mention.c.conversation_id))
        .where(mention.c.id.in_(listed), *filtered(wanted, Route()), *search.beside_words)
        .order_by(mention.c.id.desc())
    )


def probed(
    wanted: ConversationFilter, route: Route, search: Settled, before: int | None, *, one_by_one: bool, dialect: str
) -> Select[Any]:
    """Mentions of a search inside few candidate conversations, newest first: they are looked up in the full text.

    With `one_by_one` SQLite asks the full text about each mention, else it reads all hits once.
    """
    candidates = (
        select(mention.c.id, mention.c.conversation_id)
        .select_from(Nested(conversation, mention, mention.c.conversation_id == conversation.c.id))
        .where(*filtered(wanted, route), *search.beside_words)
    )
    if before is not None:
        candidates = candidates.where(Residual.of(mention.c.id) < before)
    some = _materialized(candidates, "candidate")
    query = select(some.c.id, some.c.conversation_id).order_by(some.c.id.desc())
    words = search.words
    if words is None:
        return query
    if dialect == "sqlite" and one_by_one:
        return query.select_from(Nested(some, _fts, _fts.c.rowid == some.c.id)).where(_matches(words))
    if dialect == "sqlite":
        return query.where(some.c.id.in_(hits(words, dialect=dialect)))
    # Left to itself PostgreSQL reads every hit of a common word rather than look a few thousand mentions up.
    return query.select_from(Looked(some, _tsv, _tsv.c.mention_id == some.c.id)).where(
        _tsv.c.tsv.op("@@")(tsquery(words))
    )


def walked(
    wanted: ConversationFilter, search: Settled, stretch: Stretch, before: int | None, *, dialect: str
) -> Select[Any]:
    """The newest hits of a stretch, with the conversations of those that pass the filter.

    What must be of one brand is walked along that brand where no word must be there, and on PostgreSQL always: it
    compares the words of all it passes on the way, and so only of that brand's mentions with the facts asked for.

    Returns rows (mention id, conversation id, 0, 0), newest first, and then (the last one walked, None, how many hits
    were walked, how many mentions were passed), so that the caller knows how far the walk came; the last one walked is
    None where there is none.
    """
    words, brand_ids = search.words, search.brand_ids
    along_brand = is_along_brand(search, dialect=dialect)
    edge: CTE | None = None
    if along_brand:
        hit = _of_brand(brand_ids[0], stretch.hits, before)
    elif words is not None and stretch.passed is not None and dialect != "sqlite":
        hit, edge = _passed(words, stretch, before)
    else:
        hit = walked_hits(words, stretch.hits, before, dialect=dialect)
    led = way = _materialized(hit, "hit")
    if brand_ids and not along_brand:
        # The brands stand in a narrow index: what is of another is left before its row is read.
        led = _materialized(select(way.c.id).where(of_brands(brand_ids, way.c.id)), "branded")
    met = Looked(led, mention, mention.c.id == led.c.id)
    met = Looked(met, conversation, conversation.c.id == mention.c.conversation_id)
    if along_brand and words is not None:
        met = Looked(met, _tsv, and_(_tsv.c.mention_id == mention.c.id, _tsv.c.tsv.op("@@")(tsquery(words))))
    passing = (
        select(led.c.id, conversation.c.id.label("conversation_id"), literal(0).label("walked"), literal(0))
        .select_from(met)
        .where(*filtered(wanted, Route()), *search.told)
    )
    found = union_all(passing, _end(way, edge, stretch)).subquery()
    return select(found).order_by(found.c.id.desc(), found.c.conversation_id.is_(None))


def is_along_brand(search: Settled, *, dialect: str) -> bool:
    """Whether a search is walked along the mentions of the one brand that must be there."""
    return len(search.brand_ids) == 1 and (search.words is None or dialect != "sqlite")


def _end(way: CTE, edge: CTE | None, stretch: Stretch) -> SelectBase:
    """How far a walk came. Where it stopped for what it passed, that is further than its last hit."""
    last, n = func.min(way.c.id), func.count()
    if edge is None:
        return select(last, cast(null(), BigInteger), n, n).select_from(way)
    edge_id, passed = select(edge.c.id).scalar_subquery(), select(edge.c.n).scalar_subquery()
    reached = case((n >= stretch.hits, last), else_=edge_id)
    return select(reached, cast(null(), BigInteger), n, passed).select_from(way)


def since(search: Settled, conversation_ids: set[int], start: int, *, dialect: str) -> Select[Any]:
    """Mentions of some conversations, from one on, that may match. Served by ix_mention_thread."""
    query = (
        select(mention.c.id, mention.c.conversation_id)
        .select_from(mention.join(conversation, conversation.c.id == mention.c.conversation_id))
        .where(
            mention.c.conversation_id.in_(conversation_ids), Residual.of(mention.c.id) >= start, *search.beside_words
        )
    )
    words = search.words
    if words is None:
        return query
    if dialect != "sqlite":
        return query.where(exists().where(_tsv.c.tsv.op("@@")(tsquery(words)), _tsv.c.mention_id == mention.c.id))
    if is_plain(words):
        return query.where(exists().where(_matches(words), _fts.c.rowid == mention.c.id))
    return query.where(mention.c.id.in_(hits(words, dialect=dialect).where(_fts.c.rowid >= start)))


def _matches(words: Positive) -> ColumnElement[bool]:
    return literal_column("mention_fts").op("MATCH", is_comparison=True)(literal(fts5_match(words)))


def _materialized(query: Select[Any], name: str) -> CTE:
    """A CTE that is run once, as it stands. Neither planner may fold it into the query around it."""
    return query.cte(name).prefix_with("MATERIALIZED")
