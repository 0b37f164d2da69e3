"""Figures of the work: volume per hour from the roll-ups, and how the open work stands. See also `store.volumes`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from store.filters import Residual
from store.ordering import DueKey
from store.schema import conversation
from store.volumes import ALL_BRANDS, Dimension, Wanted, volumes

__all__ = [
    "ALL_BRANDS",
    "Backlog",
    "DayVolume",
    "HourVolume",
    "backlog",
    "volume_by_day",
    "volume_by_hour",
]


@dataclass(frozen=True, slots=True)
class DayVolume:
    """Inbound mentions of one local calendar day under one key, "" where nothing is split."""

    day: date
    key: str
    n: int


@dataclass(frozen=True, slots=True)
class HourVolume:
    """Inbound mentions of one hour; `hour` is when it began, in UTC."""

    hour: datetime
    n: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the open work stands at one moment.

    Attributes:
        by_status, by_team: counts; the team None holds work without a team.
        overdue: due before that moment.
        oldest_unanswered_at: since when the customer waits who waits longest.
        oldest_open_at: `sort_at` of the oldest open conversation.
    """

    n_open: int
    overdue: int
    unanswered: int
    oldest_open_at: datetime | None
    oldest_unanswered_at: datetime | None
    by_status: dict[str, int]
    by_team: dict[str | None, int]


def volume_by_day(
    conn: Connection,
    *,
    first: date,
    last: date,
    by: Dimension | None = None,
    brand_ids: Sequence[str] = (ALL_BRANDS,),
    source_ids: Sequence[str] = (),
) -> list[DayVolume]:
    """Volume per local calendar day, in order of day and key; days without mentions are left out.

    Args:
        conn: a connection of `Store.read()`.
        first: local calendar day.
        last: local calendar day, included.
        by: split by this dimension.
        brand_ids: brands to add up; "" alone is the total over all, in which a mention of two counts once.
        source_ids: only these sources; empty for all.
    """
    wanted = Wanted(tuple(brand_ids), tuple(source_ids))
    found = volumes(conn, wanted, grain="day", first=first, until=last + timedelta(days=1), by=by)
    return [DayVolume(one.at, one.key, one.n) for one in found]


def volume_by_hour(
    conn: Connection,
    *,
    since: datetime,
    until: datetime,
    brand_id: str = ALL_BRANDS,
    source_ids: Sequence[str] = (),
    sentiments: Sequence[str] = (),
) -> list[HourVolume]:
    """Volume per hour in [since, until), hours without mentions left out.

    Args:
        conn: a connection of `Store.read()`.
        since: aware instant; hours that begin from then on.
        until: aware instant; hours that begin before.
        brand_id: a brand, "" for all.
        source_ids: only these sources; empty for all.
        sentiments: of `volumes.SENTIMENTS`; empty for all.
    """
    wanted = Wanted((brand_id,), tuple(source_ids), sentiments=tuple(sentiments))
    found = volumes(conn, wanted, grain="hour", first=since, until=until)
    return [HourVolume(one.at, one.n) for one in found]


def backlog(conn: Connection, *, now: datetime, team_id: str | None = None) -> Backlog:
    """How the open work stands, in one scan of ix_conversation_open.

    Args:
        conn: a connection of `Store.read()`.
        now: the moment that decides what is overdue.
        team_id: only this team's work.
    """
    rows = conn.execute(backlog_query(now, team_id)).all()
    by_status: dict[str, int] = {}
    by_team: dict[str | None, int] = {}
    for status, team, n, *_ in rows:
        by_status[status] = by_status.get(status, 0) + n
        by_team[team] = by_team.get(team, 0) + n
    return Backlog(
        n_open=sum(row[2] for row in rows),
        overdue=sum(row[3] for row in rows),
        unanswered=sum(row[4] for row in rows),
        oldest_open_at=min((row[5] for row in rows), default=None),
        oldest_unanswered_at=min((row[6] for row in rows if row[6] is not None), default=None),
        by_status=by_status,
        by_team=by_team,
    )


def backlog_query(now: datetime, team_id: str | None) -> Select[Any]:
    """The query of `backlog`."""
    c = conversation.c
    query = (
        select(
            c.status,
            c.team_id,
            func.count(),
            func.count().filter(DueKey(c.sla_due_at) < now),
            func.count(c.unanswered_since),
            func.min(c.sort_at),
            func.min(c.unanswered_since),
        )
        .where(c.is_open)
        .group_by(c.status, c.team_id)
    )
    return query if team_id is None else query.where(Residual.of(c.team_id) == team_id)
