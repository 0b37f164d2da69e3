"""Reading and replacing tags over all conversations, in stretches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from store.schema import conversation, conversation_tag, tag


@dataclass(frozen=True, slots=True)
class TagUse:
    """How many conversations have a tag, and how many of those are open."""

    n: int
    n_open: int


@dataclass(frozen=True, slots=True)
class TagWords:
    """What a team agreed about a tag."""

    tag: str
    description: str
    colour: str | None
    created_at: datetime
    archived_at: datetime | None


def use_of_tags(conn: Connection) -> dict[str, TagUse]:
    """How often each tag is used. Reads the whole index of tags: for the page of tags, not for every draw."""
    c = conversation_tag.c
    joined = conversation_tag.join(conversation, conversation.c.id == c.conversation_id)
    n_open = func.count().filter(conversation.c.is_open)
    counted = select(c.tag, func.count(), n_open).select_from(joined).group_by(c.tag).order_by(c.tag)
    return {row[0]: TagUse(row[1], row[2]) for row in conn.execute(counted)}


def words_of_tags(conn: Connection) -> dict[str, TagWords]:
    """The vocabulary, by tag. A team has hundreds of tags at most."""
    found = conn.execute(select(tag).order_by(tag.c.tag))
    return {row.tag: TagWords(row.tag, row.description, row.colour, row.created_at, row.archived_at) for row in found}


def has_uses(conn: Connection, name: str) -> bool:
    """Whether any conversation has a tag. Served by the primary key."""
    return (
        conn.execute(select(conversation_tag.c.tag).where(conversation_tag.c.tag == name).limit(1)).first() is not None
    )


def replace_some(conn: Connection, old: str, new: str, *, limit: int) -> int:
    """Replace a tag by another on some conversations; how many had it. A conversation that has both keeps one."""
    c = conversation_tag.c
    some = select(c.conversation_id).where(c.tag == old).order_by(c.conversation_id).limit(limit)
    ids = list(conn.execute(some.with_for_update()).scalars())
    if not ids:
        return 0
    have = set(conn.execute(select(c.conversation_id).where(c.tag == new, c.conversation_id.in_(ids))).scalars())
    conn.execute(conversation_tag.delete().where(c.tag == old, c.conversation_id.in_(ids)))
    missing = [{"tag": new, "conversation_id": one} for one in ids if one not in have]
    if missing:
        conn.execute(conversation_tag.insert(), missing)
    return len(ids)


def n_of(conn: Connection, name: str) -> int:
    """How many conversations have a tag. Served by the primary key."""
    return conn.execute(
        select(func.count()).select_from(conversation_tag).where(conversation_tag.c.tag == name)
    ).scalar_one()
