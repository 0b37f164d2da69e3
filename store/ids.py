"""Ids made by the application: 53-bit integers that grow with time.

    id = (seconds since 2024-01-01 UTC) << 22 | node << 16 | sequence        31 + 6 + 16 bits

53 bits survive JavaScript and spreadsheets' integers up to 2^53; 31 bits of seconds last until 2092.

Uniqueness does not rest on clocks. A process reserves, in the store, a *node number for a stretch of id
seconds*: `id_lease.until_s` of that node moves forward in a transaction, and only ids inside the reserved
stretch are handed out. Two processes can never hold the same (node, second), whatever their clocks say; a
process that is killed merely leaves the rest of its stretch unused. When all 64 nodes are reserved into the
future, the one whose stretch ends first is continued behind its end, so ids run ahead a little instead of failing.
A writing transaction that outlasts its stretch gets another one: `TransactionIds` tells how where there is one writer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
NODES = 64
SEQUENCE = 1 << 16
LEASE_S = 60
# A transaction that starts with less than this left renews first: while it is open that may be dear, or impossible.
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

    Does not know the store: `reserve(now_s, after_s)` does the reservation in a transaction of its own. It may have to
    wait for other writers, so nothing is locked meanwhile that taking what is at hand needs.
    """

    def __init__(self, clock: Callable[[], datetime], reserve: Callable[[int, int], IdLease]) -> None:
        self._clock = clock
        self._reserve = reserve
        self._lock = threading.Lock()
        self._reserving = threading.Lock()
        self._lease: IdLease | None = None
        self._second = -1
        self._sequence = SEQUENCE

    def ensure(self) -> None:
        """Renew the reservation when it is about to run out. Call where no transaction is open."""
        now_s = id_second(self._clock())
        with self._lock:
            lease, ahead = self._lease, max(now_s, self._second)
        if lease is None or ahead >= lease.until_s - MARGIN_S:
            self._renew(lease)

    def take(self, count: int) -> list[int]:
        """The next `count` ids, growing; reserves what it takes."""
        ids: list[int] = []
        while True:
            lease = self._lease
            ids += self.at_hand(count - len(ids))
            if len(ids) == count:
                return ids
            self._renew(lease)

    def at_hand(self, count: int) -> list[int]:
        """The next ids of what is reserved: `count` of them, or fewer where the stretch ends. Never waits."""
        ids: list[int] = []
        now_s = id_second(self._clock())
        with self._lock:
            while len(ids) < count and (lease := self._position(now_s)) is not None:
                room = min(count - len(ids), SEQUENCE - self._sequence)
                base = self._second << 22 | lease.node << 16 | self._sequence
                ids.extend(range(base, base + room))
                self._sequence += room
        return ids

    def next_one(self, reserve: Callable[[int, int], IdLease]) -> IdMaker:
        """A maker that goes on where this one ends, with reservations of its own."""
        maker = IdMaker(self._clock, reserve)
        with self._lock:
            maker._second = self._second
        return maker

    def follow(self, other: IdMaker) -> None:
        """Go on where a `next_one` has ended, whose reservation stands in the store by now."""
        with other._lock, self._lock:
            if other._second > self._second:
                self._lease, self._second, self._sequence = other._lease, other._second, other._sequence

    def unused(self) -> tuple[IdLease, int] | None:
        """The reservation, and the second from which on nothing of it was used, so that it can be given back."""
        with self._lock:
            if self._lease is None:
                return None
            return self._lease, max(self._lease.from_s, self._second + 1)

    def _position(self, now_s: int) -> IdLease | None:
        """Stand on a second of the lease that has room, if there is any. A clock that steps back is not followed."""
        lease = self._lease
        if lease is None:
            return None
        second = max(now_s, lease.from_s, self._second)
        if second == self._second and self._sequence >= SEQUENCE:
            second += 1
        if second >= lease.until_s:
            return None
        if second != self._second:
            self._second, self._sequence = second, 0
        return lease

    def _renew(self, seen: IdLease | None) -> None:
        """Reserve what follows on the lease that was `seen`, unless another thread has done so."""
        with self._reserving:
            if self._lease is not seen:
                return
            lease = self._reserve(id_second(self._clock()), self._second)
            with self._lock:
                self._lease = lease
                self._second, self._sequence = max(lease.from_s, self._second + 1), 0


class TransactionIds:
    """Ids within a writing transaction of an engine that has one writer: nobody can reserve there until it ends.

    One that lasts longer than what is reserved chooses its next stretch within, which nobody else can do meanwhile.
    What it chose stands in `chosen` and has to be written down before the commit; after it, `kept` lets the process go
    on there. When the transaction is rolled back its ids are gone with it.

    Args:
        maker: of this process.
        reserved: reads until_s by node, in the transaction.
    """

    def __init__(self, maker: IdMaker, reserved: Callable[[], dict[int, int]]) -> None:
        self.chosen: dict[int, int] = {}
        self._maker = maker
        self._reserved = reserved
        self._own: IdMaker | None = None

    def take(self, count: int) -> list[int]:
        """The next `count` ids, growing."""
        ids = self._maker.at_hand(count) if self._own is None else []
        if len(ids) == count:
            return ids
        if self._own is None:
            self._own = self._maker.next_one(self._choose)
        return ids + self._own.take(count - len(ids))

    def kept(self) -> None:
        """The transaction was committed, with what was chosen in it."""
        if self._own is not None:
            self._maker.follow(self._own)

    def _choose(self, now_s: int, after_s: int) -> IdLease:
        lease = choose({**self._reserved(), **self.chosen}, now_s=now_s, after_s=after_s)
        self.chosen[lease.node] = lease.until_s
        return lease
