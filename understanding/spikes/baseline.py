"""What is usual: how many messages a window of whole hours holds, told from the same hours of earlier weeks.

The middle is the median of the windows that end at the same local hour of the week, so that one earlier spike, or one
day that was not collected, moves nothing. The spread is the median absolute deviation times 1.4826 (the standard
deviation of a normal distribution), over these windows and those an hour beside them, each against its own middle; with
the correction n / (n - 0.8) for few values (C. Croux and P. J. Rousseeuw, "Time-efficient algorithms for two highly
robust estimators of scale", COMPSTAT 1992). Two things that a median does not see are added:

* counts scatter at least as Poisson does: the spread is never below the root of what is expected, nor below that of one
  message. Where most windows are empty, median and deviation are both 0, and only this says how rare five are;
* a middle told from n windows is itself off by about 1.2533 / sqrt(n) standard deviations (the standard error of a
  median); the spread grows by it.

Where fewer than `LEAST` weeks are known, windows an hour beside count too, then those of other days of the same kind
(working days, weekends), then of any day. With fewer than `LEAST` windows nothing is expected, rather than something
wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from statistics import fmean, median
from zoneinfo import ZoneInfo

WEEKS = 8
"""How many earlier weeks are looked at: enough for a median, few enough to follow a brand that grows."""
LEAST = 3
"""Fewer than so many tell nothing."""
DAYS_BESIDE = 28
"""How far back other days are looked at while weeks are too few."""
_HOUR = timedelta(hours=1)
_NORMAL = 1.4826
_SATURDAY = 5


class Basis(StrEnum):
    """What an expectation rests on, from the narrowest."""

    HOUR_OF_WEEK = "hour_of_week"
    HOURS_BESIDE = "hours_beside"
    KIND_OF_DAY = "kind_of_day"
    ANY_DAY = "any_day"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a window should hold.

    Attributes:
        mean: messages.
        sd: standard deviation in messages, at least 1.
        n: earlier windows that it rests on.
        basis: which those are.
    """

    mean: float
    sd: float
    n: int
    basis: Basis


class Series:
    """Counts per hour, with the sum of any window in constant time.

    Hours without messages may be left out of `counts`; what lies before the first that had any, or before `since`, is
    not known, and is no zero.

    Args:
        counts: messages per hour, by its start (aware, on the hour in UTC).
        zone: whose calendar says which hour of which weekday it is.
        since: since when counts are known, when that is later than the first of them.
    """

    def __init__(self, counts: Mapping[datetime, int], zone: ZoneInfo, *, since: datetime | None = None) -> None:
        self._zone = zone
        said = sorted(_number(hour) for hour, n in counts.items() if n > 0)
        first = said[0] if said else 0
        if since is not None and said:
            first = max(first, _number(since))
        self._first = first
        last = said[-1] if said else first - 1
        by_hour = {_number(hour): n for hour, n in counts.items()}
        filled = (max(0, by_hour.get(number, 0)) for number in range(first, last + 1))
        self._sums = (0, *accumulate(filled))

    @property
    def begins(self) -> datetime | None:
        """The first hour that is known; None when none is."""
        return datetime.fromtimestamp(self._first * 3600, UTC) if len(self._sums) > 1 else None

    def hours(self, first: datetime, last: datetime) -> list[tuple[datetime, int]]:
        """Every hour between two, both included, with its messages."""
        span = max(0, _number(last) - _number(first) + 1)
        return [(hour, self.window(hour, 1)) for hour in (first + step * _HOUR for step in range(span))]

    def known(self, hour: datetime, window_h: int) -> bool:
        """Whether all of a window that ends with this hour lies where counts are known."""
        return len(self._sums) > 1 and _number(hour) - window_h + 1 >= self._first

    def window(self, hour: datetime, window_h: int) -> int:
        """Messages in the `window_h` hours of which the last one begins at `hour`."""
        end = _number(hour) + 1
        return self._up_to(end) - self._up_to(end - window_h)

    def expected(self, hour: datetime, window_h: int) -> Expected | None:
        """What the window that ends with this hour should hold, told from earlier ones alone; None: too little known.

        Args:
            hour: start of its last hour (aware, on the hour in UTC).
            window_h: hours of the window.
        """
        weeks = self._known_of(_weeks_before(hour, self._zone), window_h)
        beside = [
            self._known_of(tuple(one + step for one in _weeks_before(hour, self._zone)), window_h)
            for step in (-_HOUR, _HOUR)
        ]
        if len(weeks) >= LEAST:
            return _of([weeks, *beside], weeks, Basis.HOUR_OF_WEEK)
        if len(weeks) == LEAST - 1:
            return _of([weeks, *beside], [*weeks, *beside[0], *beside[1]], Basis.HOURS_BESIDE)
        days = _days_before(hour, self._zone)
        for same_kind, basis in ((True, Basis.KIND_OF_DAY), (False, Basis.ANY_DAY)):
            some = self._known_of([day for day, alike in days if alike or not same_kind], window_h)
            if len(some) >= LEAST:
                return _of([some], some, basis)
        return None

    def _known_of(self, hours: Iterable[datetime], window_h: int) -> list[int]:
        return [self.window(hour, window_h) for hour in hours if self.known(hour, window_h)]

    def _up_to(self, number: int) -> int:
        """Sum of all hours before one."""
        return self._sums[min(max(number - self._first, 0), len(self._sums) - 1)]


def hour_of(at: datetime) -> datetime:
    """The hour that an aware instant lies in, by its start in UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _of(groups: Sequence[Sequence[int]], middle_of: Sequence[int], basis: Basis) -> Expected:
    """The middle of some windows, and the spread of groups each about its own middle."""
    middle = float(median(middle_of))
    off: list[float] = []
    correction = 1.0
    for group in groups:
        if len(group) >= LEAST:
            own = median(group)
            off += [abs(n - own) for n in group]
            correction = max(correction, len(group) / (len(group) - 0.8))
    measured = _NORMAL * median(off) * correction if off else 0.0
    # The median of rare counts is 0 however rare; their mean, without the largest, is not.
    usual = max(middle, fmean(sorted(middle_of)[: max(1, len(middle_of) - 1)]), 1.0)
    spread = max(measured, math.sqrt(usual)) * math.sqrt(1 + 1.5708 / len(middle_of))
    return Expected(middle, spread, len(middle_of), basis)


def _number(hour: datetime) -> int:
    return int(hour.timestamp()) // 3600


@lru_cache(maxsize=20_000)
def _weeks_before(hour: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The same local hour of the weeks before. On the wall, so that summer time moves nothing."""
    return tuple(_on_the_wall(hour, zone, 7 * week) for week in range(1, WEEKS + 1))


def _days_before(hour: datetime, zone: ZoneInfo) -> list[tuple[datetime, bool]]:
    """The same local hour of the days before, each with whether it is as much a working day as this one."""
    today = hour.astimezone(zone).weekday() >= _SATURDAY
    found = [_on_the_wall(hour, zone, day) for day in range(1, DAYS_BESIDE + 1)]
    return [(one, (one.astimezone(zone).weekday() >= _SATURDAY) == today) for one in found]


def _on_the_wall(hour: datetime, zone: ZoneInfo, days: int) -> datetime:
    local = hour.astimezone(zone)
    # A clock time that was skipped is read an hour later; one that came twice, as its first.
    return hour_of((local.replace(tzinfo=None) - timedelta(days=days)).replace(tzinfo=zone))
