"""People as the work sees them: who could be given what. The table is small and read whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from store.filters import Residual
from store.schema import conversation, presence, user_account


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An active person. `hours` in the grammar of a team's; None for the team's own. Instants aware UTC."""

    id: int
    login: str
    name: str
    role: str
    team_id: str | None
    skills: tuple[str, ...]
    hours: str | None
    most_open: int | None
    availability: str
    away_until: datetime | None


def people_at_work(conn: Connection) -> list[PersonRow]:
    """Everybody active."""
    c = user_account.c
    rows = conn.execute(
        select(
            c.id, c.login, c.name, c.role, c.team_id, c.skills, c.hours, c.most_open, c.availability, c.away_until
        ).where(c.active)
    )
    return [
        PersonRow(
            id=row.id,
            login=row.login,
            name=row.name,
            role=row.role,
            team_id=row.team_id,
            skills=tuple(str(skill) for skill in row.skills or ()),
            hours=row.hours,
            most_open=row.most_open,
            availability=row.availability,
            away_until=row.away_until,
        )
        for row in rows
    ]


def open_by_person(conn: Connection) -> dict[int, int]:
    """How many conversations stand on each desk: new or open, by assignee. Scans ix_conversation_open."""
    c = conversation.c
    rows = conn.execute(
        select(c.assignee_id, func.count())
        .where(c.is_open, Residual.of(c.assignee_id).is_not(None), c.status.in_(("new", "open")))
        .group_by(c.assignee_id)
    )
    return {int(row[0]): int(row[1]) for row in rows}


def open_of(conn: Connection, user_id: int) -> int:
    """How many conversations stand on one desk, new or open. Scans ix_conversation_open, as badges do."""
    c = conversation.c
    wanted = select(func.count()).where(c.is_open, Residual.of(c.assignee_id) == user_id, c.status.in_(("new", "open")))
    return int(conn.execute(wanted).scalar_one())


def last_seen(conn: Connection, *, since: datetime) -> dict[int, datetime]:
    """When each person's browser last said that it is there, since an instant. The table holds open tabs only."""
    c = presence.c
    rows = conn.execute(select(c.user_id, func.max(c.at)).where(c.at >= since).group_by(c.user_id))
    return {int(row[0]): row[1] for row in rows}
