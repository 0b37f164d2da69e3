"""How many calls may be under way at once: to one host, and to all together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """Hands out places for calls, first come first served.

    A caller waits for its host first and for the common pool second, so that a crowd waiting for one slow host
    takes no places from others.

    Args:
        per_host: places for each host.
        overall: places for all hosts together.
    """

    def __init__(self, *, per_host: int, overall: int) -> None:
        self._per_host = per_host
        self._overall = asyncio.Semaphore(overall)
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def take(self, host: str) -> AsyncIterator[None]:
        """Hold a place for one call to a host."""
        slot = self._hosts.setdefault(host, asyncio.Semaphore(self._per_host))
        self._users[host] = self._users.get(host, 0) + 1
        try:
            async with slot, self._overall:
                yield
        finally:
            self._users[host] -= 1
            # Ten thousand feeds are ten thousand hosts: none is remembered while nobody asks it.
            if not self._users[host]:
                del self._users[host], self._hosts[host]
