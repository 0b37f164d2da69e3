"""Days and months of a meter, which end at midnight in its own time zone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY, MONTH = "day", "month"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A meter's period: its local days [first, after), its instants [start, end) in UTC, and the local day of now."""

    first: date
    after: date
    start: datetime
    end: datetime
    today: date


def stretch(period: str, timezone: str, now: datetime) -> Stretch:
    """The period that an instant falls into.

    Args:
        period: `day` or `month`.
        timezone: IANA name.
        now: aware.

    Raises:
        ZoneInfoNotFoundError: no such zone.
        ValueError: no such period, or no zone's name.
    """
    if period not in {DAY, MONTH}:
        msg = f"a meter counts by day or by month, not by {period!r}"
        raise ValueError(msg)
    zone = ZoneInfo(timezone)
    today = _today(zone, now)
    first = today if period == DAY else today.replace(day=1)
    after = today + timedelta(days=1) if period == DAY else (first + timedelta(days=31)).replace(day=1)
    return Stretch(first, after, _midnight(first, zone), _midnight(after, zone), today)


def _today(zone: ZoneInfo, now: datetime) -> date:
    """The local day by its instants: where clocks go back over midnight, a day that has ended does not come again."""
    today = now.astimezone(zone).date()
    if now >= _midnight(today + timedelta(days=1), zone):
        return today + timedelta(days=1)
    return today - timedelta(days=1) if now < _midnight(today, zone) else today


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC; where midnight is skipped, the instant it is skipped at."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
