"""Whether somebody is there, and when they come back. Pure.

Somebody is *available* unless they said that they are away and that has not ended; and only within their planned hours
where they have hours of their own. The team's opening hours are not asked: who works at night may.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from inbox.business_time import Calendar, parse_hours

BACK_SOON_S = 4 * 3600
"""A reopened conversation waits for its agent when they are back within so many seconds of the team's time."""

LONGEST_AWAY = timedelta(days=366)
_AHEAD = timedelta(days=92)


class Person(Protocol):
    """The columns of a person that matter here."""

    @property
    def hours(self) -> str | None:
        """Planned hours of their own."""

    @property
    def availability(self) -> str:
        """available, away."""

    @property
    def away_until(self) -> datetime | None:
        """When away ends; None: until they say so."""


def is_away(person: Person, now: datetime) -> bool:
    """Whether they said that they are away, and it has not ended."""
    return person.availability == "away" and (person.away_until is None or person.away_until > now)


def is_available(person: Person, now: datetime, calendar: Calendar | None = None) -> bool:
    """Whether somebody can be given work now. `calendar` is the team's, for the time zone and holidays."""
    if is_away(person, now):
        return False
    own = own_calendar(person, calendar or Calendar())
    return own is None or own.is_open(now)


def own_calendar(person: Person, calendar: Calendar) -> Calendar | None:
    """Their planned hours in the team's time zone and holidays; None for whoever has none of their own."""
    if not person.hours:
        return None
    closed = {day: hours for day, hours in calendar.other.items() if not hours}
    return Calendar(parse_hours(person.hours), calendar.zone, calendar.holidays, closed)


def back_at(person: Person, now: datetime, calendar: Calendar) -> datetime | None:
    """When they can be given work again, `now` when they can; None when nobody knows, or not within three months."""
    start = now
    if is_away(person, now):
        if person.away_until is None:
            return None
        start = person.away_until
    own = own_calendar(person, calendar)
    if own is None or own.is_open(start):
        return start
    if not any(own.hours.week):
        return None
    back = own.add(start, 0)
    return back if back <= now + _AHEAD else None


def keeps_work(person: Person, now: datetime, calendar: Calendar) -> bool:
    """Whether what comes back goes to this person again, instead of to the team.

    It does when they are back within four hours of the team's opening time, so that a message of the night waits for
    its agent, and one in their holiday does not.
    """
    back = back_at(person, now, calendar)
    return back is not None and calendar.between(now, back) <= BACK_SOON_S
