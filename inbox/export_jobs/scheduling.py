"""What is exported again after every day, week or month: kept, changed, and asked for when it is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox import events
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.export_jobs import writing
from inbox.export_jobs.documents import document_of, wanted_of
from inbox.export_jobs.starting import Viewing
from inbox.export_jobs.views import Destination, Places, ScheduleView, Wanted
from inbox.permissions import Permission
from inbox.sentences import Sentence
from inbox.views import CurrentUser
from inbox.whole_periods import Every, Period, due, first_to_come, period_at
from store import export_jobs, export_schedules
from store.export_jobs import NewJob
from store.export_schedules import ScheduleRow

SCHEDULE = "export_schedule"
LONGEST_NAME = 60
_MOST = 100
_RUNS = 5
_MOST_BEHIND = 31
"""Periods that are made up for at once, after a time in which no worker ran."""


def places(desk: Desk) -> Places:
    """Where scheduled exports may go."""
    settings = desk.declared.exports
    return Places("" if settings.below is None else str(settings.below), dict(settings.stores))


def add(
    desk: Desk,
    user: CurrentUser,
    *,
    name: str,
    wanted: Wanted,
    every: Every,
    hour: int,
    destination: Destination = Destination.KEPT,
    place: str = "",
) -> int:
    """Export this again after every period, the first time after the one that runs now; gives its id.

    Args:
        desk: where.
        user: whose export it is: what they may take out leaves, and counts with them.
        name: 1 to 60 characters; begins the names of its files.
        wanted: what; its days are left out, because they are the period's.
        every: day, week or month.
        hour: local hour (0 to 23) of the day after the period.
        destination: where a copy goes.
        place: a folder below the configured one, or the id of a configured store.

    Raises:
        BadSearch: the search cannot be read.
        BadInput: something of it cannot be used.
    """
    now = desk.clock()
    zone = ZoneInfo(desk.settings.timezone)
    wanted = replace(wanted, filters=replace(wanted.filters, since=None, until=None))
    writing.check(desk, wanted)
    if not 0 <= hour <= 23:
        raise BadInput(Sentence("An hour is a number from 0 to 23."), hour=hour)
    first = first_to_come(every, hour, now, zone)
    values: Mapping[str, Any] = {
        "name": _clean_name(name),
        "wanted": document_of(wanted),
        "every": every.value,
        "hour": hour,
        "destination": destination.value,
        "place": _clean_place(desk, destination, place),
        "period": first.first,
        "next_at": first.due_at(hour, zone),
        "made_by": user.id,
        "made_at": now,
    }
    with desk.store.write() as conn:
        standing = export_schedules.standing(conn)
        if len(standing) >= _MOST:
            raise BadInput(Sentence("There are {n} scheduled exports already. End one first.", n=len(standing)))
        if any(one.name.casefold() == values["name"].casefold() for one in standing):
            raise BadInput(Sentence("A scheduled export is called “{name}” already.", name=values["name"]))
        schedule_id = export_schedules.add(desk.store, conn, values)
        _tell(desk, conn, schedule_id, "export_schedule_made", user, name=values["name"])
    return schedule_id


def listing(desk: Desk, user: CurrentUser) -> tuple[ScheduleView, ...]:
    """All scheduled exports with their last runs, in order of name."""
    with desk.store.read() as conn:
        viewing = Viewing(desk, conn, user)
        found = []
        for row in export_schedules.standing(conn):
            runs = tuple(viewing.job(job) for job in export_jobs.runs_of(conn, row.id, limit=_RUNS))
            found.append(
                ScheduleView(
                    id=row.id,
                    name=row.name,
                    wanted=wanted_of(row.wanted),
                    every=Every(row.every),
                    hour=row.hour,
                    destination=Destination(row.destination),
                    place=row.place,
                    next=_period(row),
                    next_at=row.next_at,
                    by=viewing.person(row.made_by),
                    paused=row.paused,
                    mine=_may_change(user, row),
                    last=runs,
                )
            )
        return tuple(found)


def pause(desk: Desk, user: CurrentUser, schedule_id: int, *, paused: bool) -> None:
    """Leave out what would come, or go on with the next period to come. Raises: NotFound."""
    with desk.store.write() as conn:
        row = _theirs(conn, user, schedule_id)
        if row.paused == paused:
            return
        zone = ZoneInfo(desk.settings.timezone)
        coming = first_to_come(Every(row.every), row.hour, desk.clock(), zone)
        export_schedules.change(conn, row.id, paused=paused, period=coming.first, next_at=coming.due_at(row.hour, zone))
        action = "export_schedule_paused" if paused else "export_schedule_resumed"
        _tell(desk, conn, row.id, action, user, name=row.name)


def end(desk: Desk, user: CurrentUser, schedule_id: int) -> None:
    """Export it no more; what it made stays. Raises: NotFound."""
    with desk.store.write() as conn:
        row = _theirs(conn, user, schedule_id)
        export_schedules.change(conn, row.id, ended_at=desk.clock())
        _tell(desk, conn, row.id, "export_schedule_ended", user, name=row.name)


def ask(desk: Desk) -> int:
    """Ask for every export that is due, each period once, whoever else looks at the same time; how many."""
    now, zone = desk.clock(), ZoneInfo(desk.settings.timezone)
    with desk.store.read() as conn:
        late = [row.id for row in export_schedules.standing(conn) if not row.paused and row.next_at <= now]
    return sum(_ask_one(desk, schedule_id, now, zone) for schedule_id in late)


def _ask_one(desk: Desk, schedule_id: int, now: datetime, zone: ZoneInfo) -> int:
    with desk.store.write() as conn:
        row = export_schedules.find(conn, schedule_id, locked=True)
        if row is None or row.paused or row.ended_at is not None:
            return 0
        periods = due(_period(row), row.hour, now, zone, most=_MOST_BEHIND)
        if not periods:
            return 0
        wanted = wanted_of(row.wanted)
        jobs = [NewJob(row.made_by, document_of(_within(wanted, each, zone)), row.id, each.first) for each in periods]
        export_jobs.add(desk.store, conn, jobs, now=now)
        coming = period_at(periods[-1].every, periods[-1].after)
        export_schedules.change(conn, row.id, period=coming.first, next_at=coming.due_at(row.hour, zone))
    return len(periods)


def _within(wanted: Wanted, period: Period, zone: ZoneInfo) -> Wanted:
    since, until = period.bounds(zone)
    return replace(wanted, filters=replace(wanted.filters, since=since, until=until))


def _period(row: ScheduleRow) -> Period:
    return period_at(Every(row.every), row.period)


def _theirs(conn: Connection, user: CurrentUser, schedule_id: int) -> ScheduleRow:
    row = export_schedules.find(conn, schedule_id, locked=True)
    if row is None or row.ended_at is not None or not _may_change(user, row):
        raise NotFound(what="scheduled export", key=schedule_id)
    return row


def _may_change(user: CurrentUser, row: ScheduleRow) -> bool:
    return row.made_by == user.id or user.may(Permission.MANAGE_WORK)


def _clean_name(name: str) -> str:
    clean = " ".join("".join(char for char in name if char.isprintable() or char.isspace()).split())
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise BadInput(Sentence("A scheduled export has a name of 1 to {most} characters.", most=LONGEST_NAME))
    return clean


def _clean_place(desk: Desk, destination: Destination, place: str) -> str:
    """Where it goes, as it is kept.

    Raises:
        BadInput: nothing of the kind is configured, or it is no folder below the one that is.
    """
    settings = desk.declared.exports
    if destination is Destination.STORE:
        if place not in settings.stores:
            raise BadInput(Sentence("The configuration has no object store “{name}”.", name=place))
        return place
    if destination is Destination.KEPT:
        return ""
    if settings.below is None:
        raise BadInput(Sentence("The configuration names no folder for scheduled exports (exports: below)."))
    parts = PurePosixPath(place.strip().replace("\\", "/")).parts
    if any(part in {"..", "/"} or not part.isprintable() or len(part) > 100 for part in parts) or len(parts) > 8:
        raise BadInput(Sentence("Name a folder below “{folder}”, such as analysts/daily.", folder=str(settings.below)))
    return "/".join(part for part in parts if part != ".")


def _tell(desk: Desk, conn: Connection, schedule_id: int, action: str, user: CurrentUser, *, name: str) -> None:
    events.append(desk, conn, (SCHEDULE, str(schedule_id)), action, actor_id=user.id, after={"facts": {"name": name}})
