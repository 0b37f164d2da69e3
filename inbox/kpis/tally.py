"""From single cases to figures. Pure: sums, shares, quantiles and the survival curve; no store, no clock.

A figure does not depend on the order of its cases, and its counts and sums over a period are those over the parts of
it added up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from inbox.kpis.catalogue import Kpi
from inbox.views import KpiValue


class Case(NamedTuple):
    """One thing that a figure counts.

    Attributes:
        conversation_id: None where it is no single conversation.
        at: what decides its period and its hour.
        wall_s, business_s: of a duration.
        hit: whether it is in the share (met, answered, reopened ...).
        n: how often it counts in what the share is of.
        value: what is no duration.
        left_out: why it is not counted.
    """

    conversation_id: int | None
    team_id: str | None
    source_id: str
    user_id: int | None
    at: datetime
    wall_s: float | None = None
    business_s: float | None = None
    hit: bool = False
    n: int = 1
    value: float | None = None
    left_out: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """How much is still open, and since when the oldest of it."""

    n: int
    oldest_at: datetime | None = None


def tally(kpi: Kpi, cases: Iterable[Case], still: Open | None = None) -> KpiValue:
    """The figure of these cases."""
    counted, left_out = [], 0
    for case in cases:
        if case.left_out is None:
            counted.append(case)
        else:
            left_out += case.n
    found = _TALLIES[kpi.unit](counted)
    return KpiValue(
        id=kpi.id,
        name=kpi.name,
        unit=kpi.unit,
        left_out=left_out + found.untimed,
        value=found.value,
        n=found.n,
        mean=found.mean,
        p90=found.p90,
        business_value=found.business[0],
        business_mean=found.business[1],
        business_p90=found.business[2],
        n_open=None if still is None else still.n,
        oldest_open_at=None if still is None else still.oldest_at,
    )


class _Found(NamedTuple):
    value: float | None
    n: int
    mean: float | None = None
    p90: float | None = None
    business: tuple[float | None, float | None, float | None] = (None, None, None)
    untimed: int = 0


def _durations(cases: Sequence[Case]) -> _Found:
    wall = sorted(case.wall_s for case in cases if case.wall_s is not None)
    business = sorted(case.business_s for case in cases if case.wall_s is not None and case.business_s is not None)
    return _Found(*_spread(wall, len(wall)), business=_summed_up(business), untimed=len(cases) - len(wall))


def _spread(ordered: Sequence[float], n: int) -> tuple[float | None, int, float | None, float | None]:
    value, average, p90 = _summed_up(ordered)
    return value, n, average, p90


def _summed_up(ordered: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    return percentile(ordered, 0.5), mean(ordered), percentile(ordered, 0.9)


def _share(cases: Sequence[Case]) -> _Found:
    n = sum(case.n for case in cases)
    return _Found(sum(case.hit for case in cases) / n if n else None, n)


def _count(cases: Sequence[Case]) -> _Found:
    n = sum(case.n for case in cases)
    return _Found(float(n), n)


def _points(cases: Sequence[Case]) -> _Found:
    values = sorted(case.value for case in cases if case.value is not None)
    return _Found(mean(values), len(values), mean(values), percentile(values, 0.9))


_TALLIES = {"seconds": _durations, "share": _share, "count": _count, "points": _points}


def mean(values: Sequence[float]) -> float | None:
    """The mean, exactly rounded whatever the order; None for no values."""
    return math.fsum(values) / len(values) if values else None


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which this share (0-1) lies, interpolated linearly between neighbours; None for no values.

    Hyndman and Fan (1996), type 7: what spreadsheets call PERCENTILE.INC.
    """
    if not ordered:
        return None
    position = (len(ordered) - 1) * share
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def survival(answered: Iterable[float], waiting: Iterable[float]) -> tuple[tuple[float, float], ...]:
    """The share answered within so many seconds, by the product-limit estimate.

    Kaplan and Meier (1958): at each time t at which d of the n that still waited just before were answered, the share
    still unanswered is multiplied by 1 - d/n. Who still waits counts among the n for as long as they have waited.

    Args:
        answered: seconds that each answer took.
        waiting: seconds that each of those without an answer has waited.

    Returns:
        Seconds and share answered, one point for every time at which something was answered; both grow.
    """
    steps: dict[float, list[int]] = {}
    for seconds in answered:
        steps.setdefault(seconds, [0, 0])[0] += 1
    for seconds in waiting:
        steps.setdefault(seconds, [0, 0])[1] += 1
    at_risk = sum(done + left for done, left in steps.values())
    unanswered, points = 1.0, []
    for seconds in sorted(steps):
        done, left = steps[seconds]
        if done:
            unanswered *= 1 - done / at_risk
            points.append((seconds, 1 - unanswered))
        at_risk -= done + left
    return tuple(points)
