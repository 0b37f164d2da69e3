"""Drawing takes turns: one thread of this process draws at a time, whoever began first.

Streamlit draws each tab in a thread of its own, and Python runs one thread at a time. Thirty threads that all draw do
not get more done, they get less: each of the hundred short reads of a drawing gives the interpreter away and waits for
it behind the others, and the switching itself took as much as the work. In turns each drawing is done soonest, and
the last one no later. A click and the redraw after it count as one: what has begun is finished before what came later.
The step of the click itself takes no turn: it may wait for the store's write lock, and nobody else should.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Who waits for the turn, in the order of their numbers. A thread that has it may take it again inside."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: list[tuple[int, int, threading.Lock]] = []
        self._came = itertools.count()
        self._holder: int | None = None
        self._depth = 0

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        with self._guard:
            return len(self._waiting)

    @contextmanager
    def turn(self, number: int) -> Iterator[None]:
        """Wait until nobody else draws and nobody with a lower number waits, then go."""
        self._take(number)
        try:
            yield
        finally:
            self._give()

    def _take(self, number: int) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder is None or self._holder == me:
                self._holder = me
                self._depth += 1
                return
            called = threading.Lock()
            called.acquire()
            heapq.heappush(self._waiting, (number, next(self._came), called))
        called.acquire()
        with self._guard:
            self._holder, self._depth = me, 1

    def _give(self) -> None:
        with self._guard:
            self._depth -= 1
            if self._depth:
                return
            if self._waiting:
                # Nobody else may slip in between: the turn stays taken until the thread that is called has it.
                self._holder = -1
                heapq.heappop(self._waiting)[2].release()
            else:
                self._holder = None
