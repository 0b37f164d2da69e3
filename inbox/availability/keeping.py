"""Whether what comes back goes to the agent who had it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from inbox.availability.state import keeps_work
from inbox.desk import Desk
from inbox.teams import promise_for
from store.schema import user_account


def stays_with(desk: Desk, conn: Connection, user_id: int | None, team_id: str | None, now: datetime) -> bool:
    """Whether this person takes a reopened conversation on again: active, and back soon enough."""
    if user_id is None:
        return False
    c = user_account.c
    person = conn.execute(select(c.hours, c.availability, c.away_until).where(c.id == user_id, c.active)).first()
    return person is not None and keeps_work(person, now, promise_for(desk.settings, team_id).calendar)
