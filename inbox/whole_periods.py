"""Days, weeks and months of the workspace's calendar. Pure.

A period runs from the first midnight of its first day to that of the day after its last, by local time, so that one
with a change of the clocks has an hour more or less, and no message falls between two of them. Weeks begin on Monday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_LAST_DAY = date(9000, 12, 31)


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """A day, week or month. `after`: the first day that is no longer in it."""

    every: Every
    first: date
    after: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.after - timedelta(days=1)

    @property
    def name(self) -> str:
        """Such as 2026-11-28, 2026-W48 (ISO 8601) or 2026-11: sorts by time."""
        if self.every is Every.DAY:
            return self.first.isoformat()
        if self.every is Every.WEEK:
            year, week, _day = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return f"{self.first:%Y-%m}"

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """[since, until), aware UTC."""
        return _local(self.first, 0, zone), _local(self.after, 0, zone)

    def due_at(self, hour: int, zone: ZoneInfo) -> datetime:
        """When it is told about: at a local hour of the day after it, aware UTC."""
        return _local(self.after, hour, zone)


def period_at(every: Every, day: date) -> Period:
    """The period that a day is in."""
    if every is Every.DAY:
        return Period(every, day, day + timedelta(days=1))
    if every is Every.WEEK:
        first = day - timedelta(days=day.weekday())
        return Period(every, first, first + timedelta(days=7))
    first = day.replace(day=1)
    return Period(every, first, (first + timedelta(days=31)).replace(day=1))


def ended_before(every: Every, day: date) -> Period:
    """The last whole period that was over before a day began."""
    return period_at(every, period_at(every, day).first - timedelta(days=1))


def days(first: date | None, last: date | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From the first day to the end of the last, both counted in: [since, until), aware UTC; None where open."""
    since = None if first is None else _local(first, 0, zone)
    return since, None if last is None else _local(min(last, _LAST_DAY) + timedelta(days=1), 0, zone)


def after(period: Period) -> Period:
    """The period that follows."""
    return period_at(period.every, period.after)


def first_to_come(every: Every, hour: int, now: datetime, zone: ZoneInfo) -> Period:
    """The first period whose export is due from now on: none that was over before somebody asked."""
    period = period_at(every, now.astimezone(zone).date() - timedelta(days=1))
    while period.due_at(hour, zone) < now:
        period = after(period)
    return period


def due(period: Period, hour: int, now: datetime, zone: ZoneInfo, *, most: int) -> list[Period]:
    """Periods from this one on whose export is due, oldest first, at most so many."""
    found: list[Period] = []
    while len(found) < most and period.due_at(hour, zone) <= now:
        found.append(period)
        period = after(period)
    return found


def _local(day: date, hour: int, zone: ZoneInfo) -> datetime:
    # An hour that the clocks skip is read as the one after it; of an hour that comes twice the first counts.
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
