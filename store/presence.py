"""Where browser tabs of the team are right now. Small and short-lived: rows of a minute ago say nothing any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from store.dialects import StoreDialect
from store.schema import presence


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """A tab that looks at a conversation (`viewing`) or in which somebody types there (`writing`)."""

    user_id: int
    conversation_id: int
    state: str
    at: datetime


def recent(conn: Connection, *, since: datetime) -> list[PresenceRow]:
    """Tabs that said something since an instant. Served by ix_presence_at."""
    c = presence.c
    rows = conn.execute(select(c.user_id, c.conversation_id, c.state, c.at).where(c.at > since))
    return [PresenceRow(*row) for row in rows]


def of_tab(conn: Connection, user_id: int, tab: str) -> tuple[int, str, datetime] | None:
    """Where one tab was last: conversation, state, when (primary key); None when it never said anything."""
    c = presence.c
    row = conn.execute(select(c.conversation_id, c.state, c.at).where(c.user_id == user_id, c.tab == tab)).one_or_none()
    return None if row is None else (row.conversation_id, row.state, row.at)


def put(
    conn: Connection, dialect: StoreDialect, *, user_id: int, tab: str, conversation_id: int, state: str, at: datetime
) -> None:
    """Write down where a tab is."""
    row = {"user_id": user_id, "tab": tab, "conversation_id": conversation_id, "state": state, "at": at}
    dialect.upsert_rows(conn, presence, [row], update=("conversation_id", "state", "at"))


def forget(conn: Connection, user_id: int, *, before: datetime) -> None:
    """Remove tabs of somebody that were silent since an instant (primary key)."""
    c = presence.c
    conn.execute(delete(presence).where(c.user_id == user_id, c.at <= before))
