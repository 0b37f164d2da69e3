"""The outbox as both sides see it: what is to be done on a platform, who is at it, and what came of it.

A row is taken by compare-and-swap on its state; `lease_owner` names one taking, so that who lost a row cannot write
over who has it. `sending` is committed before anything goes out: a row found in `sending` with a lapsed lease was
perhaps sent. What a state means to people, and which may follow which, is decided in `inbox.replying`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, literal_column, or_, select

from store.engine import Store
from store.records import PageCommit
from store.schema import outbox

_DUE: ColumnElement[bool] = literal_column("outbox.state IN ('queued', 'unknown')")
_SENDING: ColumnElement[bool] = literal_column("outbox.state = 'sending'")
_APPROVAL: ColumnElement[bool] = literal_column("outbox.state = 'approval'")
_TROUBLED: ColumnElement[bool] = literal_column("outbox.state IN ('unknown', 'held', 'failed', 'rejected')")
READS = ("fetch_thread", "recheck")
"""Kinds that only ask the platform something: harmless to repeat, so never `unknown`."""
_UNFINISHED = ("queued", "sending", "unknown")


class Came(StrEnum):
    """What came of one try, or of one look whether an earlier try got through."""

    DONE = "done"
    HELD = "held"
    REFUSED = "refused"
    """It did not happen, and asking again would not help."""
    LATER = "later"
    """It certainly did not happen; try again."""
    UNKNOWN = "unknown"
    """It may have happened."""
    MISSING = "missing"
    """A look at the platform did not show it."""
    UNSEEN = "unseen"
    """The look itself failed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, told by the worker.

    Attributes:
        came: in one word.
        at: aware UTC.
        error_class, text: the error's name and its sentence for people.
        again_at: when to try, or to look, again.
        final: for `MISSING`: no further look is needed before it may be sent again.
        page: what the platform's answer showed, to be stored together with the new state.
        external_id, namespace, url: our own post there.
    """

    came: Came
    at: datetime
    error_class: str | None = None
    text: str | None = None
    again_at: datetime | None = None
    final: bool = False
    page: PageCommit | None = None
    external_id: str | None = None
    namespace: str | None = None
    url: str | None = None


def due(conn: Connection, *, now: datetime, limit: int = 50, without_sources: Collection[str] = ()) -> list[Row[Any]]:
    """What is to be sent, or looked after, and nobody is at; longest due first. Served by ix_outbox_due.

    An answer waits while an older one of its conversation is under way: a second part never overtakes the first.
    """
    return list(conn.execute(_due(now, without_sources).limit(limit)))


def take(
    store: Store, *, owner: str, now: datetime, until: datetime, without_sources: Collection[str]
) -> list[Row[Any]]:
    """Take what is due, one per source: queued rows become `sending`, unknown ones stay so while they are looked at.

    Two workers never get the same one: SQLite writes one at a time, PostgreSQL skips rows another one locks.

    Args:
        store: where.
        owner: names this taking; different each time.
        now: aware UTC.
        until: when the lease ends.
        without_sources: sources this worker is busy with.
    """
    with store.read() as conn:  # most ticks find nothing, and then take no write lock
        if not due(conn, now=now, limit=1, without_sources=without_sources):
            return []
    with store.write() as conn:
        found = conn.execute(_due(now, without_sources).limit(50).with_for_update(of=outbox, skip_locked=True)).all()
        first = {row.source_id: row for row in reversed(found)}
        for row in first.values():
            values: dict[str, Any] = {"lease_owner": owner, "lease_until": until}
            if row.state == "queued":
                values |= {
                    "state": "sending",
                    "state_at": now,
                    "attempts": row.attempts + 1,
                    "tried_at": row.tried_at or now,
                    "checked_at": None,
                }
            conn.execute(outbox.update().where(outbox.c.id == row.id).values(**values))
        ids = [row.id for row in first.values()]
        return list(conn.execute(select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)))


def lapsed(conn: Connection, *, now: datetime, limit: int = 50) -> list[int]:
    """What a worker was sending that gave no sign of life since. Served by ix_outbox_lapsed."""
    query = select(outbox.c.id).where(_SENDING, outbox.c.lease_until <= now).order_by(outbox.c.lease_until).limit(limit)
    return list(conn.execute(query).scalars())


def give_back(store: Store, outbox_id: int, *, owner: str, again_at: datetime) -> None:
    """Leave off looking at a row without having learned anything."""
    held = and_(outbox.c.id == outbox_id, outbox.c.lease_owner == owner)
    with store.write() as conn:
        conn.execute(outbox.update().where(held).values(lease_owner=None, lease_until=None, not_before=again_at))


def of_conversation(conn: Connection, conversation_id: int) -> list[Row[Any]]:
    """All rows of a conversation, oldest first. Served by ix_outbox_conversation."""
    return list(conn.execute(select(outbox).where(outbox.c.conversation_id == conversation_id).order_by(outbox.c.id)))


def waiting_for_approval(conn: Connection, *, limit: int = 200) -> list[Row[Any]]:
    """What waits for a colleague's yes, oldest first. Served by ix_outbox_approval."""
    return list(conn.execute(select(outbox).where(_APPROVAL).order_by(outbox.c.id).limit(limit)))


def n_waiting_for_approval(conn: Connection) -> int:
    """How many wait for a colleague's yes. Served by ix_outbox_approval."""
    return int(conn.execute(select(func.count()).select_from(outbox).where(_APPROVAL)).scalar_one())


def troubled(conn: Connection, *, author_id: int | None = None, limit: int = 200) -> list[Row[Any]]:
    """What needs a person, newest first; no mere question to a platform. Only of `author_id` when given.

    Served by ix_outbox_troubled.
    """
    answers = outbox.c.kind.not_in(READS)
    query = select(outbox).where(_TROUBLED, answers).order_by(outbox.c.id.desc()).limit(limit)
    return list(conn.execute(query if author_id is None else query.where(outbox.c.created_by == author_id)))


def locked(conn: Connection, outbox_id: int) -> Row[Any] | None:
    """One row, locked until the transaction ends (primary key)."""
    return conn.execute(select(outbox).where(outbox.c.id == outbox_id).with_for_update()).first()


def _due(now: datetime, without_sources: Collection[str]) -> Select[Any]:
    older = outbox.alias("older")
    ahead = exists().where(
        older.c.conversation_id == outbox.c.conversation_id,
        older.c.id < outbox.c.id,
        older.c.kind == outbox.c.kind,
        older.c.state.in_(_UNFINISHED),
    )
    query = (
        select(outbox)
        .where(
            _DUE,
            outbox.c.not_before <= now,
            or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now),
            ~ahead,
        )
        .order_by(outbox.c.not_before, outbox.c.id)
    )
    return query.where(outbox.c.source_id.not_in(list(without_sources))) if without_sources else query
