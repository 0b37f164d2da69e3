"""Periodic work beside collecting: routing, retention, upkeep of the store. Injected by the shell.

Every worker runs its duties, so each must be safe to run on several machines at once. A duty never overlaps
itself, and a duty that fails is tried again when it is due the next time.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """A named piece of periodic work.

    Attributes:
        name: for the log.
        every: time between the start of two runs.
        run: a plain function (run in a thread) or a coroutine function.
        at_start: also due right after the worker has started.
    """

    name: str
    every: timedelta
    run: Callable[[], object] | Callable[[], Awaitable[object]]
    at_start: bool = True


class Duties:
    """Starts duties when they are due.

    Args:
        duties: with different names.
        clock: aware UTC.

    Raises:
        ValueError: two duties have the same name.
    """

    def __init__(self, duties: Sequence[Duty], clock: Callable[[], datetime]) -> None:
        names = [duty.name for duty in duties]
        if len(set(names)) < len(names):
            msg = f"two duties have the same name: {sorted(names)}"
            raise ValueError(msg)
        self._duties = tuple(duties)
        self._clock = clock
        now = clock()
        self._due = {duty.name: now if duty.at_start else now + duty.every for duty in duties}
        self._running: dict[str, asyncio.Task[None]] = {}

    def start_due(self) -> None:
        """Start every duty that is due and not running."""
        now = self._clock()
        for duty in self._duties:
            if duty.name not in self._running and self._due[duty.name] <= now:
                self._due[duty.name] = now + duty.every
                self._running[duty.name] = asyncio.create_task(self._run(duty), name=f"duty {duty.name}")

    async def drain(self, grace: timedelta) -> None:
        """Wait for running duties, at most `grace` long; a thread that runs longer ends with the process."""
        if self._running:
            await asyncio.wait(set(self._running.values()), timeout=grace.total_seconds())

    async def _run(self, duty: Duty) -> None:
        try:
            if inspect.iscoroutinefunction(duty.run):
                await duty.run()
            else:
                await asyncio.to_thread(duty.run)
        except Exception:  # noqa: BLE001 - one duty's fault may not stop the others, nor collecting
            _log.exception("the periodic duty %r failed; next try in %s", duty.name, duty.every)
        finally:
            self._running.pop(duty.name, None)
