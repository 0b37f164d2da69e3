"""Recognising promises in an answer, in a team's calendar. Thin: `understanding.promises` reads, this only asks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from inbox.desk import Desk
from inbox.promises.reminding import TeamDays
from inbox.promises.views import Recognised
from inbox.teams import promise_for
from understanding.promises import find_promises


def recognise(desk: Desk, row: Any, text: str, *, at: datetime) -> tuple[Recognised, ...]:
    """Promises in a text that is said at an instant in a conversation, in the order of the text; due in aware UTC."""
    calendar = promise_for(desk.settings, row.team_id).calendar
    zone = calendar.zone if row.team_id is not None else ZoneInfo(desk.settings.timezone)
    found = find_promises(text, now=at.astimezone(zone), days=TeamDays(calendar))
    return tuple(Recognised(one.start, one.end, one.due_at.astimezone(UTC)) for one in found)
