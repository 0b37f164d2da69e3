"""Nothing is kept longer than it may be: the clock erases what is over, in small transactions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from store.engine import Store
from store.erasing import MOST, Erasure, Why, erase_items
from store.keeping import Keeping, Keepings
from store.schema import author, conversation, mention, quarantine, source_duty, unmatched


def enforce(store: Store, *, now: datetime) -> int:
    """Erase everything whose time is over at `now` (aware UTC): items, profiles, and what could not be read.

    Safe on several machines at once.

    Returns:
        Items whose content went.
    """
    erased = 0
    while True:
        with store.read() as conn:  # most looks find nothing, and then take no write lock
            if not over(conn, now=now, limit=1):
                break
        erased += store.write_again(lambda conn: _erase_some(conn, store, now))
    while _end_profiles(store, now):
        pass
    _forget_unread(store, now)
    return erased


def over(conn: Connection, *, now: datetime, limit: int = MOST) -> list[Row[Any]]:
    """Mentions whose time is over, longest first. Served by ix_mention_erase."""
    columns = ("id", "source_id", "sort_at", "last_seen_at", "deleted_at", "erase_at")
    query = select(*(mention.c[name] for name in columns)).where(mention.c.erase_at <= now)
    return list(conn.execute(query.order_by(mention.c.erase_at, mention.c.id).limit(limit)))


def profiles_over(conn: Connection, *, now: datetime, limit: int = MOST) -> list[int]:
    """Authors whose profile may not be kept longer. Served by ix_author_profile."""
    query = select(author.c.id).where(author.c.profile_ends_at <= now)
    return list(conn.execute(query.order_by(author.c.profile_ends_at, author.c.id).limit(limit)).scalars())


def unread_over(conn: Connection, source_id: str, *, before: datetime, limit: int = MOST) -> list[int]:
    """Unreadable items of a source found before an instant, oldest first (primary key: they are few)."""
    mine = (quarantine.c.source_id == source_id, quarantine.c.found_at <= before)
    return list(conn.execute(select(quarantine.c.id).where(*mine).order_by(quarantine.c.id).limit(limit)).scalars())


def _erase_some(conn: Connection, store: Store, now: datetime) -> int:
    keepings = Keepings(conn)
    rows = over(conn, now=now)
    lists: dict[Why, list[int]] = {Why.RETENTION: [], Why.UNREFRESHED: []}
    waiting = []
    for row in rows:
        why = _why(row, keepings.of(row.source_id), now)
        if why is None:
            seen = None if row.deleted_at is not None else row.last_seen_at
            waiting.append({"at_id": row.id, "ends": keepings.of(row.source_id).erase_at(row.sort_at, seen)})
        else:
            lists[why].append(row.id)
    if waiting:  # the duties changed since, and the mentions are still to be told
        conn.execute(_POSTPONE, waiting)
    return sum(erase_items(conn, store, ids, Erasure(why, now)) for why, ids in lists.items())


_POSTPONE = (
    mention.update()
    .where(mention.c.id == bindparam("at_id"))
    .values(erase_at=bindparam("ends", type_=mention.c.erase_at.type))
)


def _why(row: Row[Any], keeping: Keeping, now: datetime) -> Why | None:
    by_age = Keeping(retention_s=keeping.retention_s).erase_at(row.sort_at, None)
    if by_age is not None and by_age <= now:
        return Why.RETENTION
    end = keeping.erase_at(row.sort_at, None if row.deleted_at is not None else row.last_seen_at)
    return Why.UNREFRESHED if end is not None and end <= now else None


def _end_profiles(store: Store, now: datetime) -> int:
    """Take away what is known of some authors; their items and the work on them stay."""
    with store.read() as conn:
        if not profiles_over(conn, now=now, limit=1):
            return 0
    with store.write() as conn:
        ids = profiles_over(conn, now=now)
        mine = store.dialect.among(author.c.id, ids)
        bare = {"handle": None, "name": None, "url": None, "followers": None, "profile_ends_at": None}
        conn.execute(update(author).where(mine).values(**bare))
        said = select(mention.c.conversation_id).where(store.dialect.among(mention.c.author_id, ids))
        shown = (conversation.c.id.in_(said), store.dialect.among(conversation.c.author_id, ids))
        # No new version: nobody's words changed, and an agent who is writing goes on.
        conn.execute(update(conversation).where(*shown).values(author_name=""))
        return len(ids)


def _forget_unread(store: Store, now: datetime) -> None:
    """Items that no query matched and items that could not be read are under the same times as the others."""
    with store.read() as conn:
        duties = conn.execute(select(source_duty.c.source_id, source_duty.c.keep_s, source_duty.c.retention_s)).all()
    for duty in duties:
        times = [each for each in (duty.keep_s, duty.retention_s) if each is not None]
        if not times:
            continue
        before = now - timedelta(seconds=min(times))
        found = (unmatched.c.source_id == duty.source_id, unmatched.c.found_at <= before)
        with store.read() as conn:
            stale = conn.execute(select(unmatched.c.id).where(*found).limit(1)).first() is not None
            unread = unread_over(conn, duty.source_id, before=before, limit=1)
        if stale:
            with store.write() as conn:
                conn.execute(delete(unmatched).where(*found))
        while unread:
            with store.write() as conn:
                ids = unread_over(conn, duty.source_id, before=before)
                conn.execute(delete(quarantine).where(quarantine.c.id.in_(ids)))
                unread = unread_over(conn, duty.source_id, before=before, limit=1)
