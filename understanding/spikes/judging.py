"""Whether a window of hours fires a rule, and when it would have in the past: one function for both.

A window is made of whole hours, and its last one may still run: what it holds so far is compared with what all of it
should hold. So a rule fires as soon as its number is reached, never because an hour is young, and looking back over
whole hours gives the same moments as having looked every few minutes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from understanding.spikes.baseline import Expected, Series

WINDOWS = (1, 3, 24)
"""Hours that a rule can look at."""
_HOUR = timedelta(hours=1)


class By(StrEnum):
    """What a rule compares."""

    SILENCE = "silence"
    """So many standard deviations below what is expected of a source; see `silence`."""
    COUNT = "count"
    """So many messages, whatever is usual."""
    PERCENT = "percent"
    """So many per cent above what is expected."""
    DEVIATION = "deviation"
    """So many standard deviations above what is expected."""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule fires.

    Attributes:
        by: what is compared.
        value: messages, per cent above, or standard deviations above or below.
        window_h: hours.
        minimum: fewer messages than this never fire; of silence: where fewer are expected, nothing is silent.
        cool_down_h: hours after a firing in which it does not fire again.
    """

    by: By
    value: float
    window_h: int = 1
    minimum: int = 10
    cool_down_h: int = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """A window that fired.

    Attributes:
        hour: start of its last hour, UTC.
        n: messages in it.
        at_least: from how many on it fires; of silence: down to how many.
        expected: what was usual; None where too little is known, which only a rule by count passes.
    """

    hour: datetime
    n: int
    at_least: int
    expected: Expected | None


def at_least(condition: Condition, expected: Expected | None) -> int | None:
    """From how many messages on a window fires; None: nothing can be above it, as nothing is expected."""
    if condition.by is By.COUNT:
        return max(1, condition.minimum, math.ceil(condition.value))
    if expected is None or condition.by is By.SILENCE:
        return None
    if condition.by is By.PERCENT:
        bound = expected.mean * (1 + condition.value / 100)
    else:
        bound = expected.mean + condition.value * expected.sd
    return max(1, condition.minimum, math.ceil(bound - 1e-9))


def judged(series: Series, condition: Condition, hour: datetime) -> Moment | None:
    """The window that ends with this hour, when it fires; None when it does not."""
    n = series.window(hour, condition.window_h)
    if n < max(1, condition.minimum):  # most windows: what is usual need not be asked
        return None
    expected = series.expected(hour, condition.window_h)
    bound = at_least(condition, expected)
    return Moment(hour, n, bound, expected) if bound is not None and n >= bound else None


def fired(
    series: Series,
    condition: Condition,
    *,
    first: datetime,
    last: datetime,
    before: datetime | None = None,
    counts: Callable[[datetime], bool] = lambda _hour: True,
) -> list[Moment]:
    """When a rule about what is above the usual fires between two hours, both included; oldest first.

    Args:
        series: what was said.
        condition: of the rule.
        first: start of the first hour that is looked at, UTC.
        last: start of the last one.
        before: the hour in which it fired last, of which it may still have to cool down.
        counts: whether the rule looks at an hour at all, such as only outside opening hours.
    """
    return moments(
        lambda hour: judged(series, condition, hour), condition, first=first, last=last, before=before, counts=counts
    )


def moments(
    judge: Callable[[datetime], Moment | None],
    condition: Condition,
    *,
    first: datetime,
    last: datetime,
    before: datetime | None = None,
    counts: Callable[[datetime], bool] = lambda _hour: True,
) -> list[Moment]:
    """The same for whatever judges the window that ends with an hour: each moment is followed by the cool-down."""
    found: list[Moment] = []
    pause = timedelta(hours=max(1, condition.cool_down_h))
    hour = first
    while hour <= last:
        if (before is None or hour >= before + pause) and counts(hour):
            moment = judge(hour)
            if moment is not None:
                found.append(moment)
                before = hour
        hour += _HOUR
    return found
