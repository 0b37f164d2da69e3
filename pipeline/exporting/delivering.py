"""Delivering what schedules made: each by one process at a time, tried again for about a day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from pipeline.exporting import folder, objects
from pipeline.exporting.places import Parcel, UndeliveredError
from pipeline.http.guard import Guard
from pipeline.settings import ObjectStoreSettings
from store import export_jobs, export_schedules, made_files
from store.engine import Store
from store.export_jobs import DONE, FAILED, SENDING, JobRow, Trouble
from store.export_schedules import ScheduleRow

LEASE = timedelta(hours=1)
"""Longer than a large file takes over a slow line; what was sent twice stands there once."""
_PAUSES_MIN = (1, 5, 15, 60, 240, 480, 720)
_log = logging.getLogger(__name__)


def pause_after(attempts: int) -> timedelta | None:
    """Time to wait after so many attempts (1 or more): a minute to half a day; None when it has been enough."""
    return timedelta(minutes=_PAUSES_MIN[attempts - 1]) if attempts <= len(_PAUSES_MIN) else None


class ExportDeliverer:
    """Delivers finished exports to where their schedules want them.

    Args:
        store: where jobs stand.
        kept: the folder of finished exports.
        below: folder below which schedules may put copies.
        stores: object stores by id.
        guard: judges where an endpoint leads.
        clock: aware UTC.
    """

    def __init__(
        self,
        store: Store,
        *,
        kept: Path,
        below: Path | None,
        stores: Mapping[str, ObjectStoreSettings],
        guard: Guard,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._kept = kept
        self._below = below
        self._stores = stores
        self._guard = guard
        self._clock = clock

    def deliver_next(self, owner: str) -> bool:
        """Deliver the export that waits longest; False when none does."""
        job = export_jobs.take(self._store, SENDING, owner=owner, now=self._clock(), lease=LEASE)
        if job is None:
            return False
        try:
            where = self._deliver(job)
        except UndeliveredError as trouble:
            self._undelivered(job, trouble)
        except Exception:  # noqa: BLE001 - one delivery's fault may not stop the others
            _log.exception("delivering the export %s failed", job.id)
            self._undelivered(job, UndeliveredError(Trouble.FAULT))
        else:
            with self._store.write() as conn:
                told = export_jobs.end(conn, job, DONE, ended_at=self._clock(), delivered_to=where, trouble=None)
            if not told:
                self._take_back(job)
        return True

    def _take_back(self, job: JobRow) -> None:
        """Remove the copy of an export that was stopped, or whose content was erased, while it was delivered."""
        with self._store.read() as conn:
            now = export_jobs.find(conn, job.id)
            schedule = export_schedules.find(conn, job.schedule_id or 0)
        if schedule is None or (now is not None and now.file is not None):
            return  # another process has it, and delivers the same
        if schedule.destination == "folder":
            folder.remove(job.name, self._below, schedule.place)
        else:
            objects.remove(job.name, self._stores[schedule.place])

    def _deliver(self, job: JobRow) -> str:
        with self._store.read() as conn:
            schedule = export_schedules.find(conn, job.schedule_id or 0)
            kept = export_jobs.manifest_of(conn, job.id)
        path = self._kept / (job.file or "")
        if schedule is None or job.file is None or not path.is_file():
            raise UndeliveredError(Trouble.GONE, lasting=True)
        manifest = orjson.dumps(kept, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return self._to(schedule, Parcel(path, job.name, manifest), job)

    def _to(self, schedule: ScheduleRow, parcel: Parcel, job: JobRow) -> str:
        if schedule.destination == "folder":
            target = folder.deliver(parcel, self._below, schedule.place)
            tables = job.wanted["tables"]
            form = {**job.wanted["form"], "table": tables[0] if len(tables) == 1 else "all"}
            made_files.remember(self._store, target, made_files.EXPORT, now=self._clock(), form=form)
            return str(target)
        settings = self._stores.get(schedule.place)
        if settings is None:
            raise UndeliveredError(Trouble.NO_STORE, lasting=True, where=schedule.place)
        return objects.deliver(parcel, settings, self._guard)

    def _undelivered(self, job: JobRow, trouble: UndeliveredError) -> None:
        """Try again later, or give up; the made file stays, to be fetched from the list."""
        now = self._clock()
        pause = None if trouble.lasting else pause_after(job.attempts)
        told = trouble.trouble.told(**trouble.facts)
        with self._store.write() as conn:
            if pause is None:
                export_jobs.end(conn, job, FAILED, ended_at=now, trouble=told)
            else:
                export_jobs.end(conn, job, SENDING, not_before=now + pause, trouble=told)
