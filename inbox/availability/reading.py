"""Who is there and how much they have, read for those who lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from inbox.availability.load import cells
from inbox.availability.state import is_available, is_away
from inbox.availability.views import Load, OwnState, PersonAtWork, TeamNow
from inbox.business_time import Hours, parse_hours
from inbox.desk import Desk
from inbox.permissions import Permission, permissions_of
from inbox.teams import promise_for
from store import figures
from store.people import PersonRow, last_seen, open_by_person, open_of, people_at_work
from store.schema import conversation, user_account

HERE = timedelta(minutes=1)


def own(desk: Desk, user_id: int) -> OwnState:
    """How somebody stands."""
    now = desk.clock()
    with desk.store.read() as conn:
        c = user_account.c
        row = conn.execute(select(c.availability, c.away_until, c.hours, c.most_open).where(c.id == user_id)).one()
        away = is_away(row, now)
        n_open = open_of(conn, user_id)
    return OwnState(away, row.away_until if away else None, n_open, row.most_open)


def people(desk: Desk, team_id: str | None = None) -> tuple[PersonAtWork, ...]:
    """Everybody who works on conversations, those who are available first, then by name."""
    now = desk.clock()
    with desk.store.read() as conn:
        rows = [one for one in workers(conn) if team_id is None or one.team_id == team_id]
        n_open = open_by_person(conn)
        seen = last_seen(conn, since=now - HERE)
    found = [_at_work(desk, one, n_open.get(one.id, 0), one.id in seen, now) for one in rows]
    order = ("available", "off", "away")
    return tuple(sorted(found, key=lambda one: (order.index(one.state), one.name.casefold(), one.id)))


def workers(conn: Connection) -> list[PersonRow]:
    """Active people whose role works on conversations."""
    return [one for one in people_at_work(conn) if Permission.WORK in permissions_of(one.role)]


def teams(desk: Desk) -> tuple[TeamNow, ...]:
    """Every team now, and the work without a team when there is any."""
    now = desk.clock()
    staff = people(desk)
    with desk.store.read() as conn:
        waiting = _waiting(conn)
    names = {team.id: team.name or team.id for team in desk.settings.teams}
    found = []
    for team_id in (*names, None):
        mine = [one for one in staff if one.team_id == team_id]
        if team_id is None and not mine and not waiting.get(None):
            continue
        there = [one for one in mine if one.state == "available"]
        limited = [one.free for one in there if one.free is not None]
        found.append(
            TeamNow(
                id=team_id,
                name=names.get(team_id or "", ""),
                open_now=promise_for(desk.settings, team_id).calendar.is_open(now),
                n_people=len(mine),
                n_available=len(there),
                n_open=sum(one.n_open for one in mine),
                free=sum(limited) if len(limited) == len(there) else None,
                waiting=waiting.get(team_id, 0),
            )
        )
    return tuple(found)


def load(desk: Desk, *, days: int, team_id: str | None, last: date | None = None) -> Load:
    """Inflow of whole local days, up to `last` (yesterday at the latest), against people as they are planned now."""
    zone = ZoneInfo(desk.settings.timezone)
    yesterday = desk.clock().astimezone(zone).date() - timedelta(days=1)
    last = yesterday if last is None else min(last, yesterday)
    first = last - timedelta(days=days - 1)
    since = datetime.combine(first, datetime.min.time(), zone)
    until = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    with desk.store.read() as conn:
        hours = figures.volume_by_hour(conn, since=since, until=until)
        plans = plans_of(desk, conn, () if team_id is None else (team_id,))
    return Load(
        cells=cells(
            ((one.hour, one.n) for one in hours),
            plans,
            first=first,
            last=last,
            zone=zone,
            smallest_group=desk.settings.smallest_group,
        ),
        first=first,
        n_days=days,
        n=sum(one.n for one in hours),
        n_people=len(plans),
        smallest_group=desk.settings.smallest_group,
    )


def plans_of(desk: Desk, conn: Connection, team_ids: Sequence[str] = ()) -> list[Hours]:
    """The planned weekly hours of everybody in these teams who works on conversations; of all for none."""
    return [_plan(desk, one) for one in workers(conn) if not team_ids or one.team_id in team_ids]


def _at_work(desk: Desk, one: PersonRow, n_open: int, here: bool, now: datetime) -> PersonAtWork:
    calendar = promise_for(desk.settings, one.team_id).calendar
    away = is_away(one, now)
    state = "away" if away else "available" if is_available(one, now, calendar) else "off"
    return PersonAtWork(
        id=one.id,
        name=one.name,
        login=one.login,
        role=one.role,
        team_id=one.team_id,
        state=state,
        here=here,
        away_until=one.away_until if away else None,
        hours=one.hours,
        skills=one.skills,
        most_open=one.most_open,
        n_open=n_open,
        free=None if one.most_open is None else max(0, one.most_open - n_open),
    )


def _plan(desk: Desk, one: PersonRow) -> Hours:
    return parse_hours(one.hours) if one.hours else promise_for(desk.settings, one.team_id).calendar.hours


def _waiting(conn: Connection) -> dict[str | None, int]:
    """New and open conversations on nobody's desk, by team. Reads ix_conversation_next alone."""
    c = conversation.c
    rows = conn.execute(
        select(c.team_id, func.count())
        .where(c.is_open, c.assignee_id.is_(None), c.status.in_(("new", "open")))
        .group_by(c.team_id)
    )
    return {row[0]: int(row[1]) for row in rows}
