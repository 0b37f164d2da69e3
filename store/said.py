"""The messages behind a volume: those that the roll-ups count, newest first, found through the roll-ups.

They tell in which hours of which sources something was counted, so that a page reads those stretches of
ix_mention_source and no others, however rare what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from store.clock_columns import found_late
from store.filters import holds_brand
from store.records import CONTEXT
from store.schema import author, conversation, conversation_theme, mention, mention_brand
from store.volumes import Wanted, volumes

_A_DAY = timedelta(days=1)
_AN_HOUR = timedelta(hours=1)
_M = mention.c
_TOLD = (
    _M.id,
    _M.conversation_id,
    _M.sort_at,
    _M.first_seen_at,
    _M.source_id,
    _M.lang,
    _M.kind,
    _M.sentiment,
    _M.text,
    _M.flags,
    _M.url,
    _M.author_id,
    _M.deleted_at,
    author.c.name,
    author.c.handle,
)


def said(
    conn: Connection,
    wanted: Wanted,
    *,
    since: datetime,
    until: datetime,
    before: tuple[datetime, int] | None = None,
    fits: Callable[[datetime], bool] = lambda _hour: True,
) -> Iterator[Row[Any]]:
    """Counted messages of [since, until), newest first; rows are read as they are asked for.

    Args:
        conn: a connection of `Store.read()`.
        wanted: what is counted.
        since: when a local hour begins.
        until: the same.
        before: only messages older than this one: `(sort_at, id)`.
        fits: whether an hour, told by its beginning in UTC, is looked at.
    """
    end = until if before is None else min(until, before[0] + timedelta(microseconds=1))
    for start, stop in _stretches(since, end):
        hours: dict[datetime, list[str]] = {}
        for counted in volumes(conn, wanted, grain="hour", first=start, until=stop, by="source_id"):
            if fits(counted.at):
                hours.setdefault(counted.at, []).append(counted.key)
        for hour in sorted(hours, reverse=True):
            query = said_query(wanted, hours[hour], max(hour, since), min(hour + _AN_HOUR, end))
            for row in conn.execute(query):
                if CONTEXT in (row.flags or ()) or (before is not None and (row.sort_at, row.id) >= before):
                    continue
                yield row


def said_query(wanted: Wanted, source_ids: Sequence[str], since: datetime, until: datetime) -> Select[Any]:
    """The query of a stretch of some sources. Served by ix_mention_source and ix_mention_brand_mention."""
    query = (
        select(*_TOLD)
        .select_from(mention.outerjoin(author, author.c.id == _M.author_id))
        .where(_M.source_id.in_(sorted(source_ids)), _M.sort_at >= since, _M.sort_at < until)
        .where(_M.direction == "inbound", _M.dup_of.is_(None))
        .order_by(_M.sort_at.desc(), _M.id.desc())
    )
    for column, values in ((_M.lang, wanted.langs), (_M.kind, wanted.kinds)):
        if values:
            query = query.where(column.in_(sorted(set(values))))
    if wanted.sentiments:
        named = _M.sentiment.in_(sorted(set(wanted.sentiments)))
        query = query.where(or_(named, _M.sentiment.is_(None)) if "" in wanted.sentiments else named)
    if wanted.late:
        query = query.where(found_late(_M.first_seen_at, _M.sort_at))
    if wanted.brand_ids:
        b = mention_brand.c
        of_brand = select(b.mention_id).where(b.mention_id == _M.id, b.brand_id.in_(sorted(set(wanted.brand_ids))))
        query = query.where(of_brand.exists())
    return query


def raised_query(wanted: Wanted, theme_ids: Sequence[int], *, first: Any, until: Any) -> Select[Any]:
    """Conversations that raised one of these themes on a local day in [first, until), newest first.

    Served by ix_conversation_theme_day.
    """
    t, c = conversation_theme.c, conversation.c
    links = select(t.conversation_id).where(t.day >= first, t.day < until)
    if theme_ids:
        links = links.where(t.theme_id.in_(sorted(set(theme_ids))))
    if wanted.source_ids:
        links = links.where(t.source_id.in_(sorted(set(wanted.source_ids))))
    if wanted.brand_ids:
        links = links.where(or_(*(holds_brand(t.brand_ids, one) for one in sorted(set(wanted.brand_ids)))))
    columns = (c.id, c.last_mention_id, c.sort_at, c.source_id, c.lang, c.kind, c.sentiment, c.snippet, c.author_name)
    return select(*columns).where(c.id.in_(links)).order_by(c.sort_at.desc(), c.id.desc())


def _stretches(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """[since, until) in days from its end, each twice as long as the one before while nothing is found. Pure."""
    stop, length = until, _A_DAY
    while stop > since:
        start = max(since, stop - length)
        yield start, stop
        stop, length = start, min(2 * length, 30 * _A_DAY)
