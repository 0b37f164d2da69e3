"""Hand-over notes: those that stand now, and earlier ones."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, literal_column, select

from store.schema import hand_over, user_account

_STANDING: ColumnElement[bool] = literal_column("hand_over.done_at IS NULL")


def standing(conn: Connection, team_id: str | None, *, limit: int = 20) -> list[Row[Any]]:
    """Notes that are not done, for a team and for everybody, newest first. Served by ix_hand_over_standing.

    Somebody without a team reads those of all teams.
    """
    wanted = _with_names().where(_STANDING).order_by(hand_over.c.id.desc())
    if team_id is not None:
        wanted = wanted.where((hand_over.c.team_id == team_id) | hand_over.c.team_id.is_(None))
    return list(conn.execute(wanted.limit(limit)))


def earlier(conn: Connection, team_id: str | None, *, limit: int = 50) -> list[Row[Any]]:
    """The latest notes, done or not, newest first, along the primary key."""
    wanted = _with_names().order_by(hand_over.c.id.desc())
    if team_id is not None:
        wanted = wanted.where((hand_over.c.team_id == team_id) | hand_over.c.team_id.is_(None))
    return list(conn.execute(wanted.limit(limit)))


@cache
def _with_names() -> Any:
    writer, ender = user_account.alias(), user_account.alias()
    return (
        select(hand_over, writer.c.name.label("author_name"), ender.c.name.label("done_name"))
        .join(writer, writer.c.id == hand_over.c.author_id, isouter=True)
        .join(ender, ender.c.id == hand_over.c.done_by, isouter=True)
    )
