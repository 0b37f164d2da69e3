"""Saved views as they stand in the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, union_all

from store.schema import saved_view


@dataclass(frozen=True, slots=True)
class SavedViewRow:
    """A view somebody keeps; `filters` as JSON."""

    id: int
    name: str
    owner_id: int | None
    team_id: str | None
    base: str
    filters: Any
    position: int


def seen_by(conn: Connection, *, user_id: int, team_id: str | None) -> list[SavedViewRow]:
    """Views of a person, of their team and of everybody. Served by ix_saved_view_owner, one look-up for each."""
    c = saved_view.c
    columns = (c.id, c.name, c.owner_id, c.team_id, c.base, c.filters, c.position)
    looks = [
        select(*columns).where(c.owner_id == user_id),
        select(*columns).where(c.owner_id.is_(None), c.team_id.is_(None)),
    ]
    if team_id is not None:
        looks.append(select(*columns).where(c.owner_id.is_(None), c.team_id == team_id))
    return [SavedViewRow(*row) for row in conn.execute(union_all(*looks))]
