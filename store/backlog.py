"""Snapshots of the backlog: how the open work of each team stood at every quarter of an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from store.dialects.base import StoreDialect
from store.kpi_facts import Wanted, of_conversations
from store.ordering import DueKey
from store.schema import backlog_snapshot, conversation

_STATES = ("new", "open", "waiting_customer", "waiting_internal", "snoozed")


def stand(conn: Connection, *, now: datetime, wanted: Wanted | None = None) -> list[dict[str, Any]]:
    """How the open work of each team stands, as rows without their instant. Reads ix_conversation_open.

    Args:
        conn: a connection of `Store.read()`.
        now: the moment that decides what is overdue.
        wanted: of which teams, sources and brands; the period does not matter. None for all.
    """
    c = conversation.c
    query = (
        select(
            c.team_id,
            *(func.count().filter(c.status == state).label(column(state)) for state in _STATES),
            func.count().filter(DueKey(c.sla_due_at) < now).label("overdue"),
            func.count(c.unanswered_since).label("unanswered"),
            func.min(c.sort_at).label("oldest_open_at"),
            func.min(c.unanswered_since).label("oldest_unanswered_at"),
        )
        .where(c.is_open, *(() if wanted is None else of_conversations(wanted)))
        .group_by(c.team_id)
    )
    return [{**row, "team_id": row["team_id"] or ""} for row in conn.execute(query).mappings()]


def column(state: str) -> str:
    """The column that counts a state."""
    return f"n_{state}"


def keep(conn: Connection, dialect: StoreDialect, at: datetime, rows: Sequence[dict[str, Any]]) -> None:
    """Keep how it stood at a quarter of an hour; a second worker that does the same changes nothing of worth."""
    empty = {"team_id": "", **{column(state): 0 for state in _STATES}, "overdue": 0, "unanswered": 0}
    empty |= {"oldest_open_at": None, "oldest_unanswered_at": None}
    changed = tuple(name for name in empty if name != "team_id")
    dialect.upsert_rows(conn, backlog_snapshot, [{**one, "at": at} for one in rows or [empty]], changed)


def latest(conn: Connection, *, before: datetime | None = None) -> datetime | None:
    """The newest snapshot, or the newest one taken before an instant (primary key)."""
    c = backlog_snapshot.c
    query = select(func.max(c.at))
    return conn.execute(query if before is None else query.where(c.at < before)).scalar()


def between(
    conn: Connection, *, since: datetime, until: datetime, team_ids: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The snapshots of [since, until), oldest first (primary key)."""
    c = backlog_snapshot.c
    query = select(backlog_snapshot).where(c.at >= since, c.at < until).order_by(c.at, c.team_id)
    narrowed = query.where(c.team_id.in_(list(team_ids))) if team_ids else query
    return [dict(row) for row in conn.execute(narrowed).mappings()]
