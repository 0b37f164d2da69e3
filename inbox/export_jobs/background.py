"""What the worker does for exports in its own process: asking for what is due, tidying up, telling of failures.

Making them is heavy and is done elsewhere (`making`). Every step may be done by several workers at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from inbox.desk import Desk
from inbox.export_jobs import scheduling
from inbox.export_jobs.starting import shelf_of
from inbox.mail.notify import address, address_of, queue
from inbox.mail.texts import MailKind, write
from inbox.settings import InboxSettings
from inbox.whole_periods import Every, period_at
from store import export_jobs, export_schedules
from store.engine import Store
from store.export_jobs import JobRow
from store.schema import user_account

_GRACE = timedelta(minutes=10)


def tick(store: Store, settings: InboxSettings, now: datetime) -> int:
    """Ask for scheduled exports that are due, and tell of those that failed; how many were asked for."""
    desk = Desk(store, settings, lambda: now)
    asked = scheduling.ask(desk)
    _tell_of_failures(desk)
    return asked


def tidy(store: Store, settings: InboxSettings, now: datetime) -> None:
    """Remove files that were kept long enough, and what killed processes left behind."""
    desk = Desk(store, settings, lambda: now)
    shelf = shelf_of(desk)
    until = now - timedelta(days=settings.exports.keep_days)
    with store.read() as conn:
        kept = export_jobs.kept(conn)
        busy = {(job.id, job.fence) for job in export_jobs.unfinished(conn)}
    old = [job for job in kept if job.ended_at is not None and job.ended_at < until]
    for job in old:
        with store.write() as conn:
            export_jobs.change(conn, job.id, file=None)
        shelf.remove(job.file or "")
    known = {job.file for job in kept if job.file is not None}
    shelf.sweep(known, busy, now=now, grace=_GRACE)


def forget_files(desk: Desk) -> int:
    """Remove all kept files, because somebody was erased who may stand in any of them; how many.

    Each can be made again, without them. What is being made begins anew.
    """
    shelf = shelf_of(desk)
    with desk.store.write() as conn:
        kept = export_jobs.kept(conn)
        for job in kept:
            export_jobs.forget_file(conn, job, now=desk.clock())
        export_jobs.begin_again(conn, now=desk.clock())
    for job in kept:
        shelf.remove(job.file or "")
    return len(kept)


def _tell_of_failures(desk: Desk) -> None:
    """A mail to whose schedule it is; once."""
    with desk.store.read() as conn:
        untold = export_jobs.untold(conn)
    for job in untold:
        with desk.store.write() as conn:
            export_jobs.change(conn, job.id, told_at=desk.clock())
            schedule = export_schedules.find(conn, job.schedule_id or 0)
            person = conn.execute(select(user_account).where(user_account.c.id == job.asked_by)).first()
            to = None if person is None or not person.active else address_of(person.email, person.login)
            if not desk.settings.can_mail or schedule is None or person is None or to is None:
                continue
            letter = write(
                MailKind.EXPORT_FAILED,
                person.language or desk.settings.language,
                link=address(desk, "/export"),
                name=person.name,
                what=schedule.name,
                period=_named(job, schedule.every),
            )
            queue(desk, conn, letter, kind=MailKind.EXPORT_FAILED, to=to, key=f"export_failed:{job.id}")


def _named(job: JobRow, every: str) -> str:
    return "" if job.period is None else period_at(Every(every), job.period).name
