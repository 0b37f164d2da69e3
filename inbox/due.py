"""One after the other, what the clock finds due: one that fails stops neither the others nor the next look."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from sqlalchemy.exc import OperationalError

from store.errors import StoreError

_LOG = logging.getLogger(__name__)
_told: set[tuple[str, int]] = set()


def each(ids: Iterable[int], do: Callable[[int], bool], what: str) -> int:
    """Do something with each of some rows, in a transaction of its own each; how many times it came to something.

    A row that cannot be dealt with is logged by its number, once while the process lives. It stays due, and is tried
    again at the next look.

    Args:
        ids: of the rows.
        do: says whether there was anything to do.
        what: names the step in the log, such as "waking conversation".

    Raises:
        OperationalError: the store is locked or away, which the other rows would meet too.
        StoreError: the store refuses on purpose, which does not depend on the row.
    """
    return sum(_guarded(row_id, do, what) for row_id in ids)


def _guarded(row_id: int, do: Callable[[int], bool], what: str) -> bool:
    try:
        return do(row_id)
    except (OperationalError, StoreError):
        raise
    except Exception:  # noqa: BLE001 - whatever is wrong with one row, the others are due too
        if (what, row_id) not in _told:
            _told.add((what, row_id))
            _LOG.exception("%s %d failed; it is tried again at every look", what, row_id)
        return False
