"""Where somebody is named in a note (`@name`): for the view "Mentions of me" and its badge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from store.schema import note_mention, user_account

LOOKED_AT = 500
"""The newest mentions of somebody that are listed; what is older is found by searching."""


def conversations_naming(conn: Connection, user_id: int) -> list[int]:
    """Conversations in whose notes somebody is named: unseen ones first, then newest first.

    Served by ix_note_mention_unseen and ix_note_mention_user.
    """
    c = note_mention.c
    unseen = select(c.conversation_id).where(c.user_id == user_id, c.seen_at.is_(None)).order_by(c.note_id.desc())
    every = select(c.conversation_id).where(c.user_id == user_id).order_by(c.note_id.desc())
    found = [*conn.execute(unseen.limit(LOOKED_AT)).scalars(), *conn.execute(every.limit(LOOKED_AT)).scalars()]
    return list(dict.fromkeys(found))[:LOOKED_AT]


def count_unseen(conn: Connection, user_id: int) -> int:
    """In how many conversations somebody is named in a note not seen yet. Served by ix_note_mention_unseen."""
    c = note_mention.c
    wanted = select(func.count(c.conversation_id.distinct())).where(c.user_id == user_id, c.seen_at.is_(None))
    return int(conn.execute(wanted).scalar_one())


def unseen_in(conn: Connection, user_id: int, conversation_id: int) -> bool:
    """Whether somebody is named in a note of this conversation not seen yet. Served by ix_note_mention_unseen."""
    c = note_mention.c
    wanted = select(c.note_id).where(c.user_id == user_id, c.seen_at.is_(None), c.conversation_id == conversation_id)
    return conn.execute(wanted.limit(1)).first() is not None


def mark_seen(conn: Connection, user_id: int, conversation_id: int, now: datetime) -> int:
    """Mark the notes of a conversation that name somebody as seen; how many were not yet."""
    c = note_mention.c
    done = conn.execute(
        note_mention.update()
        .where(c.user_id == user_id, c.seen_at.is_(None), c.conversation_id == conversation_id)
        .values(seen_at=now)
    )
    return done.rowcount


def put(conn: Connection, *, note_id: int, conversation_id: int, user_ids: Sequence[int], at: datetime) -> None:
    """Keep who is named in a note."""
    rows = [
        {"note_id": note_id, "user_id": user_id, "conversation_id": conversation_id, "at": at} for user_id in user_ids
    ]
    if rows:
        conn.execute(note_mention.insert(), rows)


def take_away(conn: Connection, note_id: int) -> None:
    """Forget who was named in a note that was taken back (primary key)."""
    conn.execute(note_mention.delete().where(note_mention.c.note_id == note_id))


def people_to_name(conn: Connection, roles: Sequence[str]) -> list[Mapping[str, object]]:
    """Active people with one of these roles: id, login, name, team. The table of people is small."""
    c = user_account.c
    wanted = select(c.id, c.login, c.name, c.team_id).where(c.active, c.role.in_(roles)).order_by(c.name, c.id)
    return [dict(row) for row in conn.execute(wanted).mappings()]
