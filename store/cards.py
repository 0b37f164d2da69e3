"""What one row of the conversation list holds, and how rows are read. Does not choose or order rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select

from store.schema import conversation


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation as the list shows it. Instants aware UTC, `rating` 0-1, `priority` 0 (Risk) to 4 (Low)."""

    id: int
    key: str
    source_id: str
    platform: str
    status: str
    is_open: bool
    status_reason: str | None
    cycle: int
    cycle_started_at: datetime
    priority: int
    why: str | None
    team_id: str | None
    assignee_id: int | None
    claimed_by: int | None
    claimed_until: datetime | None
    snoozed_until: datetime | None
    sla_due_at: datetime | None
    visibility: str
    kind: str
    title: str | None
    snippet: str
    author_id: int | None
    author_name: str
    lang: str
    sentiment: str | None
    rating: float | None
    url: str | None
    brand_ids: tuple[str, ...]
    n_inbound: int
    n_outbound: int
    n_duplicates: int
    n_notes: int
    first_mention_id: int | None
    last_mention_id: int | None
    first_inbound_at: datetime | None
    last_inbound_at: datetime | None
    last_outbound_at: datetime | None
    unanswered_since: datetime | None
    sort_at: datetime
    resolved_at: datetime | None
    version: int
    muted_at: datetime | None
    reply_state: str | None
    promise_due_at: datetime | None
    theme_id: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `next_cursor` is opaque; None at the end."""

    rows: tuple[ConversationRow, ...]
    next_cursor: str | None = None


CARD_COLUMNS: tuple[ColumnElement[Any], ...] = tuple(conversation.c[field.name] for field in fields(ConversationRow))
# Built once: every page of the API asks for them.
_BY_IDS = select(*CARD_COLUMNS).where(conversation.c.id.in_(bindparam("ids", expanding=True)))
_BRANDS = [field.name for field in fields(ConversationRow)].index("brand_ids")


def card(row: Sequence[Any]) -> ConversationRow:
    """Turn a row of CARD_COLUMNS into a value."""
    values = list(row)
    values[_BRANDS] = tuple(values[_BRANDS] or ())
    return ConversationRow(*values)


def cards_by_id(conn: Connection, ids: Iterable[int]) -> dict[int, ConversationRow]:
    """Conversations by id (primary key); ids that do not exist are missing."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = conn.execute(_BY_IDS, {"ids": wanted})
    return {row.id: card(row) for row in rows}


def conversation_by_id(conn: Connection, conversation_id: int) -> ConversationRow | None:
    """One conversation (primary key); None when there is none."""
    row = conn.execute(select(*CARD_COLUMNS).where(conversation.c.id == conversation_id)).one_or_none()
    return None if row is None else card(row)
