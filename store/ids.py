"""Ids made by the application: 53-bit integers that grow with time.

    id = (seconds since 2024-01-01 UTC) << 22 | node << 16 | sequence        31 + 6 + 16 bits

53 bits survive JavaScript and spreadsheets' integers up to 2^53; 31 bits of seconds last until 2092.

Uniqueness does not rest on clocks. A process reserves, in the store, a *node number for a stretch of id
seconds*: `id_lease.until_s` of that node moves forward in a transaction, and only ids inside the reserved
stretch are handed out. Two processes can never hold the same (node, second), whatever their clocks say; a
process that is killed merely leaves the rest of its stretch unused. When all 64 nodes are reserved into the
future, the one whose stretch ends first is continued behind its end, so ids run ahead a little instead of failing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from store.errors import IdsExhaustedError

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
NODES = 64
SEQUENCE = 1 << 16
LEASE_S = 60
# A transaction that starts with less than this left renews first, because it cannot renew while it is open.
MARGIN_S = 20


@dataclass(frozen=True, slots=True)
class IdLease:
    """A node number reserved for the id seconds [from_s, until_s)."""

    node: int
    from_s: int
    until_s: int


def id_second(instant: datetime) -> int:
    """The id second of an instant, 0 before 2024."""
    return max(0, int((instant - EPOCH).total_seconds()))


def instant_of(an_id: int) -> datetime:
    """When an id was made, to the second (ahead of the clock where ids ran ahead)."""
    return datetime.fromtimestamp(EPOCH.timestamp() + (an_id >> 22), tz=UTC)


def id_floor(instant: datetime) -> int:
    """The smallest id an instant can have, so that "made since t" reads `id >= floor`."""
    return id_second(instant) << 22


def choose(reserved: dict[int, int], *, now_s: int, after_s: int = -1, length_s: int = LEASE_S) -> IdLease:
    """Pick the node to reserve next.

    Args:
        reserved: until_s by node; a node that was never used is missing.
        now_s: the id second now.
        after_s: the stretch must start later than this second (what this process has used already).
        length_s: seconds to reserve.

    Returns:
        The node that has been free longest, from now or from the end of its last stretch, whichever is later.
    """
    node = min(range(NODES), key=lambda number: (reserved.get(number, 0), number))
    start = max(now_s, after_s + 1, reserved.get(node, 0))
    return IdLease(node=node, from_s=start, until_s=start + length_s)


class IdMaker:
    """Hands out ids, thread-safe and strictly growing within this process.

    Does not know the store: `reserve(now_s, after_s)` does the reservation in a transaction of its own.
    """

    def __init__(self, clock: Callable[[], datetime], reserve: Callable[[int, int], IdLease]) -> None:
        self._clock = clock
        self._reserve = reserve
        self._lock = threading.RLock()
        self._lease: IdLease | None = None
        self._second = -1
        self._sequence = SEQUENCE

    def ensure(self) -> None:
        """Renew the reservation when it is about to run out. Call where no transaction is open."""
        now_s = id_second(self._clock())
        with self._lock:
            ahead = max(now_s, self._second)
            if self._lease is None or ahead >= self._lease.until_s - MARGIN_S:
                self._renew(now_s)

    def take(self, count: int, *, may_reserve: bool = True) -> list[int]:
        """The next `count` ids, growing.

        Args:
            count: how many.
            may_reserve: False inside a writing transaction of this thread, where reserving would wait for itself.

        Raises:
            IdsExhaustedError: the reserved stretch is used up and may not be renewed here.
        """
        ids: list[int] = []
        with self._lock:
            now_s = id_second(self._clock())
            while len(ids) < count:
                lease = self._position(now_s, may_reserve=may_reserve)
                room = min(count - len(ids), SEQUENCE - self._sequence)
                base = self._second << 22 | lease.node << 16 | self._sequence
                ids.extend(range(base, base + room))
                self._sequence += room
        return ids

    def used_until(self) -> IdLease | None:
        """What was really used of the reservation, so that the rest can be given back."""
        with self._lock:
            if self._lease is None:
                return None
            return IdLease(self._lease.node, self._lease.from_s, max(self._lease.from_s, self._second + 1))

    def _position(self, now_s: int, *, may_reserve: bool) -> IdLease:
        """Stand on a second of the lease that has room. A clock that steps back is not followed."""
        lease = self._lease
        if lease is not None and not (may_reserve and now_s >= lease.until_s):
            # Past the end of the stretch the last reserved second is used up before anything is reserved anew.
            second = min(max(now_s, lease.from_s, self._second), lease.until_s - 1)
            if second == self._second and self._sequence >= SEQUENCE:
                second += 1
            if second < lease.until_s:
                if second != self._second:
                    self._second, self._sequence = second, 0
                return lease
        if not may_reserve:
            msg = "one transaction asked for more ids than are reserved; split it into smaller ones"
            raise IdsExhaustedError(msg)
        lease = self._renew(now_s)
        self._second, self._sequence = lease.from_s, 0
        return lease

    def _renew(self, now_s: int) -> IdLease:
        lease = self._reserve(now_s, self._second)
        self._lease = lease
        return lease
