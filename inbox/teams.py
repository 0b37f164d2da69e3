"""Teams ready for arithmetic: calendar and promised times. Pure.

The settings given here come from `Desk.settings`: teams of the configuration and those made on screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from inbox.business_time import Calendar, parse_day, parse_hours
from inbox.holidays import holidays_of
from inbox.settings import InboxSettings, TeamSettings
from inbox.workspace.values import WorkspaceTeam

_UNITS = {"m": 60, "h": 3600, "d": 86_400}
_YEARS = range(2014, 2101)
ORANGE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Promise:
    """A team's calendar and what it promises, in seconds of business time; None promises nothing."""

    calendar: Calendar = field(default_factory=Calendar)
    first_response_s: int | None = None
    resolution_s: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When a conversation is due, and when 80 % of the promised business time is used."""

    at: datetime
    orange_at: datetime


NO_PROMISE = Promise()


def seconds_of(text: str | None) -> int | None:
    """Seconds of `30m`, `4h`, `2d` (a day is 24 hours of business time), None for None."""
    return None if text is None else int(text[:-1]) * _UNITS[text[-1]]


@lru_cache(maxsize=128)
def promise_of(team: TeamSettings, timezone: str) -> Promise:
    """A team's promise in the workspace's time zone.

    Raises:
        ValueError: hours or holidays that cannot be read.
    """
    made = team if isinstance(team, WorkspaceTeam) else WorkspaceTeam(id=team.id)
    return Promise(
        calendar=Calendar(
            parse_hours(team.hours),
            ZoneInfo(made.timezone or timezone),
            holidays_of(team.holidays, _YEARS),
            {one.day: parse_day(one.hours) for one in made.days},
        ),
        first_response_s=seconds_of(team.sla.first_response),
        resolution_s=seconds_of(team.sla.resolution),
    )


def promise_for(settings: InboxSettings, team_id: str | None) -> Promise:
    """The promise of a team by id; none for no team or one that is no longer there."""
    for team in settings.teams:
        if team.id == team_id:
            return promise_of(team, settings.timezone)
    return NO_PROMISE


def default_team(settings: InboxSettings) -> str | None:
    """The team that gets what nobody else claims: the first one, of the configuration if it has any."""
    return settings.teams[0].id if settings.teams else None


def due(promise: Promise, *, cycle_started_at: datetime, unanswered_since: datetime | None) -> Due | None:
    """The nearest promise that still runs: a response to what is unanswered, or the resolution of the cycle.

    Args:
        promise: the team's.
        cycle_started_at: first message of the customer in this cycle.
        unanswered_since: oldest message of the customer without an answer; None when all is answered.
    """
    running = [
        _clock(promise.calendar, start, seconds)
        for start, seconds in (
            (unanswered_since, promise.first_response_s),
            (cycle_started_at, promise.resolution_s),
        )
        if start is not None and seconds is not None
    ]
    return min(running, key=lambda clock: clock.at, default=None)


def _clock(calendar: Calendar, start: datetime, seconds: int) -> Due:
    return Due(at=calendar.add(start, seconds), orange_at=calendar.add(start, seconds * ORANGE_SHARE))
