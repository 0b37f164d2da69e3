"""How values are spelled where a format knows only texts."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

LIST_SEPARATOR = "|"
_FIRST_DAY = date(1970, 1, 1)
_MINUTES = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]


def iso(micros: int) -> str:
    """An instant in ISO 8601 with Z, with microseconds where there are any."""
    seconds, rest = divmod(micros, 1_000_000)
    minutes, second = divmod(seconds, 60)
    day, minute = divmod(minutes, 1440)
    return f"{_day(day)}T{_MINUTES[minute]}:{second:02}{f'.{rest:06}' if rest else ''}Z"


@lru_cache(4096)
def _day(number: int) -> str:
    return (_FIRST_DAY + timedelta(days=number)).isoformat()
