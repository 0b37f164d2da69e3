"""Holding a job while it is worked on: told to the store every second, and lost when the store says so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from store import export_jobs
from store.engine import Store
from store.errors import StoreError
from store.export_jobs import JobRow

LEASE = timedelta(seconds=60)
"""How long after a sign of life another process may take the job."""
_BEAT_S = 1.0
_TOLD_AT_LEAST_S = 10.0


class LostError(Exception):
    """The job was cancelled, or another process has it."""


class Held:
    """A job in hand. Its rows are told from a thread of its own, so that a slow stretch of the work keeps the lease.

    Args:
        store: where.
        job: as it was taken.
        clock: aware UTC.
        beat_s: seconds between two signs of life.
    """

    def __init__(self, store: Store, job: JobRow, clock: Callable[[], datetime], *, beat_s: float = _BEAT_S) -> None:
        self.rows = 0
        self._store = store
        self._job = job
        self._clock = clock
        self._beat_s = beat_s
        self.lost = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"export {job.id}", daemon=True)

    def __enter__(self) -> Held:
        self._thread.start()
        return self

    def __exit__(self, *_ended: object) -> None:
        self._over.set()
        self._thread.join()

    def written(self, rows: int) -> None:
        """So many rows stand in the file.

        Raises:
            LostError: it is no longer ours.
        """
        self.rows = rows
        if self.lost.is_set():
            raise LostError

    def _beat(self) -> None:
        told, quiet = -1, 0.0
        while not self._over.wait(self._beat_s):
            quiet += self._beat_s
            if self.rows == told and quiet < _TOLD_AT_LEAST_S:
                continue
            told, quiet = self.rows, 0.0
            try:
                held = export_jobs.say(self._store, self._job, now=self._clock(), lease=LEASE, rows=told)
            except StoreError:
                continue  # asked again in a second; the lease says how long that may go on
            if not held:
                self.lost.set()
                return
