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


def lower_of(edge: datetime | None, bottom: datetime | None) -> datetime | None:
    """Down to where a walk from new to old is proven after a page: its bottom, unless pages before went deeper."""
    return min((each for each in (edge, bottom) if each is not None), default=None)


def proven_down(window: Interval, bottom: datetime | None, edge: datetime | None) -> Interval | None:
    """What a page of a walk from new to old proves: after its own bottom, up to and with the edge so far.

    The edge itself is included: what the page before could not show of that instant stands on this one.

    Args:
        window: the asked window.
        bottom: of this page, exclusive; None at the platform's own end: down to the window's start.
        edge: lowest bottom of the pages before, inclusive; None on the first page: up to the window's end.

    Returns:
        The stretch cut to the window; None when nothing is left.
    """
    low = window.start if bottom is None else max(window.start, bottom + _TICK)
    high = window.end if edge is None else min(window.end, edge + _TICK)
    return Interval(low, high) if low < high else None


def proven_up(window: Interval, edge: datetime | None, top: datetime | None) -> Interval | None:
    """What a page of a walk from old to new proves: from and with the edge so far, before its own top.

    Args:
        window: the asked window.
        edge: highest top of the pages before, inclusive; None on the first page: from the window's start.
        top: of this page, exclusive; None at the platform's own end: up to the window's end.

    Returns:
        The stretch cut to the window; None when nothing is left.
    """
    low = window.start if edge is None else max(window.start, edge)
    high = window.end if top is None else min(window.end, top)
    return Interval(low, high) if low < high else None
