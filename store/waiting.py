"""What waits for the worker or the clock: each asked often, usually answered with nothing, so each has an index."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, literal_column, select

from store.schema import conversation


def routing_pending(conn: Connection, *, limit: int = 200) -> list[int]:
    """Conversations that routing has not seen yet, oldest id first. Served by ix_conversation_routing."""
    c = conversation.c
    return list(conn.execute(select(c.id).where(c.routing_pending).order_by(c.id).limit(limit)).scalars())


def snoozes_over(conn: Connection, *, now: datetime, limit: int = 200) -> list[int]:
    """Conversations whose snooze has ended, longest ago first. Served by ix_conversation_snoozed."""
    c = conversation.c
    snoozed: ColumnElement[bool] = literal_column("conversation.status = 'snoozed'")
    query = select(c.id).where(snoozed, c.snoozed_until <= now).order_by(c.snoozed_until, c.id).limit(limit)
    return list(conn.execute(query).scalars())


def claims_lapsed(conn: Connection, *, now: datetime, limit: int = 200) -> list[int]:
    """Conversations whose claim has lapsed, longest ago first. Served by ix_conversation_claim."""
    c = conversation.c
    query = (
        select(c.id)
        .where(c.claimed_by.is_not(None), c.claimed_until <= now)
        .order_by(c.claimed_until, c.id)
        .limit(limit)
    )
    return list(conn.execute(query).scalars())
