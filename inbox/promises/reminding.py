"""When a promise is brought back to the desk, and how a team's calendar reads promised days. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from inbox.business_time import Calendar

LEAD = timedelta(hours=2)
SHARE = 0.2


def remind_at(said_at: datetime, due_at: datetime, calendar: Calendar) -> datetime:
    """When to remind: two hours of the team's time before it is due, or with a fifth of the time left if that is later.

    A promise for Monday 09:30 is brought back on Friday afternoon. One that was made and falls due while the team is
    closed is counted by the wall clock.
    """
    open_s = calendar.between(said_at, due_at)
    if open_s > 0:
        lead = min(LEAD.total_seconds(), open_s * SHARE)
        return min(due_at, max(said_at, calendar.add(said_at, open_s - lead)))
    whole = max(due_at - said_at, timedelta(0))
    return due_at - min(LEAD, whole * SHARE)


@dataclass(frozen=True, slots=True)
class TeamDays:
    """A team's calendar as `understanding.promises` asks for it."""

    calendar: Calendar

    def closing(self, day: date) -> time | None:
        """When the team closes on a local day; None on a day on which it is closed. Midnight is the last minute."""
        stretches = self.calendar.opening(day)
        if not stretches:
            return None
        minute = min(stretches[-1][1], 24 * 60 - 1)
        return time(minute // 60, minute % 60)

    def is_working(self, day: date) -> bool:
        """Whether a local day is a working day: open, and of a team that works all week, Monday to Friday."""
        if self.closing(day) is None:
            return False
        return day.weekday() < 5 or not all(self.calendar.hours.week)
