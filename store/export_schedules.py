"""What is exported again after every day, week or month: kept, and asked for when it is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from store.engine import Store
from store.schema import export_schedule


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule; see the table of the same name. Instants aware UTC."""

    id: int
    name: str
    wanted: Any
    every: str
    hour: int
    destination: str
    place: str
    period: date
    next_at: datetime
    made_by: int
    made_at: datetime
    paused: bool
    ended_at: datetime | None


_COLUMNS = [export_schedule.c[field.name] for field in fields(ScheduleRow)]


def add(store: Store, conn: Connection, values: Mapping[str, Any]) -> int:
    """Keep a schedule, inside the caller's transaction; gives its id."""
    schedule_id = store.new_id()
    conn.execute(export_schedule.insert().values(id=schedule_id, paused=False, **values))
    return schedule_id


def change(conn: Connection, schedule_id: int, **values: Any) -> None:
    """Change a schedule."""
    conn.execute(export_schedule.update().where(export_schedule.c.id == schedule_id).values(**values))


def find(conn: Connection, schedule_id: int, *, locked: bool = False) -> ScheduleRow | None:
    """A schedule by its id, ended or not; `locked` against others until the transaction ends."""
    query = select(*_COLUMNS).where(export_schedule.c.id == schedule_id)
    row = conn.execute(query.with_for_update() if locked else query).first()
    return None if row is None else ScheduleRow(*row)


def standing(conn: Connection) -> list[ScheduleRow]:
    """Schedules that were not ended, in order of name; a handful."""
    c = export_schedule.c
    query = select(*_COLUMNS).where(c.ended_at.is_(None)).order_by(c.name, c.id)
    return [ScheduleRow(*row) for row in conn.execute(query)]
