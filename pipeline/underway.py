"""What a duty has started and what has not ended yet: told by what it is about, waited for, cut off at the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any


class Underway:
    """Tasks of one duty in one event loop. A task sees to its own errors; nobody asks it for a result."""

    def __init__(self) -> None:
        self._about: dict[asyncio.Task[None], str] = {}

    def __len__(self) -> int:
        """How many have not ended."""
        return len(self._about)

    def start(self, work: Coroutine[Any, Any, None], *, name: str, about: str = "") -> None:
        """Let `work` go on beside; `name` is its task's, `about` what `counts` tells it by."""
        task = asyncio.create_task(work, name=name)
        self._about[task] = about
        task.add_done_callback(self._ended)

    def counts(self) -> Counter[str]:
        """How many have not ended, by what they are about."""
        return Counter(self._about.values())

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._about:
            await asyncio.wait(set(self._about))

    async def drain(self, grace: timedelta) -> None:
        """Let all end within the grace time, and cancel what did not."""
        if not self._about:
            return
        _, late = await asyncio.wait(set(self._about), timeout=grace.total_seconds())
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._about[task]
