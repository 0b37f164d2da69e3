"""All contact with one person, over conversations, platforms and accounts."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, literal, select, tuple_

from store.persons import accounts_in, family_of
from store.schema import author, conversation, mention
from store.types import Instant

MAX_ACCOUNTS = 50
WALKED = 2_000


@dataclass(frozen=True, slots=True)
class Contact:
    """Something a person wrote, and how its conversation stands. `text` is cut at 500 code points."""

    mention_id: int
    conversation_id: int
    author_id: int
    platform: str
    source_id: str
    kind: str
    title: str | None
    text: str
    sentiment: str | None
    url: str | None
    sort_at: datetime
    status: str


def accounts_of(conn: Connection, author_id: int) -> list[int]:
    """Author ids of the person behind an account, itself first, over merged persons. Served by ix_author_person."""
    person_id = conn.execute(select(author.c.person_id).where(author.c.id == author_id)).scalar()
    if person_id is None:
        return [author_id]
    found = accounts_in(conn, family_of(conn, person_id), limit=MAX_ACCOUNTS)
    return [author_id, *(one for one in found if one != author_id)]


def author_history(
    conn: Connection,
    author_ids: Sequence[int],
    *,
    limit: int = 50,
    before: tuple[datetime, int] | None = None,
) -> list[Contact]:
    """What these accounts wrote, newest first. Served by ix_mention_author, one short walk per account.

    Args:
        conn: a connection of `Store.read()`.
        author_ids: accounts of one person, see `accounts_of`.
        limit: at most so many.
        before: (sort_at, mention_id) of the last contact of the page before.
    """
    walks = [
        [Contact(*row) for row in conn.execute(history_query(author_id, limit, before))]
        for author_id in author_ids[:MAX_ACCOUNTS]
    ]
    merged = heapq.merge(*walks, key=lambda contact: (contact.sort_at, contact.mention_id), reverse=True)
    return [contact for contact, _ in zip(merged, range(limit), strict=False)]


def history_query(author_id: int, limit: int, before: tuple[datetime, int] | None) -> Select[Any]:
    """The walk over one account's mentions."""
    c = mention.c
    query = (
        select(
            c.id,
            c.conversation_id,
            c.author_id,
            c.platform,
            c.source_id,
            c.kind,
            c.title,
            func.substr(c.text, 1, 500),
            c.sentiment,
            c.url,
            c.sort_at,
            conversation.c.status,
        )
        .select_from(mention.join(conversation, conversation.c.id == c.conversation_id))
        .where(c.author_id == author_id)
        .order_by(c.sort_at.desc(), c.id.desc())
        .limit(limit)
    )
    if before is None:
        return query
    return query.where(tuple_(c.sort_at, c.id) < tuple_(literal(before[0], Instant()), literal(before[1])))


def count_contacts(conn: Connection, author_ids: Iterable[int]) -> dict[int, int]:
    """In how many conversations each account wrote, among its newest 2,000 mentions. Served by ix_mention_author."""
    counts: dict[int, int] = {}
    for author_id in author_ids:
        counts[author_id] = conn.execute(_counting(), {"walked_author": author_id}).scalar_one()
    return counts


@cache
def _counting() -> Select[Any]:
    walked = walk(bindparam("walked_author")).subquery()
    return select(func.count(walked.c.conversation_id.distinct()))


def walk(author_id: int | BindParameter[int]) -> Select[Any]:
    """Conversation, instant and id of the newest 2,000 mentions of an account. Served by ix_mention_author."""
    c = mention.c
    return (
        select(c.conversation_id, c.sort_at, c.id)
        .where(c.author_id == author_id)
        .order_by(c.sort_at.desc(), c.id.desc())
        .limit(WALKED)
    )
