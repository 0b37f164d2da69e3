"""Asking for an export, looking at what was asked for, stopping, fetching and removing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from inbox import people_log
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.export_jobs import troubles, writing
from inbox.export_jobs.documents import document_of, held_of, wanted_of
from inbox.export_jobs.files import Shelf
from inbox.export_jobs.views import Jobs, JobState, JobView, Wanted
from inbox.permissions import Permission
from inbox.sentences import Sentence
from inbox.views import CurrentUser, PersonRef
from inbox.whole_periods import Every, period_at
from store import export_jobs
from store.export_jobs import JobRow, NewJob
from store.schema import export_schedule, user_account

_SHOWN = 50
_MOST_WAITING = 5
_PATIENCE = timedelta(seconds=20)
"""How long a job may wait before it is said that no worker takes it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file to be sent. `name`: how it is called when it leaves."""

    path: Path
    name: str
    size: int
    sha256: str


def shelf_of(desk: Desk) -> Shelf:
    """The folder of kept exports."""
    settings = desk.declared.exports
    return Shelf(settings.folder, most_gb=settings.most_gb, spare_gb=settings.spare_gb)


def start(desk: Desk, user: CurrentUser, wanted: Wanted) -> int:
    """Ask for an export; gives its id. A worker makes it, whatever becomes of the browser.

    Raises:
        BadSearch: the search cannot be read.
        BadInput: it cannot be made so, or too many of one's own wait already.
    """
    writing.check(desk, wanted)
    with desk.store.write() as conn:
        waiting = sum(job.asked_by == user.id and job.schedule_id is None for job in export_jobs.unfinished(conn))
        if waiting >= _MOST_WAITING:
            raise BadInput(
                Sentence("{n} exports of yours wait already. Let them end, or stop one first.", n=waiting), n=waiting
            )
        (job_id,) = export_jobs.add(desk.store, conn, [NewJob(user.id, document_of(wanted))], now=desk.clock())
    return job_id


def listing(desk: Desk, user: CurrentUser) -> Jobs:
    """One's own exports, newest first; leads and administrators see those of all."""
    now = desk.clock()
    everybodys = user.may(Permission.MANAGE_WORK)
    with desk.store.read() as conn:
        rows = export_jobs.newest(conn, asked_by=None if everybodys else user.id, limit=_SHOWN)
        waiting = export_jobs.unfinished(conn)
        viewing = Viewing(desk, conn, user)
    return Jobs(tuple(viewing.job(row) for row in rows), idle=_nobody_takes(waiting, now))


class Viewing:
    """Turns jobs into what somebody is shown of them; reads names once."""

    def __init__(self, desk: Desk, conn: Connection, user: CurrentUser) -> None:
        c = export_schedule.c
        self._user = user
        self._kept = timedelta(days=desk.declared.exports.keep_days)
        self._names = {row.id: row.name for row in conn.execute(select(user_account.c.id, user_account.c.name))}
        rows = conn.execute(select(c.id, c.name, c.every))
        self._schedules = {row.id: (row.name, Every(row.every)) for row in rows}

    def person(self, user_id: int) -> PersonRef:
        """Somebody by name."""
        return PersonRef(user_id, self._names.get(user_id, "?"))

    def job(self, row: JobRow) -> JobView:
        """A job."""
        name, every = self._schedules.get(row.schedule_id or 0, ("", Every.DAY))
        state = JobState(row.state)
        fetchable = row.file is not None and state is not JobState.CANCELLED  # also while, or after, delivery fails
        return JobView(
            id=row.id,
            state=state,
            wanted=wanted_of(row.wanted),
            by=self.person(row.asked_by),
            mine=row.asked_by == self._user.id,
            asked_at=row.asked_at,
            ended_at=row.ended_at,
            schedule=name,
            period=None if row.period is None else period_at(every, row.period),
            rows=row.rows,
            total=row.total,
            name=row.name if fetchable else "",
            size=row.size,
            sha256=row.sha256 or "",
            until=row.ended_at + self._kept if fetchable and row.ended_at is not None else None,
            held=held_of(row.withheld),
            trouble=troubles.sentence(row.trouble),
            again_at=row.not_before if state.open and row.trouble else None,
            delivered_to=row.delivered_to or "",
        )


def cancel(desk: Desk, user: CurrentUser, job_id: int) -> None:
    """Stop an export that has not ended; what was written of it is gone.

    Raises:
        NotFound: there is none (of which somebody may know).
        BadInput: it ended already.
    """
    with desk.store.write() as conn:
        job = _theirs(conn, user, job_id)
        if not export_jobs.cancel(conn, job.id, now=desk.clock()):
            raise BadInput(Sentence("This export has ended already."))
    if job.file is not None:
        shelf_of(desk).remove(job.file)


def again(desk: Desk, user: CurrentUser, job_id: int) -> int:
    """Ask for the same once more, as it is now; gives the new id. Raises: as `start`, and NotFound."""
    with desk.store.read() as conn:
        job = _theirs(conn, user, job_id)
    return start(desk, user, wanted_of(job.wanted))


def delete(desk: Desk, user: CurrentUser, job_id: int) -> None:
    """Take an ended export off the list, and its file off the disk.

    Raises:
        NotFound: there is none (of which somebody may know).
        BadInput: it has not ended.
    """
    with desk.store.write() as conn:
        job = _theirs(conn, user, job_id)
        if JobState(job.state).open:
            raise BadInput(Sentence("This export has not ended yet. Stop it first."))
        export_jobs.drop(conn, job.id)
    if job.file is not None:
        shelf_of(desk).remove(job.file)


def fetch(desk: Desk, user: CurrentUser, job_id: int) -> Fetched:
    """The file of one's own export, with a line in the record that it left.

    Platforms count what leaves with the person who asked, so nobody else may fetch it.

    Raises:
        NotFound: there is no such export, it is somebody else's, or its file is gone.
    """
    with desk.store.read() as conn:
        job = export_jobs.find(conn, job_id)
    path = None if job is None or job.asked_by != user.id or job.file is None else shelf_of(desk).path(job.file)
    if job is None or path is None:
        raise NotFound(what="export", key=job_id)
    with desk.store.write() as conn:
        people_log.record(
            desk,
            conn,
            "export_fetched",
            user.id,
            actor_id=user.id,
            name=job.name,
            rows=job.rows,
            search=wanted_of(job.wanted).filters.search,
        )
    return Fetched(path, job.name, job.size or 0, job.sha256 or "")


def manifest(desk: Desk, user: CurrentUser, job_id: int) -> tuple[str, bytes]:
    """What an export holds, as JSON: rows, checksum, filter, bounds, what was held back; and the name of that file.

    Raises:
        NotFound: there is none (of which somebody may know), or it was not made.
    """
    with desk.store.read() as conn:
        job = _theirs(conn, user, job_id)
        kept = export_jobs.manifest_of(conn, job.id)
    if kept is None:
        raise NotFound(what="export", key=job_id)
    return f"{job.name}.manifest.json", writing.manifest_bytes(kept)


def _theirs(conn: Connection, user: CurrentUser, job_id: int) -> JobRow:
    job = export_jobs.find(conn, job_id)
    if job is None or (job.asked_by != user.id and not user.may(Permission.MANAGE_WORK)):
        raise NotFound(what="export", key=job_id)
    return job


def _nobody_takes(waiting: list[JobRow], now: datetime) -> bool:
    """Whether jobs wait without anybody being at any of them."""
    if any(job.lease_until is not None and job.lease_until > now for job in waiting):
        return False
    return any(max(job.not_before, job.asked_at) + _PATIENCE < now for job in waiting)
