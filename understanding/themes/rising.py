"""Whether a theme is raised more than before, told from counts with the room that chance has.

Counts of a week are taken as Poisson. With Jeffreys' prior the rate of a period of `t` weeks with `n` conversations is
gamma distributed with shape n + 1/2 and rate t; the logarithm of the ratio of two such rates is close to normal with
variance 1/(n + 1/2) + 1/(m + 1/2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SURE = 1.96
"""95 % in the middle."""
SUPPORT = 8
"""A rise rests on at least so many conversations: from 1 to 3, or from 2 to 7, is no news."""
STEEPER = 1.2
"""And is at least this times as much at the lower end of its interval."""


@dataclass(frozen=True, slots=True)
class Change:
    """How often now against before: `ratio` 1 is the same; `low` and `high` hold the middle 95 %."""

    n: int
    n_before: int
    ratio: float
    low: float
    high: float

    @property
    def rising(self) -> bool:
        """Whether it is surely more than before, and enough to say so."""
        return self.n >= SUPPORT and self.low >= STEEPER

    @property
    def falling(self) -> bool:
        """Whether it is surely less than before, of enough to say so."""
        return self.n_before >= SUPPORT and self.high <= 1 / STEEPER


def change(n: int, n_before: int, *, periods: float = 1.0) -> Change:
    """Compare a period with those before it.

    Args:
        n: conversations in the period.
        n_before: conversations in all periods before it that are looked at.
        periods: how many those are.
    """
    now, before = n + 0.5, n_before + 0.5
    ratio = now / before * periods
    room = SURE * math.sqrt(1 / now + 1 / before)
    return Change(n, n_before, ratio, ratio * math.exp(-room), ratio * math.exp(room))
