"""What is costly to count and may be some seconds old, kept per process so that not every redraw counts it again.

Only for what nobody decides upon: the entries of menus, and "more than 999". A badge that says a number is never kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar, cast

_Value = TypeVar("_Value")


class Recent:
    """Values by name with the instant they were read. Safe to share between threads."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[datetime, Any]] = {}
        self._lock = Lock()

    def get(
        self,
        name: str,
        now: datetime,
        *,
        seconds: float,
        read: Callable[[], _Value],
        keep: Callable[[_Value], bool] = lambda _value: True,
    ) -> _Value:
        """The value read less than so many seconds before `now`, else read anew; kept when `keep` agrees.

        Two threads may read at once when both find nothing; that is cheaper than letting one wait for the other.
        """
        found = self._kept.get(name)
        if found is not None and timedelta(0) <= now - found[0] < timedelta(seconds=seconds):
            return cast("_Value", found[1])
        value = read()
        with self._lock:
            if keep(value):
                self._kept[name] = (now, value)
            else:
                self._kept.pop(name, None)
        return value
