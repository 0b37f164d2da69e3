"""Exports as jobs: asked for, taken by one worker at a time, and what came of each.

Whoever takes a job gets a fence that only grows, and everything it says later names that fence: who lost a job to
another process, because its lease ran out or the job was cancelled, can change nothing any more. What a state means to
people is decided in `inbox.export_jobs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, literal_column, or_, select

from store.engine import Store
from store.schema import export_job

QUEUED, RUNNING, SENDING, DONE, FAILED, CANCELLED = "queued", "running", "sending", "done", "failed", "cancelled"


class Trouble(StrEnum):
    """Why a job failed, or is tried again; what each means to people stands in `inbox.export_jobs.troubles`."""

    DISK = "disk"
    ROOM = "room"
    NO_LEAVE = "no_leave"
    SEARCH = "search"
    DIED = "died"
    FAULT = "fault"
    ERASED = "erased"
    NO_STORE = "no_store"
    NO_FOLDER = "no_folder"
    OUTSIDE = "outside"
    FOLDER = "folder"
    LINE = "line"
    REFUSED = "refused"
    NO_BUCKET = "no_bucket"
    GUARDED = "guarded"
    ANSWER = "answer"
    GONE = "gone"

    def told(self, **facts: Any) -> dict[str, Any]:
        """As it is kept with a job."""
        return {"code": self.value, "facts": facts}


_UNFINISHED: ColumnElement[bool] = literal_column("export_job.state IN ('queued', 'running', 'sending')")
_KEPT: ColumnElement[bool] = literal_column("export_job.file IS NOT NULL")
_UNTOLD: ColumnElement[bool] = literal_column(
    "export_job.state = 'failed' AND export_job.schedule_id IS NOT NULL AND export_job.told_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class NewJob:
    """An export to be made. `period`: first day of what a schedule asks for."""

    asked_by: int
    wanted: Mapping[str, Any]
    schedule_id: int | None = None
    period: date | None = None


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as it stands; see the table of the same name. Instants aware UTC."""

    id: int
    state: str
    asked_by: int
    asked_at: datetime
    schedule_id: int | None
    period: date | None
    wanted: Any
    snapshot: Any
    started_at: datetime | None
    ended_at: datetime | None
    rows: int
    total: int | None
    attempts: int
    lease_until: datetime | None
    fence: int
    not_before: datetime
    file: str | None
    name: str
    size: int | None
    sha256: str | None
    withheld: Any
    trouble: Any
    delivered_to: str | None
    told_at: datetime | None


_COLUMNS = [export_job.c[field.name] for field in fields(JobRow)]


def add(store: Store, conn: Connection, jobs: Sequence[NewJob], *, now: datetime) -> list[int]:
    """Queue exports inside the caller's transaction; a period of a schedule that was asked for already is left."""
    ids = store.new_ids(len(jobs))
    rows = [
        {
            "id": job_id,
            "state": QUEUED,
            "asked_by": job.asked_by,
            "asked_at": now,
            "schedule_id": job.schedule_id,
            "period": job.period,
            "wanted": dict(job.wanted),
            "rows": 0,
            "attempts": 0,
            "fence": 0,
            "not_before": now,
            "name": "",
        }
        for job_id, job in zip(ids, jobs, strict=True)
    ]
    store.dialect.insert_or_keep(conn, export_job, rows, unique=("schedule_id", "period"))
    return ids


def find(conn: Connection, job_id: int) -> JobRow | None:
    """A job by its id (primary key)."""
    row = conn.execute(select(*_COLUMNS).where(export_job.c.id == job_id)).first()
    return None if row is None else JobRow(*row)


def manifest_of(conn: Connection, job_id: int) -> Any:
    """What the file of a job holds, as it was kept; None when it was not made (primary key)."""
    return conn.execute(select(export_job.c.manifest).where(export_job.c.id == job_id)).scalar()


def unfinished(conn: Connection) -> list[JobRow]:
    """Jobs that wait or run, in the order in which they are taken. Served by ix_export_job_open."""
    return _found(conn, select(*_COLUMNS).where(_UNFINISHED).order_by(export_job.c.not_before, export_job.c.id))


def kept(conn: Connection) -> list[JobRow]:
    """Jobs that ended and whose file is kept, the one that ended first first. Served by ix_export_job_kept."""
    return _found(conn, select(*_COLUMNS).where(_KEPT).order_by(export_job.c.ended_at))


def newest(conn: Connection, *, asked_by: int | None = None, limit: int) -> list[JobRow]:
    """The newest jobs, of one person or of all: a walk along the primary key, from its end."""
    query = select(*_COLUMNS).order_by(export_job.c.id.desc()).limit(limit)
    return _found(conn, query if asked_by is None else query.where(export_job.c.asked_by == asked_by))


