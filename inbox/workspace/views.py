"""What the page of teams shows. Durations in seconds of business time, instants aware UTC, days local."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DayView:
    """A day with hours of its own; `hours` is "" when it is closed."""

    day: date
    hours: str
    name: str


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team. `declared` ones stand in the configuration: only their other days are changed here."""

    id: str
    name: str
    hours: str
    holidays: str
    timezone: str
    first_response_s: int | None
    resolution_s: int | None
    declared: bool
    days: tuple[DayView, ...]
    n_people: int
    n_open: int
    next_holidays: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TeamInput:
    """What is filled in for a team. `holidays` is a country's code or empty, `timezone` an IANA name or empty."""

    name: str
    hours: str = "mon-fri 09:00-17:00"
    holidays: str = ""
    timezone: str = ""
    first_response_s: int | None = None
    resolution_s: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """An example to judge a team by: a message of `said_at` with `seconds` is due `due_at`; in local time of `zone`."""

    said_at: datetime
    seconds: int
    due_at: datetime
    zone: str
