"""How far one page of a walk through time proves a window complete: pure arithmetic on instants.

Platforms page by id and windows are stretches of time. Ids follow time but for strays: a post moved or
imported later carries an old date, one from a server with a wrong clock a future date. One stray at a page's
edge would prove too much, so the edge is judged by its three outermost items and the careful one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.contract import Interval

_EDGE = 3
_TICK = timedelta(microseconds=1)


def bottom_of(newest_first: Sequence[datetime]) -> datetime | None:
    """The instant after which everything is on this page or a newer one (exclusive); None for no items."""
    return max(newest_first[-_EDGE:], default=None)


def top_of(newest_first: Sequence[datetime]) -> datetime | None:
    """The instant before which everything is on this page or an older one (exclusive); None for no items."""
    return min(newest_first[:_EDGE], default=None)


def proven(window: Interval, start: datetime | None, end: datetime | None) -> Interval | None:
    """The stretch strictly after `start` and before `end`, cut to the window; None when nothing is left.

    Args:
        window: the asked window.
        start: exclusive; None for the window's own start (inclusive).
        end: exclusive; None for the window's own end.
    """
    low = window.start if start is None else max(window.start, start + _TICK)
    high = window.end if end is None else min(window.end, end)
    return Interval(low, high) if low < high else None
