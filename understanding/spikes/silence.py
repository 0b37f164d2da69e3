"""Whether a source has fallen silent: a window of hours that have ended holds far less than is usual. Pure.

The same expectation as of spikes (`baseline`), looked at from the other side. Counts scatter at least as Poisson does,
so where little is usual an empty window says nothing, and nothing is silent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from understanding.spikes.baseline import Expected, Series
from understanding.spikes.judging import Condition, Moment


def at_most(condition: Condition, expected: Expected | None) -> int | None:
    """Down to how many messages a window is silent; None: too little is known or usual for any silence to be told."""
    if expected is None or expected.mean < condition.minimum:
        return None
    bound = math.floor(expected.mean - condition.value * expected.sd + 1e-9)
    return bound if bound >= 0 else None


def silent(series: Series, condition: Condition, hour: datetime) -> Moment | None:
    """The window of a source that ends with this hour, when it is silent; None when it is not."""
    expected = series.expected(hour, condition.window_h)
    bound, n = at_most(condition, expected), series.window(hour, condition.window_h)
    return Moment(hour, n, bound, expected) if bound is not None and n <= bound else None


def silent_ones(series: Mapping[str, Series], condition: Condition, hour: datetime) -> dict[str, Moment]:
    """Of several sources those that are silent."""
    found = {name: silent(one, condition, hour) for name, one in series.items()}
    return {name: moment for name, moment in found.items() if moment is not None}


def together(hour: datetime, some: Sequence[Moment]) -> Moment:
    """Several windows of one hour as one: sums, and a spread as of things that do not hang together."""
    known = [one.expected for one in some if one.expected is not None]
    expected = None
    if known:
        spread = math.sqrt(math.fsum(one.sd**2 for one in known))
        expected = Expected(math.fsum(one.mean for one in known), spread, min(one.n for one in known), known[0].basis)
    return Moment(hour, sum(one.n for one in some), sum(one.at_least for one in some), expected)
