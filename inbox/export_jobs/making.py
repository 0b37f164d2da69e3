"""Making exports: a job taken from the store, written to a file, and told. For a process of its own.

A job that was broken off is begun again from the bounds of its first start, so that its file has the same bytes. Its
file has no other name than that of its fence, and is visible only when it is whole.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from inbox import export, people_log, sessions
from inbox.desk import Desk
from inbox.errors import BadSearch, NotWritten
from inbox.export_jobs import writing
from inbox.export_jobs.documents import document_of, held_document, wanted_of
from inbox.export_jobs.files import NoRoomError, Shelf, name_of
from inbox.export_jobs.holding import LEASE, Held, LostError
from inbox.export_jobs.naming import file_name
from inbox.export_jobs.views import Destination
from inbox.permissions import Permission
from inbox.views import CurrentUser
from inbox.whole_periods import Every, period_at
from store import export_jobs, export_schedules
from store.export_jobs import DONE, FAILED, QUEUED, SENDING, JobRow, Trouble
from store.export_schedules import ScheduleRow
from store.landing import FULL
from store.schema import user_account

_MOST_TRIES = 5
_LOOKED_EVERY_S = 1.0
_log = logging.getLogger(__name__)


def make_next(desk: Desk, shelf: Shelf, *, owner: str) -> bool:
    """Make the export that waits longest; False when none does."""
    job = export_jobs.take(desk.store, QUEUED, owner=owner, now=desk.clock(), lease=LEASE)
    if job is None:
        return False
    try:
        _make(desk, shelf, job)
    except LostError:
        pass  # whoever has it, or cancelled it, told so
    except NoRoomError as full:
        why = Trouble.DISK if full.disk else Trouble.ROOM
        _fail(desk, job, why.told(most=shelf.most_gb))
    except NotWritten as fault:
        cause = fault.__cause__
        if isinstance(cause, OSError) and cause.errno in FULL:
            _fail(desk, job, Trouble.DISK.told())
        else:
            _fail(desk, job, Trouble.FOLDER.told(where=str(shelf.folder), why=fault.params["reason"]))
    except BadSearch as problem:
        _fail(desk, job, Trouble.SEARCH.told(why=str(problem)))
    except Exception as fault:  # whatever one export meets, the others go on
        if _told_to_end(fault):  # a driver or a writer made an error of its own of it
            _wait_again(desk, job)
            raise SystemExit from fault
        _log.exception("the export %s failed", job.id)
        _fail(desk, job, Trouble.FAULT.told())
    except BaseException:  # this process is told to end: whoever comes next begins it again
        _wait_again(desk, job)
        raise
    return True


def _wait_again(desk: Desk, job: JobRow) -> None:
    with desk.store.write() as conn:
        export_jobs.end(conn, job, QUEUED)


def _told_to_end(fault: BaseException | None) -> bool:
    """Whether the end of the process stands behind an error."""
    while fault is not None:
        if isinstance(fault, SystemExit | KeyboardInterrupt):
            return True
        fault = fault.__cause__ or fault.__context__
    return False


def _make(desk: Desk, shelf: Shelf, job: JobRow) -> None:
    wanted = wanted_of(job.wanted)
    by = _asker(desk, job)
    if by is None or not by.may(Permission.EXPORT):
        _fail(desk, job, Trouble.NO_LEAVE.told())
        return
    if job.attempts > _MOST_TRIES:
        _fail(desk, job, Trouble.DIED.told(times=job.attempts - 1))
        return
    bounds = export.now(desk) if job.snapshot is None else writing.bounds_of(job.snapshot)
    if not _say(desk, job, snapshot=writing.as_kept(bounds)):
        raise LostError
    name = name_of(job.id, job.fence, writing.ending(wanted))
    with Held(desk.store, job, desk.clock) as holding:
        if not _say(desk, job, total=writing.expected(desk, wanted, bounds)):
            raise LostError
        made = writing.write(
            desk,
            wanted,
            shelf.room_for(name),
            by=by,
            since=job.started_at or desk.clock(),
            bounds=bounds,
            on_progress=_Watched(shelf, holding.written),
        )
    if not _tell(desk, job, by, made, name=name):
        shelf.remove(name)
        raise LostError


def _say(desk: Desk, job: JobRow, **values: Any) -> bool:
    return export_jobs.say(desk.store, job, now=desk.clock(), lease=LEASE, **values)


def _tell(desk: Desk, job: JobRow, by: CurrentUser, made: writing.Written, *, name: str) -> bool:
    """Say that the file is there, with a line in the record of people; False when the job is somebody else's."""
    now = desk.clock()
    with desk.store.write() as conn:
        schedule = None if job.schedule_id is None else export_schedules.find(conn, job.schedule_id)
        sent = schedule is not None and schedule.destination != Destination.KEPT
        told = export_jobs.end(
            conn,
            job,
            SENDING if sent else DONE,
            ended_at=None if sent else now,
            attempts=0,
            not_before=now,
            rows=made.rows,
            total=made.rows,
            file=name,
            name=_leaves_as(desk, job, schedule),
            size=made.size,
            sha256=made.sha256,
            manifest=made.manifest,
            withheld=held_document(made.held),
            trouble=None,
        )
        if told:
            asked = document_of(wanted_of(job.wanted))
            people_log.record(
                desk,
                conn,
                "exported",
                by.id,
                actor_id=by.id,
                tables=asked["tables"],
                kind=asked["form"].get("format"),
                search=asked["filters"].get("search", ""),
                rows=made.rows,
                schedule="" if schedule is None else schedule.name,
            )
        return told


def _leaves_as(desk: Desk, job: JobRow, schedule: ScheduleRow | None) -> str:
    wanted = wanted_of(job.wanted)
    period = None
    if schedule is not None and job.period is not None:
        period = period_at(Every(schedule.every), job.period)
    day = job.asked_at.astimezone(ZoneInfo(desk.settings.timezone)).date()
    name = "" if schedule is None else schedule.name
    return file_name(wanted.tables, writing.ending(wanted), schedule=name, period=period, day=day)


def _fail(desk: Desk, job: JobRow, trouble: dict[str, Any]) -> None:
    with desk.store.write() as conn:
        export_jobs.end(conn, job, FAILED, ended_at=desk.clock(), trouble=trouble)


def _asker(desk: Desk, job: JobRow) -> CurrentUser | None:
    """Who asked, as they are now; None when they may no longer sign in."""
    with desk.store.read() as conn:
        person = conn.execute(
            select(user_account).where(user_account.c.id == job.asked_by, user_account.c.active)
        ).first()
    return None if person is None else sessions.user_of(person)


class _Watched:
    """Tells how many rows stand in the file, and looks now and then whether there is still room."""

    def __init__(self, shelf: Shelf, written: Callable[[int], None], now: Callable[[], float] = time.monotonic) -> None:
        self._shelf = shelf
        self._written = written
        self._now = now
        self._looked_at = now()

    def __call__(self, rows: int) -> None:
        self._written(rows)
        if self._now() - self._looked_at >= _LOOKED_EVERY_S:
            self._shelf.check()
            self._looked_at = self._now()
