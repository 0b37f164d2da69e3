"""What queries are matched against, read for many mentions at once: their words and every fact a query can ask for."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, FromClause, Row, Select, bindparam, null, select

from store.schema import author, conversation, media, mention

SAID = (
    mention.c.id,
    mention.c.conversation_id,
    mention.c.source_id,
    mention.c.platform,
    mention.c.kind,
    mention.c.direction,
    mention.c.lang,
    mention.c.visibility,
    mention.c.sentiment,
    mention.c.rating,
    mention.c.title,
    mention.c.text,
    mention.c.url,
    mention.c.parent_external_id,
    mention.c.likes,
    mention.c.replies,
    mention.c.shares,
    mention.c.views,
    mention.c.sort_at,
    mention.c.first_seen_at,
    author.c.handle,
    author.c.name.label("author_name"),
    author.c.followers,
    author.c.is_staff,
    author.c.is_bot,
)
"""What a query may ask about a mention and its author."""
_OF_AUTHOR = frozenset({"handle", "author_name", "followers", "is_staff", "is_bot"})
_ALWAYS = frozenset({"id", "conversation_id"})


def rows_to_match(conn: Connection, mention_ids: Collection[int], names: frozenset[str]) -> list[Row[Any]]:
    """Mentions by primary key, in no order.

    Args:
        conn: a connection.
        mention_ids: which.
        names: the columns of SAID, and `status` of the conversation, that are read; the others are None.
    """
    return list(conn.execute(_selecting(names), {"ids": list(mention_ids)})) if mention_ids else []


@lru_cache(maxsize=256)
def _selecting(names: frozenset[str]) -> Select[Any]:
    """Built once for each kind of query: a search asks with every page."""
    tables: FromClause = mention
    if "status" in names:
        tables = tables.join(conversation, conversation.c.id == mention.c.conversation_id)
    if not _OF_AUTHOR.isdisjoint(names):
        tables = tables.outerjoin(author, author.c.id == mention.c.author_id)
    read = names | _ALWAYS
    columns = [one if one.key in read else null().label(one.key) for one in (*SAID, conversation.c.status)]
    # Written out: four hundred parameters cost psycopg more than the rows.
    ids: BindParameter[Any] = bindparam("ids", expanding=True, literal_execute=True)
    return select(*columns).select_from(tables).where(mention.c.id.in_(ids))


def pictured(conn: Connection, mention_ids: Collection[int]) -> frozenset[int]:
    """Those of some mentions to which a picture was attached, fetched or not. Served by the primary key of media."""
    if not mention_ids:
        return frozenset()
    c = media.c
    attached = select(c.mention_id).distinct().where(c.mention_id.in_(list(mention_ids)), c.kind == "image")
    return frozenset(conn.execute(attached).scalars())
