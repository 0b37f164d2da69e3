"""Groups of copies after they were made: the first one goes, says something else, or one is no copy after all.

A copy names the first one in `dup_of`. When the first one goes, the oldest copy that stands takes its place and names
*itself*: it is shown as the first one, and counted no second time, because what it repeats stays counted. What is taken
out of a group names nobody and is counted from then on.

Does not decide who is a copy of whom. The caller's transaction is one of `Store.write_again`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from store.commit.deciding import ALONE
from store.commit.duplicates import Candidate, forget_keys, inherit_keys, register
from store.commit.rollups import Deltas
from store.engine import Store
from store.records import Near
from store.schema import conversation, event, mention, mention_brand

FOLDED_AWAY = "duplicate"
"""`status_reason` of an archived conversation that holds nothing but copies."""

_COPY = mention.alias("copy")


@dataclass(frozen=True, slots=True)
class Leaving:
    """A mention that goes, or says something else now. `dup_hash` and `dup_of` as they stood."""

    mention_id: int
    conversation_id: int
    dup_hash: int | None
    dup_of: int | None


def leave(conn: Connection, store: Store, leaving: Sequence[Leaving], *, at: datetime) -> None:
    """Let groups go on without these: the oldest copy becomes the first one, and nothing folds under what is gone.

    Called while their keys still stand. A copy that takes the place of a message which is still open becomes news.
    """
    if not leaving:
        return
    ids = {each.mention_id for each in leaving}
    touched = conversations_of(conn, store, {each.dup_of for each in leaving if each.dup_of is not None})
    with_copies = select(mention.c.dup_of).where(store.dialect.among(mention.c.dup_of, ids)).distinct()
    fronts = set(conn.execute(with_copies).scalars())
    for each in sorted(leaving, key=lambda one: one.mention_id):
        heir = _heir(conn, store, each.mention_id, without=ids) if each.mention_id in fronts else None
        if heir is not None:
            others = (mention.c.dup_of == each.mention_id, mention.c.id != each.mention_id)
            conn.execute(mention.update().where(*others).values(dup_of=heir.id))
            inherit_keys(conn, each.mention_id, each.dup_hash, heir.id)
            touched |= {each.conversation_id, heir.conversation_id}
            _step_forward(conn, store, each, heir, at)
    forget_keys(conn, store, [each.mention_id for each in leaving], [each.dup_hash for each in leaving])
    recount(conn, store, touched, without=ids)


def unfold(
    conn: Connection, store: Store, mention_id: int, near: Near | None, deltas: Deltas, *, alone: bool
) -> int | None:
    """Take a copy out of its group: it is counted and others may fold under it. `alone`: it never folds again.

    Returns:
        What it was folded under; None when it was no copy.
    """
    row = conn.execute(select(mention).where(mention.c.id == mention_id).with_for_update()).first()
    if row is None or row.dup_of in (None, row.id):
        return None
    flags = list(dict.fromkeys((*(row.flags or ()), ALONE))) if alone else list(row.flags or ())
    conn.execute(mention.update().where(mention.c.id == row.id).values(dup_of=None, flags=flags))
    _count(conn, row, deltas, times=1, copies=-1)
    register(conn, store, Candidate(row.id, row.dup_hash, row.sort_at, near, row))
    recount(conn, store, conversations_of(conn, store, {row.dup_of}))
    return int(row.dup_of)


def fold_again(conn: Connection, store: Store, mention_id: int, under: int, deltas: Deltas) -> None:
    """Put back what `unfold` took out."""
    row = conn.execute(select(mention).where(mention.c.id == mention_id).with_for_update()).one()
    flags = [flag for flag in row.flags or () if flag != ALONE]
    conn.execute(mention.update().where(mention.c.id == row.id).values(dup_of=under, flags=flags))
    forget_keys(conn, store, [row.id], [row.dup_hash])
    _count(conn, row, deltas, times=-1, copies=1)
    recount(conn, store, conversations_of(conn, store, {under}))


def fold_under(conn: Connection, store: Store, row: Row[Any], under: int, deltas: Deltas) -> int:
    """Fold a first one, a row of mention, under another one, with all that folds under it; how many those are.

    An heir, which names itself, was counted as a copy before.
    """
    c = mention.c
    others = mention.update().where(c.dup_of == row.id, c.id != row.id).values(dup_of=under)
    n_others = conn.execute(others).rowcount
    conn.execute(mention.update().where(c.id == row.id).values(dup_of=under))
    forget_keys(conn, store, [row.id], [row.dup_hash or 0])
    if row.dup_of is None:
        _count(conn, row, deltas, times=-1, copies=1)
    recount(conn, store, conversations_of(conn, store, {under}) | {row.conversation_id})
    return n_others


def bring_back(conn: Connection, conversation_ids: Collection[int], *, at: datetime) -> int:
    """Make those of these conversations that were folded away news again, with the clock starting now; how many."""
    folded = (conversation.c.status == "archived", conversation.c.status_reason == FOLDED_AWAY)
    news = conversation.update().values(
        status="new",
        is_open=True,
        status_reason=None,
        cycle_started_at=at,
        routing_pending=True,
        version=conversation.c.version + 1,
    )
    return sum(
        conn.execute(news.where(conversation.c.id == conversation_id, *folded)).rowcount
        for conversation_id in sorted(conversation_ids)
    )


def recount(
    conn: Connection, store: Store, conversation_ids: Collection[int], *, without: Collection[int] = ()
) -> None:
    """Count anew which copies of what a conversation holds stand, as if those `without` were gone."""
    left_out = list(without) or [0]
    for conversation_id in sorted(conversation_ids):
        copies = (
            select(func.count())
            .select_from(mention.join(_COPY, _COPY.c.dup_of == mention.c.id))
            .where(
                mention.c.conversation_id == conversation_id,
                _COPY.c.id != mention.c.id,
                _COPY.c.deleted_at.is_(None),
                ~store.dialect.among(_COPY.c.id, left_out),
            )
        )
        conn.execute(
            conversation.update()
            .where(conversation.c.id == conversation_id)
            .values(n_duplicates=copies.scalar_subquery())
        )


def _heir(conn: Connection, store: Store, front: int, *, without: Collection[int]) -> Any:
    """The oldest copy that stands. Served by ix_mention_dup_of."""
    c = mention.c
    query = select(c.id, c.conversation_id, c.sort_at).where(
        c.dup_of == front, c.id != front, c.deleted_at.is_(None), ~store.dialect.among(c.id, without)
    )
    found: Any = conn.execute(query.order_by(c.sort_at, c.id).limit(1)).first()
    return found


def _step_forward(conn: Connection, store: Store, gone: Leaving, heir: Any, at: datetime) -> None:
    """What becomes of the conversation of a new first one."""
    was_open = select(conversation.c.is_open).where(conversation.c.id == gone.conversation_id)
    if conn.execute(was_open).scalar():
        bring_back(conn, [heir.conversation_id], at=at)
    conn.execute(
        event.insert().values(
            id=store.new_id(),
            at=at,
            actor_type="source",
            object_type="conversation",
            object_id=str(heir.conversation_id),
            action="first_of_copies",
            after={"mention_id": heir.id},
        )
    )


def conversations_of(conn: Connection, store: Store, mention_ids: Collection[int]) -> set[int]:
    """The conversations that hold these mentions."""
    if not mention_ids:
        return set()
    query = select(mention.c.conversation_id).where(store.dialect.among(mention.c.id, mention_ids))
    return set(conn.execute(query).scalars())


def _count(conn: Connection, row: Row[Any], deltas: Deltas, *, times: int, copies: int) -> None:
    brands = conn.execute(select(mention_brand.c.brand_id).where(mention_brand.c.mention_id == row.id)).scalars().all()
    deltas.add_row(row, brands, times=times, copy=False)
    deltas.add_row(row, brands, times=copies, copy=True)