def runs_of(conn: Connection, schedule_id: int, *, limit: int) -> list[JobRow]:
    """The last runs of a schedule, newest period first. Served by ix_export_job_period."""
    c = export_job.c
    return _found(conn, select(*_COLUMNS).where(c.schedule_id == schedule_id).order_by(c.period.desc()).limit(limit))


def untold(conn: Connection) -> list[JobRow]:
    """Failures of schedules of which nobody was told yet. Served by ix_export_job_untold."""
    return _found(conn, select(*_COLUMNS).where(_UNTOLD).order_by(export_job.c.id))


def waits(conn: Connection, state: str, *, now: datetime) -> bool:
    """Whether there is a job to make (`queued`) or to send (`sending`) that nobody is at. As `unfinished`."""
    return conn.execute(_free(state, now).limit(1)).first() is not None


def take(store: Store, state: str, *, owner: str, now: datetime, lease: timedelta) -> JobRow | None:
    """Take the next job to make (`queued`) or to send (`sending`) until `now + lease`; None when there is none.

    A job whose worker went away is taken again when its lease has run out.
    """
    with store.write() as conn:
        found = conn.execute(_free(state, now).limit(1).with_for_update(skip_locked=True)).first()
        if found is None:
            return None
        c = export_job.c
        conn.execute(
            export_job.update()
            .where(c.id == found.id)
            .values(
                state=RUNNING if state == QUEUED else SENDING,
                started_at=func.coalesce(c.started_at, literal(now, c.started_at.type)),
                rows=0 if state == QUEUED else c.rows,
                attempts=c.attempts + 1,
                lease_owner=owner,
                lease_until=now + lease,
                fence=c.fence + 1,
            )
        )
        return find(conn, found.id)


def say(store: Store, job: JobRow, *, now: datetime, lease: timedelta, **values: Any) -> bool:
    """Write how far a job is and hold it until `now + lease`; False when somebody else has it, or it was cancelled."""
    with store.write() as conn:
        return _settled(conn, job, lease_until=now + lease, **values)


def end(conn: Connection, job: JobRow, state: str, **values: Any) -> bool:
    """Write what came of a job and let it go, inside the caller's transaction; False as in `say`."""
    return _settled(conn, job, state=state, lease_owner=None, lease_until=None, **values)


def cancel(conn: Connection, job_id: int, *, now: datetime) -> bool:
    """Stop a job that has not ended; False when it has. Whoever is at it has lost it at once."""
    c = export_job.c
    done = conn.execute(
        export_job.update()
        .where(c.id == job_id, _UNFINISHED)
        .values(state=CANCELLED, ended_at=now, lease_owner=None, lease_until=None, fence=c.fence + 1, file=None)
    )
    return done.rowcount == 1


def change(conn: Connection, job_id: int, **values: Any) -> None:
    """Write something of a job that nobody is at, such as that its file is gone."""
    conn.execute(export_job.update().where(export_job.c.id == job_id).values(**values))


def forget_file(conn: Connection, job: JobRow, *, now: datetime) -> None:
    """The file of a job is gone because of what it held; what was still to be sent is not sent."""
    c = export_job.c
    ended = {"state": FAILED, "ended_at": now} if job.state == SENDING else {}
    values = {"file": None, "trouble": Trouble.ERASED.told(), "fence": c.fence + 1, **ended}
    conn.execute(export_job.update().where(c.id == job.id).values(lease_owner=None, lease_until=None, **values))


def begin_again(conn: Connection, *, now: datetime) -> None:
    """Let every job that is being made begin anew, as if its worker had gone: what it read so far changed."""
    c = export_job.c
    values = {"state": QUEUED, "lease_owner": None, "lease_until": None, "fence": c.fence + 1, "not_before": now}
    conn.execute(export_job.update().where(_UNFINISHED, c.state == RUNNING).values(**values))


def drop(conn: Connection, job_id: int) -> None:
    """Take an ended job off the list."""
    conn.execute(export_job.delete().where(export_job.c.id == job_id))


def _free(state: str, now: datetime) -> Select[Any]:
    c = export_job.c
    states = (QUEUED, RUNNING) if state == QUEUED else (state,)
    lapsed = or_(c.lease_until.is_(None), c.lease_until <= now)
    free = (_UNFINISHED, c.state.in_(states), c.not_before <= now, lapsed)
    return select(c.id).where(*free).order_by(c.not_before, c.id)


def _settled(conn: Connection, job: JobRow, **values: Any) -> bool:
    c = export_job.c
    mine = (c.id == job.id, c.fence == job.fence, c.state.in_((RUNNING, SENDING)))
    return conn.execute(export_job.update().where(*mine).values(**values)).rowcount == 1


def _found(conn: Connection, query: Select[Any]) -> list[JobRow]:
    return [JobRow(*row) for row in conn.execute(query)]
