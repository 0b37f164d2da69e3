"""How often a report can be made by itself, and what its days are compared with. Local days of the workspace. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from inbox.whole_periods import Every, period_at

EVERY = (Every.WEEK, Every.MONTH)


def before(first: date, last: date) -> tuple[date, date]:
    """What days are compared with: the month before a whole month, else as many days right before them."""
    previous = first - timedelta(days=1)
    month = period_at(Every.MONTH, first)
    if (first, last) == (month.first, month.last):
        return previous.replace(day=1), previous
    return previous - (last - first), previous
