"""Until when something may be kept, and when it is asked about again. Pure but for reading a source's duty.

The platform's own terms and the owner's retention both count; the sooner one wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from store.schema import source_duty

ASK_AT = 0.75
"""What may be kept so long without a new sight is asked about after this part of it: the rest is for troubles."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a source's items and profiles ask for; durations in seconds, None where nothing is asked.

    Attributes:
        recheck_s: an item is asked about again so long after it was last seen.
        keep_s: an item is erased so long after it was last seen.
        profiles_s: the same for what is known of its author.
        erase_s: what is known of an author is erased so long after their last item was removed.
        retention_s: an item is erased so long after it was said.
    """

    recheck_s: int | None = None
    keep_s: int | None = None
    profiles_s: int | None = None
    erase_s: int | None = None
    retention_s: int | None = None

    @property
    def ask_every(self) -> timedelta | None:
        """Time after which an item is asked about again: often enough for every duty."""
        wanted = [self.recheck_s, *(None if each is None else each * ASK_AT for each in (self.keep_s, self.profiles_s))]
        given = [each for each in wanted if each is not None]
        return timedelta(seconds=min(given)) if given else None

    def recheck_at(self, capabilities: Mapping[str, Any] | None, seen_at: datetime) -> datetime | None:
        """When an item last seen then is asked about again; None for never."""
        every = self.ask_every
        return seen_at + every if every is not None and (capabilities or {}).get("can_recheck") else None

    def erase_at(self, sort_at: datetime, seen_at: datetime | None) -> datetime | None:
        """When an item is erased.

        Args:
            sort_at: when it was said.
            seen_at: when it was last seen; None once nothing of the platform's is left of it.
        """
        ends = []
        if self.keep_s is not None and seen_at is not None:
            ends.append(seen_at + timedelta(seconds=self.keep_s))
        if self.retention_s is not None:
            ends.append(sort_at + timedelta(seconds=self.retention_s))
        return min(ends, default=None)

    def profile_ends_at(self, seen_at: datetime) -> datetime | None:
        """Until when a profile may be kept that was last seen then."""
        return None if self.profiles_s is None else seen_at + timedelta(seconds=self.profiles_s)


NOTHING = Keeping()
"""No duty at all."""
_COLUMNS = (
    source_duty.c.recheck_s,
    source_duty.c.keep_s,
    source_duty.c.profiles_s,
    source_duty.c.erase_s,
    source_duty.c.retention_s,
)


class Keepings:
    """What each source asks for, read once per transaction: a mention keeps the duties of who found it first."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._known: dict[str, Keeping] = {}

    def of(self, source_id: str) -> Keeping:
        """What a source asks for."""
        if source_id not in self._known:
            self._known[source_id] = keeping_of(self._conn, source_id)
        return self._known[source_id]


def keeping_of(conn: Connection, source_id: str) -> Keeping:
    """What a source asks for; nothing where no duty is known."""
    row = conn.execute(select(*_COLUMNS).where(source_duty.c.source_id == source_id)).first()
    return NOTHING if row is None else Keeping(*row)
