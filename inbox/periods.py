"""Periods that figures are asked over: whole local days, and what they are compared with. Pure; no clock, no store.

A period that is not over is compared with the same part of the one before: today until 14:00 with yesterday until
14:00, 1 to 12 November with 1 to 12 October.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from inbox.errors import BadInput
from inbox.sentences import Sentence

TODAY, MONTH, LAST_MONTH, YEAR = "today", "month", "last_month", "year"
LAST_DAYS: Mapping[str, int] = {"7d": 7, "30d": 30, "90d": 90}
"""Periods by name that are so many days, today included."""
LONGEST_DAYS = 1_096
"""Three years: what figures are drawn over at most."""
_LEAST = timedelta(seconds=1)
EARLIEST = date(2000, 1, 1)
"""Nothing older is asked for."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included.

    Attributes:
        by_month, by_year: it began with its calendar month or year, so it is compared with the one before.
    """

    first: date
    last: date
    by_month: bool = False
    by_year: bool = False

    @property
    def n_days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def bounds(self, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
        """The instants [since, until) in UTC; a period that is not over ends now, a second after it began at least."""
        since, until = _midnight(self.first, zone), _midnight(self.last + timedelta(days=1), zone)
        return since, max(since + _LEAST, min(until, now.astimezone(UTC)))

    def before(self, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
        """The instants of the period before, and of that only as much as of this one is over."""
        first = self.first - timedelta(days=self.n_days)
        if self.by_month:
            first = _month_before(self.first)
        elif self.by_year:
            first = self.first.replace(year=self.first.year - 1)
        end = min(first + timedelta(days=self.n_days), self.first)
        since, until = _midnight(first, zone), _midnight(end, zone)
        local = now.astimezone(zone)
        if local.date() > self.last:
            return since, until
        # By the clock on the wall, so that an hour which summer time skips or repeats moves nothing.
        passed = datetime.combine(first + (local.date() - self.first), local.time(), zone).astimezone(UTC)
        return since, max(since + _LEAST, min(until, passed))


def named(name: str, today: date) -> Period:
    """A period by its name: today, the last 7, 30 or 90 days, this month or the one before, this year.

    Raises:
        BadInput: no period has this name.
    """
    if name == TODAY:
        return Period(today, today)
    if name == MONTH:
        return Period(today.replace(day=1), today, by_month=True)
    if name == LAST_MONTH:
        end = today.replace(day=1) - timedelta(days=1)
        return Period(end.replace(day=1), end, by_month=True)
    if name == YEAR:
        return Period(today.replace(month=1, day=1), today, by_year=True)
    if name in LAST_DAYS:
        return Period(today - timedelta(days=LAST_DAYS[name] - 1), today)
    raise BadInput(Sentence("Choose a period from the list, or dates of your own."))


def own(first: date | None, last: date | None, today: date) -> Period:
    """Days that somebody chose.

    Raises:
        BadInput: one is missing, they stand in the wrong order, lie ahead, or are too far apart.
    """
    if first is None or last is None:
        raise BadInput(Sentence("Choose a first and a last day."))
    if last < first:
        raise BadInput(Sentence("This period ends before it begins. Choose a last day on or after the first."))
    if first < EARLIEST:
        raise BadInput(Sentence("Choose days from the year {year} on.", year=str(EARLIEST.year)))
    if first > today:
        raise BadInput(Sentence("This period has not begun yet. Choose a first day up to today."))
    if (last - first).days >= LONGEST_DAYS:
        raise BadInput(Sentence("Choose at most {n} days.", n=LONGEST_DAYS))
    return Period(first, last)


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _midnight(one: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(one, datetime.min.time(), zone).astimezone(UTC)
