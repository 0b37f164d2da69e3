"""Promises as rows: those of a conversation, those the clock looks at, and those that fell due in a period.

A promise is *outstanding* while the customer still waits for what was promised: open, or broken and not yet made good
(`closed_at` is empty). Suggested ones are outstanding for nobody until somebody confirms them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, literal_column, select

from store.kpi_facts import Wanted, of_conversations
from store.schema import conversation, promise

# Spelled as the partial indexes spell them, because both planners match the condition by its text.
_PENDING: ColumnElement[bool] = literal_column("promise.state IN ('open', 'suggested')")
_CHUNK = 500
_UNREMINDED: ColumnElement[bool] = literal_column("(promise.state = 'open' AND promise.reminded_at IS NULL)")


def of_conversation(conn: Connection, conversation_id: int) -> list[Row[Any]]:
    """All promises of a conversation, oldest first. Served by ix_promise_conversation."""
    wanted = select(promise).where(promise.c.conversation_id == conversation_id).order_by(promise.c.id)
    return list(conn.execute(wanted))


def by_id(conn: Connection, promise_id: int) -> Row[Any] | None:
    """One promise (primary key); None when there is none."""
    return conn.execute(select(promise).where(promise.c.id == promise_id)).first()


def to_remind(conn: Connection, *, now: datetime, limit: int = 200) -> list[tuple[int, int]]:
    """Open promises whose reminder is due, as (promise, conversation). Served by ix_promise_remind."""
    c = promise.c
    wanted = (
        select(c.id, c.conversation_id).where(_UNREMINDED, c.remind_at <= now).order_by(c.remind_at, c.id).limit(limit)
    )
    return [(row.id, row.conversation_id) for row in conn.execute(wanted)]


def over(conn: Connection, *, now: datetime, limit: int = 200) -> list[tuple[int, int]]:
    """Open and suggested promises whose moment has passed, as (promise, conversation). Served by ix_promise_pending."""
    c = promise.c
    wanted = select(c.id, c.conversation_id).where(_PENDING, c.due_at < now).order_by(c.due_at, c.id).limit(limit)
    return [(row.id, row.conversation_id) for row in conn.execute(wanted)]


def suggested_by(conn: Connection, user_id: int, *, since: datetime, limit: int = 20) -> list[Row[Any]]:
    """What somebody seems to have promised since an instant and did not confirm. Served by ix_promise_pending."""
    c = promise.c
    wanted = (
        select(promise)
        .where(_PENDING, c.state == "suggested", c.said_by == user_id, c.created_at >= since)
        .order_by(c.due_at, c.id)
        .limit(limit)
    )
    return list(conn.execute(wanted))


class FellDue(NamedTuple):
    """A promise that was due in a period, and when; also one that was only recognised (suggested) or dropped."""

    conversation_id: int
    team_id: str | None
    source_id: str
    state: str
    at: datetime


def fell_due(conn: Connection, wanted: Wanted) -> list[FellDue]:
    """Promises due in [since, until), of conversations of these teams, sources and brands. Served by ix_promise_due."""
    c = promise.c
    due = select(c.conversation_id, c.state, c.due_at).where(c.due_at >= wanted.since, c.due_at < wanted.until)
    found = conn.execute(due).all()
    talks: dict[int, Row[Any]] = {}
    ids = sorted({row.conversation_id for row in found})
    for start in range(0, len(ids), _CHUNK):
        of_these = conversation.c.id.in_(ids[start : start + _CHUNK])
        query = select(conversation.c.id, conversation.c.team_id, conversation.c.source_id)
        talks |= {row.id: row for row in conn.execute(query.where(of_these, *of_conversations(wanted)))}
    return [
        FellDue(talk.id, talk.team_id, talk.source_id, row.state, row.due_at)
        for row in found
        if (talk := talks.get(row.conversation_id)) is not None
    ]


def promised(conn: Connection, *, limit: int = 500) -> list[int]:
    """Conversations with an outstanding promise, soonest due first. Served by ix_conversation_promise."""
    c = conversation.c
    wanted = _outstanding(c.id).order_by(c.promise_due_at, c.id).limit(limit)
    return list(conn.execute(wanted).scalars())


def count_promised(conn: Connection, *, cap: int) -> int:
    """How many conversations have an outstanding promise, counted up to `cap`. Served by ix_conversation_promise."""
    few = _outstanding(literal(1)).limit(cap).subquery()
    return int(conn.execute(select(func.count()).select_from(few)).scalar_one())


def _outstanding(*columns: Any) -> Select[Any]:
    return select(*columns).where(conversation.c.promise_due_at.is_not(None))


def nearest_outstanding(rows: Sequence[Row[Any]]) -> datetime | None:
    """When the first of these promises is due that somebody still waits for; None when nobody does."""
    return min((row.due_at for row in rows if row.state in {"open", "broken"} and row.closed_at is None), default=None)
