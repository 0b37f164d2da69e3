"""Figures for charts: volumes from the roll-ups, and how the open work stands. Never counts the mention table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, literal, select

from store.filters import Residual
from store.ordering import DueKey
from store.schema import conversation, rollup_day, rollup_hour

Dimension = Literal["source_id", "lang", "sentiment", "brand_id"]
ALL_BRANDS = ""


@dataclass(frozen=True, slots=True)
class DayVolume:
    """Inbound mentions of one local calendar day.

    Attributes:
        key: the value of the dimension asked for; "" for unknown, and for no dimension.
        sum_rating: sum of ratings 0-1 of the `n_rating` mentions that carried one.
    """

    day: date
    key: str
    n: int
    n_rating: int
    sum_rating: float


@dataclass(frozen=True, slots=True)
class HourVolume:
    """Inbound mentions of one hour; `hour` is its start in UTC."""

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
    """Volume per day, in order of day and key. Served by the primary key of rollup_day.

    Args:
        conn: a connection of `Store.read()`.
        first: local calendar day.
        last: local calendar day, included.
        by: split by this dimension. A mention of two brands counts at each of them in a split by brand.
        brand_ids: brands to add up; "" alone is the total over all, in which such a mention counts once.
        source_ids: only these sources; empty for all.
    """
    rows = conn.execute(volume_query(first, last, by, brand_ids, source_ids))
    return [DayVolume(day, key, int(n), int(n_rating), float(total)) for day, key, n, n_rating, total in rows]


def volume_query(
    first: date, last: date, by: Dimension | None, brand_ids: Sequence[str], source_ids: Sequence[str]
) -> Select[Any]:
    """The query of `volume_by_day`."""
    c = rollup_day.c
    key = literal("") if by is None else c[by]
    query = (
        select(c.day, key, func.sum(c.n), func.sum(c.n_rating), func.sum(c.sum_rating))
        .where(c.brand_id.in_(list(brand_ids)), c.day >= first, c.day <= last)
        .group_by(c.day, *([] if by is None else [key]))
        .order_by(c.day, *([] if by is None else [key]))
    )
    return query.where(c.source_id.in_(list(source_ids))) if source_ids else query


def volume_by_hour(
    conn: Connection, *, since: datetime, until: datetime, brand_id: str = ALL_BRANDS
) -> list[HourVolume]:
    """Volume per hour in [since, until), hours without mentions left out. Served by the primary key of rollup_hour."""
    c = rollup_hour.c
    query = (
        select(c.hour, c.n).where(c.brand_id == brand_id, c.hour >= since, c.hour < until, c.n != 0).order_by(c.hour)
    )
    return [HourVolume(hour, n) for hour, n in conn.execute(query)]


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
