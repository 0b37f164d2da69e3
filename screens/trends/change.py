"""A figure against the period before, in words: only as far as the numbers mean something. Pure.

Counts are taken as Poisson, so the difference of two has a standard deviation of the root of their sum; shares are
compared with the usual test of two proportions.
"""

from __future__ import annotations

import math

from screens.i18n import _, number, percent

ENOUGH = 30
"""From how many on, then and now, a change is told in per cents: of fewer, one more or less is already several."""
_SURE, _MINUS = 1.96, "\N{MINUS SIGN}"
"""95 % in the middle."""


def of_counts(n: int, before: int) -> str:
    """How a count changed: `+12% (was 340)`, with a word where chance alone may do it."""
    if not n and not before:
        return _("none before either")
    if min(n, before) < ENOUGH:
        return _("was {n}").format(n=number(before))
    told = _("{change} (was {n})").format(change=signed(n / before - 1), n=number(before))
    return told if sure_counts(n, before) else _("{told}, may be chance").format(told=told)


def of_shares(hits: int, n: int, hits_before: int, n_before: int) -> str:
    """How a share changed, in percentage points; only where both rest on enough."""
    if min(n, n_before) < ENOUGH:
        return _("too few to compare")
    now, then = hits / n, hits_before / n_before
    points = round(100 * (now - then))
    told = _("{points} points (was {share})").format(points=f"{points:+d}".replace("-", _MINUS), share=percent(then))
    return told if sure_shares(hits, n, hits_before, n_before) else _("{told}, may be chance").format(told=told)


def sure_counts(n: int, before: int) -> bool:
    """Whether chance alone seldom makes such a difference."""
    return abs(n - before) > _SURE * math.sqrt(n + before)


def sure_shares(hits: int, n: int, hits_before: int, n_before: int) -> bool:
    """Whether chance alone seldom makes such a difference of shares."""
    both = (hits + hits_before) / (n + n_before)
    spread = math.sqrt(both * (1 - both) * (1 / n + 1 / n_before))
    return abs(hits / n - hits_before / n_before) > _SURE * spread


def signed(share: float) -> str:
    """A change with its sign: `+12%`."""
    whole = round(abs(share) * 100)
    sign = "" if not whole else "+" if share > 0 else _MINUS
    return f"{sign}{percent(whole / 100)}"
