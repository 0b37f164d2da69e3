"""Load: inflow per hour and weekday against people planned. Pure.

An hour that the clock skips or repeats counts where its local name says; a period is whole local days, so that each
weekday stands for as many hours as it had days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from inbox.availability.views import Cell
from inbox.business_time import Hours


def cells(
    inflow: Iterable[tuple[datetime, int]],
    plans: Sequence[Hours],
    *,
    first: date,
    last: date,
    zone: ZoneInfo,
    smallest_group: int,
) -> tuple[Cell, ...]:
    """All 168 cells, Monday 00 first.

    Args:
        inflow: start of an hour (aware) and how many came in it.
        plans: weekly hours of each person counted.
        first: local day.
        last: local day, included.
        zone: of the workspace.
        smallest_group: people figures of fewer people are None.
    """
    came: Counter[tuple[int, int]] = Counter()
    for hour, n in inflow:
        local = hour.astimezone(zone)
        if first <= local.date() <= last:
            came[local.weekday(), local.hour] += n
    days = Counter((first + timedelta(days=offset)).weekday() for offset in range((last - first).days + 1))
    told = len(plans) >= smallest_group
    return tuple(
        Cell(
            weekday,
            hour,
            inflow=came[weekday, hour] / days[weekday] if days[weekday] else 0.0,
            people=sum(share(plan, weekday, hour) for plan in plans) if told else None,
        )
        for weekday in range(7)
        for hour in range(24)
    )


def share(plan: Hours, weekday: int, hour: int) -> float:
    """How much of an hour (0-1) is planned."""
    start, end = hour * 60, hour * 60 + 60
    return sum(max(0, min(end, closes) - max(start, opens)) for opens, closes in plan.week[weekday]) / 60
