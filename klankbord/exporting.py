"""Exports in a process of their own, so that neither collecting nor agents notice them.

The worker looks for jobs and starts `klankbord export-jobs run` when some wait; that process makes and delivers them,
one after the other, gives way to everybody else, and ends. Its memory ends with it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import timedelta

from inbox.export_jobs.making import make_next
from inbox.export_jobs.starting import shelf_of
from klankbord import compose
from klankbord.config import Config
from pipeline.exporting.delivering import ExportDeliverer
from pipeline.http.guard import Guard
from store import export_jobs
from store.engine import Store

COMMAND = (sys.executable, "-m", "klankbord", "export-jobs", "run")
_NICE = 5
_PAUSE = timedelta(seconds=10)


class Exporter:
    """Starts the process that makes exports when there are some to make. One at a time for each worker.

    Args:
        store: where jobs stand.
        clock: aware UTC.
        command: what is started.
    """

    def __init__(self, store: Store, clock: compose.Clock, *, command: Sequence[str] = COMMAND) -> None:
        self._store = store
        self._clock = clock
        self._command = tuple(command)
        self._child: asyncio.subprocess.Process | None = None
        self._not_before = clock()

    async def tick(self) -> None:
        """Look for jobs, and let them be made. Only starts that; one that died is started again after a while."""
        child, now = self._child, self._clock()
        if child is not None:
            if child.returncode is None:
                return
            if child.returncode != 0:
                self._not_before = now + _PAUSE
            self._child = None
        if self._not_before <= now and await asyncio.to_thread(self._waits):
            self._child = await asyncio.create_subprocess_exec(*self._command, stdin=asyncio.subprocess.DEVNULL)

    async def stop(self) -> None:
        """Let go: the job in hand is given back, and begun again by whoever comes next."""
        child = self._child
        if child is not None and child.returncode is None:
            child.terminate()
            await child.wait()

    def _waits(self) -> bool:
        with self._store.read() as conn:
            return any(export_jobs.waits(conn, state, now=self._clock()) for state in ("queued", "sending"))


def run_jobs(store: Store, config: Config, clock: compose.Clock = compose.utc_now) -> int:
    """Make and deliver all exports that wait; how many steps that were."""
    desk = compose.desk(store, config, clock)
    shelf = shelf_of(desk)
    deliverer = ExportDeliverer(
        store,
        kept=shelf.folder,
        below=config.exports.below,
        stores={each.id: each for each in config.exports.stores},
        guard=Guard(allow_private_hosts=frozenset(config.allow_private_hosts)),
        clock=clock,
    )
    owner = f"{socket.gethostname()}:{os.getpid()}"
    done = 0
    while make_next(desk, shelf, owner=owner) or deliverer.deliver_next(owner):
        done += 1
    return done


def give_way() -> None:
    """Let everybody else on this machine go first, and end at once, tidily, when told to."""
    os.nice(_NICE)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
