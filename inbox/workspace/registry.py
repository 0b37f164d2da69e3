"""Making and changing teams on screen. Every change appends an event of the object `team` and makes `merged` read anew.

When promised times or calendars change, what is due is worked out anew by the worker (`recompute`). What was answered
keeps the business time that was written down then: the calendar that was valid at that moment.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import Connection, func, select

from inbox import events
from inbox.business_time import parse_day, parse_hours
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.holidays import checked, names_of
from inbox.sentences import Sentence, UnfitValueError
from inbox.settings import InboxSettings, TeamSettings
from inbox.teams import promise_of, seconds_of
from inbox.views import CurrentUser
from inbox.workspace import merged
from inbox.workspace.values import WorkspaceTeam, span_text
from inbox.workspace.views import DayView, Preview, TeamInput, TeamView
from store.schema import calendar_day, conversation, team, user_account

TEAM = "team"
LONGEST_NAME = 100
MOST_DAYS = 400
_LONGEST_PROMISE = 90 * 86_400
_NEXT = 4


def teams(desk: Desk, language: str | None = None) -> tuple[TeamView, ...]:
    """All teams, those of the configuration first; holidays are named in `language` where that is known."""
    settings = desk.settings
    declared = {one.id for one in desk.declared.teams}
    today = desk.clock().astimezone(ZoneInfo(settings.timezone)).date()
    with desk.store.read() as conn:
        people = _counted(conn, user_account.c.team_id, user_account.c.active)
        work = _counted(conn, conversation.c.team_id, conversation.c.is_open)
    views = []
    for one in settings.teams:
        holidays = [
            each
            for year in (today.year, today.year + 1)
            for each in sorted(names_of(one.holidays, year, language).items())
            if each[0] >= today
        ]
        view = _view(one, settings, n=(people.get(one.id, 0), work.get(one.id, 0)))
        views.append(replace(view, declared=one.id in declared, next_holidays=tuple(holidays[:_NEXT])))
    return tuple(views)


def add(desk: Desk, user: CurrentUser, wanted: TeamInput) -> str:
    """Make a team; gives its id, made of its name.

    Raises:
        BadInput: a value that cannot be used; says which and what to write.
    """
    clean = check(desk, wanted)
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, "klankbord teams")
        taken = set(conn.execute(select(team.c.id)).scalars()) | {one.id for one in desk.declared.teams}
        team_id = _free_id(clean.name, taken)
        row = {**_columns(clean), "timezone": clean.timezone or desk.declared.timezone, "created_at": desk.clock()}
        conn.execute(team.insert().values(id=team_id, **row))
        _record(desk, conn, user, team_id, "team_added", after=asdict(clean))
    merged.changed(desk.store)
    return team_id


def change(desk: Desk, user: CurrentUser, team_id: str, wanted: TeamInput) -> None:
    """Change a team that was made on screen.

    Raises:
        BadInput: a value that cannot be used, or a team of the configuration.
        NotFound: no such team.
    """
    clean = check(desk, wanted)
    with desk.store.write() as conn:
        row = _made(desk, conn, team_id)
        values = {**_columns(clean), "timezone": clean.timezone or desk.declared.timezone}
        before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
        if before:
            conn.execute(team.update().where(team.c.id == team_id).values(**values))
            after = {name: values[name] for name in before}
            _record(desk, conn, user, team_id, "team_changed", after=after, before=before)
    merged.changed(desk.store)


def archive(desk: Desk, user: CurrentUser, team_id: str) -> None:
    """Put a team away; its history keeps its name.

    Raises:
        BadInput: people or open conversations are still in it, or it is a team of the configuration.
        NotFound: no such team.
    """
    with desk.store.write() as conn:
        row = _made(desk, conn, team_id)
        n_people = _counted(conn, user_account.c.team_id, user_account.c.active).get(team_id, 0)
        n_open = _counted(conn, conversation.c.team_id, conversation.c.is_open).get(team_id, 0)
        if n_people or n_open:
            raise BadInput(
                Sentence(
                    "{name} still has {people} people and {open} open conversations; move them first.",
                    name=row.name,
                    people=n_people,
                    open=n_open,
                ),
                people=n_people,
                open=n_open,
            )
        conn.execute(team.update().where(team.c.id == team_id).values(archived_at=desk.clock()))
        _record(desk, conn, user, team_id, "team_archived", after={"name": row.name})
    merged.changed(desk.store)


def set_day(desk: Desk, user: CurrentUser, team_id: str, other: DayView) -> None:
    """Give one day hours of its own, or close it with "". Also for teams of the configuration.

    Raises:
        BadInput: hours that cannot be read, or too many days.
        NotFound: no such team.
    """
    try:
        parse_day(other.hours)
    except UnfitValueError as error:
        raise BadInput(error.said, field="hours") from error
    name = " ".join(other.name.split())[:LONGEST_NAME]
    hours = "" if other.hours.strip().lower() == "closed" else other.hours.strip()
    _known(desk, team_id)
    mine = (calendar_day.c.team_id == team_id, calendar_day.c.day == other.day)
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, "klankbord teams")
        wanted = select(func.count()).select_from(calendar_day).where(calendar_day.c.team_id == team_id)
        if conn.execute(wanted).scalar_one() >= MOST_DAYS:
            raise BadInput(Sentence("A team has at most {most} other days; take off old ones first.", most=MOST_DAYS))
        conn.execute(calendar_day.delete().where(*mine))
        conn.execute(calendar_day.insert().values(team_id=team_id, day=other.day, hours=hours, name=name))
        facts = {"day": other.day.isoformat(), "hours": hours, "name": name}
        _record(desk, conn, user, team_id, "day_set", after=facts)
    merged.changed(desk.store)


def remove_day(desk: Desk, user: CurrentUser, team_id: str, day: date) -> None:
    """Let a day be as every other again. Quiet when it was."""
    mine = (calendar_day.c.team_id == team_id, calendar_day.c.day == day)
    with desk.store.write() as conn:
        if conn.execute(calendar_day.delete().where(*mine)).rowcount:
            _record(desk, conn, user, team_id, "day_removed", after={"day": day.isoformat()})
    merged.changed(desk.store)


def preview(desk: Desk, wanted: TeamInput, *, days: tuple[DayView, ...] = ()) -> Preview | None:
    """What a message a quarter before closing on the next Friday would mean; None when nothing is promised.

    Raises:
        BadInput: a value that cannot be used.
    """
    clean = check(desk, wanted)
    seconds = clean.first_response_s or clean.resolution_s
    if seconds is None:
        return None
    zone = ZoneInfo(clean.timezone or desk.declared.timezone)
    promise = promise_of(_team(clean), desk.declared.timezone)
    calendar = replace(promise.calendar, other={one.day: parse_day(one.hours) for one in days})
    today = desk.clock().astimezone(zone).date()
    friday = today + timedelta(days=(4 - today.weekday()) % 7 or 7)
    open_on = calendar.hours.week[4]
    closing = open_on[-1][1] if open_on else 17 * 60
    said_at = datetime.combine(friday, time(), zone) + timedelta(minutes=max(0, closing - 15))
    try:
        return Preview(said_at, seconds, calendar.add(said_at, seconds), str(zone))
    except UnfitValueError as error:
        raise BadInput(error.said, field="hours") from error


def check(desk: Desk, wanted: TeamInput) -> TeamInput:
    """The input as it is kept.

    Raises:
        BadInput: a value that cannot be used; says which and what to write.
    """
    name = " ".join(wanted.name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadInput(Sentence("A team's name has 1 to {most} characters.", most=LONGEST_NAME), field="name")
    zone = wanted.timezone.strip()
    if zone and zone not in available_timezones():
        raise BadInput(
            Sentence(
                "“{zone}” is no time zone; write one such as Europe/Amsterdam, or nothing for {timezone}.",
                zone=zone,
                timezone=desk.declared.timezone,
            ),
            field="timezone",
        )
    for field, seconds in (("first_response", wanted.first_response_s), ("resolution", wanted.resolution_s)):
        if seconds is not None and not 60 <= seconds <= _LONGEST_PROMISE:
            raise BadInput(
                Sentence("A promised time lies between one minute and 90 days of business time."), field=field
            )
    try:
        hours = parse_hours(wanted.hours)
        country = checked(wanted.holidays)
    except UnfitValueError as error:
        raise BadInput(error.said, field="hours") from error
    if not any(hours.week):
        raise BadInput(Sentence("These opening hours leave no time to work in."), field="hours")
    return replace(wanted, name=name, hours=wanted.hours.strip(), holidays=country, timezone=zone)


def _team(clean: TeamInput) -> WorkspaceTeam:
    return WorkspaceTeam(
        id="preview",
        hours=clean.hours,
        holidays=clean.holidays or None,
        timezone=clean.timezone or None,
        sla={"first_response": span_text(clean.first_response_s), "resolution": span_text(clean.resolution_s)},
    )


def _columns(clean: TeamInput) -> dict[str, Any]:
    return {
        "name": clean.name,
        "hours": clean.hours,
        "holidays": clean.holidays or None,
        "first_response_s": clean.first_response_s,
        "resolution_s": clean.resolution_s,
    }


def _view(one: TeamSettings, settings: InboxSettings, *, n: tuple[int, int]) -> TeamView:
    made = one if isinstance(one, WorkspaceTeam) else WorkspaceTeam(id=one.id)
    return TeamView(
        id=one.id,
        name=one.name or one.id,
        hours=one.hours,
        holidays=one.holidays or "",
        timezone=made.timezone or settings.timezone,
        first_response_s=seconds_of(one.sla.first_response),
        resolution_s=seconds_of(one.sla.resolution),
        declared=False,
        days=tuple(DayView(day.day, day.hours, day.name) for day in made.days),
        n_people=n[0],
        n_open=n[1],
    )


def _counted(conn: Connection, column: Any, condition: Any) -> dict[str, int]:
    query = select(column, func.count()).where(condition, column.is_not(None)).group_by(column)
    return {row[0]: row[1] for row in conn.execute(query)}


def _free_id(name: str, taken: set[str]) -> str:
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:90] or "team"
    return next(one for n in range(1, len(taken) + 2) if (one := base if n == 1 else f"{base}-{n}") not in taken)


def _made(desk: Desk, conn: Connection, team_id: str) -> Any:
    if team_id in {one.id for one in desk.declared.teams}:
        raise BadInput(
            Sentence("This team stands in the configuration; change it there. Other days can be set here."),
            team_id=team_id,
        )
    row = conn.execute(select(team).where(team.c.id == team_id, team.c.archived_at.is_(None)).with_for_update()).first()
    if row is None:
        raise NotFound(what="team", key=team_id)
    return row


def _known(desk: Desk, team_id: str) -> None:
    if team_id not in {one.id for one in desk.settings.teams}:
        raise NotFound(what="team", key=team_id)


def _record(
    desk: Desk,
    conn: Connection,
    user: CurrentUser,
    team_id: str,
    action: str,
    *,
    after: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> None:
    """Append the event, and say that teams changed."""
    merged.grow(desk.store, conn)
    events.append(desk, conn, (TEAM, team_id), action, actor_id=user.id, before=before, after={"facts": dict(after)})
