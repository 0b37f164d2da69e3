"""Business time: how long a team has really had, and when a promised time is over. Pure; no clock, no store.

Opening hours are half-open in local time: 09:00-17:00 holds 09:00:00 and not 17:00:00. A due moment always lies
inside opening hours: 30 minutes on a message of Friday 16:45 are due Monday 09:15, and 15 minutes on the same
message are due Monday 09:00, because 17:00:00 is outside. So something is late exactly when more business time
than promised has passed. Durations are in seconds; an hour that the clock repeats counts twice, one that it
skips does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from inbox.sentences import Sentence, UnfitValueError

_DAYS = {
    name: number
    for names in (("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("ma", "di", "wo", "do", "vr", "za", "zo"))
    for number, name in enumerate(names)
}
_PART = re.compile(r"(?P<first>[a-z]{2,3})(?:-(?P<last>[a-z]{2,3}))?\s+(?P<from>\d{1,2}:\d{2})-(?P<to>\d{1,2}:\d{2})")
_STRETCH = re.compile(r"(?P<from>\d{1,2}:\d{2})-(?P<to>\d{1,2}:\d{2})")
# A calendar with ten closed years in a row is a mistake in the hours, not a long holiday.
_HORIZON_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly opening hours: per weekday (Monday 0) the stretches [start, end) in minutes since local midnight."""

    week: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def always(self) -> bool:
        """Whether it is never closed."""
        return all(day == ((0, 1440),) for day in self.week)


ALWAYS = Hours(week=(((0, 1440),),) * 7)
_UTC = ZoneInfo("UTC")


@lru_cache(maxsize=256)
def parse_hours(text: str) -> Hours:
    """Read `mon-fri 09:00-17:00, sat 10:00-14:00` (or `ma-vr`); empty and `24/7` mean always open.

    Raises:
        ValueError: not hours; says what to write.
    """
    clean = text.strip().lower()
    if clean in {"", "24/7", "always"}:
        return ALWAYS
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for part in re.split(r"\s*[,;]\s*", clean):
        match = _PART.fullmatch(part)
        if match is None or match["first"] not in _DAYS or (match["last"] or match["first"]) not in _DAYS:
            raise UnfitValueError(
                Sentence(
                    "Cannot read the opening hours “{part}”; write them as mon-fri 09:00-17:00, sat 10:00-14:00.",
                    part=part,
                )
            )
        start, end = _minutes(match["from"]), _minutes(match["to"])
        if not 0 <= start < end <= 1440:
            raise UnfitValueError(
                Sentence(
                    "Opening hours “{part}” must start before they end, on one day (24:00 is midnight).", part=part
                )
            )
        first, last = _DAYS[match["first"]], _DAYS[match["last"] or match["first"]]
        for offset in range((last - first) % 7 + 1):
            week[(first + offset) % 7].append((start, end))
    return Hours(week=tuple(_merged(day) for day in week))


@lru_cache(maxsize=256)
def parse_day(text: str) -> tuple[tuple[int, int], ...]:
    """Read the hours of one day: `10:00-16:00, 19:00-21:00`; empty and `closed` mean closed all day.

    Raises:
        ValueError: not hours; says what to write.
    """
    clean = text.strip().lower()
    if clean in {"", "closed"}:
        return ()
    stretches = []
    for part in re.split(r"\s*[,;]\s*", clean):
        match = _STRETCH.fullmatch(part)
        start, end = (_minutes(match["from"]), _minutes(match["to"])) if match else (0, 0)
        if not 0 <= start < end <= 1440:
            raise UnfitValueError(
                Sentence(
                    "Cannot read the hours “{part}”; write them as 10:00-16:00, or leave them empty for a closed day.",
                    part=part,
                )
            )
        stretches.append((start, end))
    return _merged(stretches)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes) if int(minutes) < 60 else -1


def _merged(stretches: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a team works: weekly hours in a time zone, less the holidays; other days have hours of their own.

    Days are local dates. A day of `other` counts as it says, also when it is a holiday or a Sunday.
    """

    hours: Hours = ALWAYS
    zone: ZoneInfo = _UTC
    holidays: frozenset[date] = frozenset()
    other: Mapping[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @property
    def _never_closed(self) -> bool:
        return self.hours.always and not self.holidays and not self.other

    def opening(self, day: date) -> tuple[tuple[int, int], ...]:
        """Open stretches of one local day, in minutes since midnight; none on a day that is closed."""
        other = self.other.get(day)
        if other is not None:
            return other
        return () if day in self.holidays else self.hours.week[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        """Whether an aware instant lies inside opening hours."""
        return any(start <= at < end for start, end in self._stretches(at, days=1))

    def between(self, start: datetime, end: datetime) -> float:
        """Business seconds in [start, end); 0 when `end` is not after `start`."""
        # Two instants of one zone would be subtracted as wall-clock times, blind to summer time.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return 0.0
        if self._never_closed:
            return (end - start).total_seconds()
        days = (end - start).days + 3
        spent = timedelta(0)
        for opens, closes in self._stretches(start, days=days):
            if opens < end and closes > start:
                spent += min(end, closes) - max(start, opens)
        return spent.total_seconds()

    def add(self, start: datetime, seconds: float) -> datetime:
        """The last instant at which no more than `seconds` of business time have passed since `start`; aware UTC.

        Raises:
            ValueError: `seconds` is negative, or the calendar has no opening hours at all.
        """
        if seconds < 0:
            msg = f"a promised time cannot be negative, got {seconds} seconds"
            raise ValueError(msg)
        start = start.astimezone(UTC)
        if self._never_closed:
            return start + timedelta(seconds=seconds)
        left = timedelta(seconds=seconds)
        for opens, closes in self._stretches(start, days=_HORIZON_DAYS):
            begin = max(start, opens)
            if begin >= closes:
                continue
            if begin + left < closes:
                return begin + left
            left -= closes - begin
        raise UnfitValueError(Sentence("These opening hours and holidays leave no time to work in."))

    def _stretches(self, around: datetime, *, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Open stretches in UTC, from the local day before `around` on."""
        if not any(self.hours.week) and not any(self.other.values()):
            return
        day = around.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(days + 2):
            current = day + timedelta(days=offset)
            for start, end in self.opening(current):
                opens, closes = self._instant(current, start), self._instant(current, end)
                if opens < closes:
                    yield opens, closes

    def _instant(self, day: date, minute: int) -> datetime:
        if minute == 1440:
            return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)
        return datetime.combine(day, time(minute // 60, minute % 60), self.zone).astimezone(UTC)
