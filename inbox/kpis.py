"""Figures that can be told truthfully from what is kept. Each is registered once, defined here and in docs/kpis.md.

Durations stand in the events that ended them; nothing is measured afterwards. Steps that were taken back do not
count, and neither do rules, bots and the clock as people.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from inbox import steps
from inbox.desk import Desk
from inbox.views import KpiValue
from store import figures
from store.ids import id_floor
from store.schema import conversation, event, mention

_CHUNK = 500
ANSWERS = ("answered", "answered_by_hand")


@dataclass(frozen=True, slots=True)
class Kpi:
    """A registered figure. `unit`: count, share (0-1) or seconds."""

    id: str
    name: str
    unit: str
    definition: str


KPIS: tuple[Kpi, ...] = (
    Kpi(
        "inflow",
        "Inflow",
        "count",
        "Inbound mentions by the local day on which they were published (or first seen, when the platform did not "
        "say), duplicates folded into one. Whole days of the workspace's time zone. Teams are not told apart.",
    ),
    Kpi(
        "inflow_first_seen",
        "Inflow by first sight",
        "count",
        "Inbound mentions first seen in the period, duplicates folded into one. Left out: folded duplicates. "
        "Teams are not told apart.",
    ),
    Kpi(
        "relevance_rate",
        "Relevance rate",
        "share",
        "Of the conversations whose first message came in the period: those that are not spam and not ignored now. "
        "Left out: archived ones, which nobody judged.",
    ),
    Kpi("backlog", "Backlog", "count", "Conversations that are open now: new, open, waiting or snoozed."),
    Kpi(
        "oldest_open",
        "Oldest open",
        "seconds",
        "How long ago the open conversation that is longest without a newer message was last written in, now.",
    ),
    Kpi(
        "first_response_time",
        "First response time",
        "seconds",
        "From the customer's first message of a cycle to the first answer by a person, for answers given in the "
        "period; recorded by hand or seen on the platform. Median, mean and P90, wall clock and business time. Left "
        "out: answers before the message they belong to. Still open: conversations waiting for an answer now.",
    ),
    Kpi(
        "resolution_time",
        "Resolution time",
        "seconds",
        "From the customer's first message of a cycle to its resolving, for cycles resolved in the period. Median, "
        "mean and P90, wall clock and business time. Left out: cycles resolved without any answer needed. Still "
        "open: the backlog.",
    ),
)


def values(desk: Desk, *, since: datetime, until: datetime, team_id: str | None = None) -> tuple[KpiValue, ...]:
    """All registered figures over [since, until), of all teams or one."""
    now = desk.clock()
    with desk.store.read() as conn:
        stand = figures.backlog(conn, now=now, team_id=team_id)
        answers = [
            one
            for one in _events(conn, ANSWERS, since, until, team_id)
            if (one.after or {}).get("facts", {}).get("first")
        ]
        resolved = _events(conn, ("resolved",), since, until, team_id)
        needed = [one for one in resolved if one.reason != "no_answer_needed"]
        oldest = stand.oldest_open_at
        found = {
            "inflow": _count("inflow", _inflow(conn, desk, since, until)),
            "inflow_first_seen": _first_seen(conn, since, until),
            "relevance_rate": _relevance(conn, since, until, team_id),
            "backlog": _count("backlog", stand.n_open, oldest_open_at=oldest),
            "oldest_open": _value(
                "oldest_open",
                None if oldest is None else (now - oldest).total_seconds(),
                stand.n_open,
                oldest_open_at=oldest,
            ),
            "first_response_time": _duration(
                "first_response_time",
                answers,
                left_out=0,
                n_open=stand.unanswered,
                oldest_open_at=stand.oldest_unanswered_at,
            ),
            "resolution_time": _duration(
                "resolution_time",
                needed,
                left_out=len(resolved) - len(needed),
                n_open=stand.n_open,
                oldest_open_at=oldest,
            ),
        }
    return tuple(found[kpi.id] for kpi in KPIS)


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which this share (0-1) lies, interpolated linearly between neighbours; None for no values.

    Hyndman and Fan (1996), type 7: what spreadsheets call PERCENTILE.INC.
    """
    if not ordered:
        return None
    position = (len(ordered) - 1) * share
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def _events(
    conn: Connection, actions: Sequence[str], since: datetime, until: datetime, team_id: str | None
) -> list[Any]:
    """Steps of the period that stand. An id is never older than what it tells, so ids bound the scan."""
    floor = id_floor(since)
    rows = conn.execute(
        select(event).where(
            event.c.id >= floor,
            event.c.object_type == steps.CONVERSATION,
            event.c.action.in_(actions),
            event.c.at >= since,
            event.c.at < until,
        )
    ).all()
    undone = set(
        conn.execute(select(event.c.undo_of).where(event.c.id >= floor, event.c.undo_of.is_not(None))).scalars()
    )
    standing = [row for row in rows if row.id not in undone]
    if team_id is None:
        return standing
    mine = _of_team(conn, {int(row.object_id) for row in standing}, team_id)
    return [row for row in standing if int(row.object_id) in mine]


def _of_team(conn: Connection, ids: Iterable[int], team_id: str) -> set[int]:
    found: set[int] = set()
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        wanted = select(conversation.c.id).where(
            conversation.c.id.in_(ordered[start : start + _CHUNK]), conversation.c.team_id == team_id
        )
        found.update(conn.execute(wanted).scalars())
    return found


def _inflow(conn: Connection, desk: Desk, since: datetime, until: datetime) -> int:
    zone = ZoneInfo(desk.settings.timezone)
    first = since.astimezone(zone).date()
    last = (until - timedelta(microseconds=1)).astimezone(zone).date()
    return sum(day.n for day in figures.volume_by_day(conn, first=first, last=last))


def _first_seen(conn: Connection, since: datetime, until: datetime) -> KpiValue:
    """Counted along the ids, which are made when a mention is first stored."""
    n, folded = conn.execute(
        select(func.count(), func.count(mention.c.dup_of)).where(
            mention.c.id >= id_floor(since),
            mention.c.direction == "inbound",
            mention.c.first_seen_at >= since,
            mention.c.first_seen_at < until,
        )
    ).one()
    return _value("inflow_first_seen", float(n - folded), n - folded, left_out=folded)


def _relevance(conn: Connection, since: datetime, until: datetime, team_id: str | None) -> KpiValue:
    wanted = select(conversation.c.status, func.count()).where(
        conversation.c.id >= id_floor(since),
        conversation.c.first_inbound_at >= since,
        conversation.c.first_inbound_at < until,
    )
    if team_id is not None:
        wanted = wanted.where(conversation.c.team_id == team_id)
    by_status = {status: int(n) for status, n in conn.execute(wanted.group_by(conversation.c.status))}
    archived = by_status.pop("archived", 0)
    n = sum(by_status.values())
    noise = by_status.get("spam", 0) + by_status.get("ignored", 0)
    return _value("relevance_rate", (n - noise) / n if n else None, n, left_out=archived)


def _duration(
    kpi_id: str, rows: Sequence[Any], *, left_out: int, n_open: int, oldest_open_at: datetime | None
) -> KpiValue:
    timed = [row for row in rows if row.wall_s is not None]
    wall = sorted(row.wall_s for row in timed)
    business = sorted(row.business_s for row in timed if row.business_s is not None)
    return KpiValue(
        id=kpi_id,
        name=_named(kpi_id).name,
        unit=_named(kpi_id).unit,
        value=percentile(wall, 0.5),
        n=len(wall),
        left_out=left_out + len(rows) - len(timed),
        mean=statistics.fmean(wall) if wall else None,
        p90=percentile(wall, 0.9),
        business_value=percentile(business, 0.5),
        business_mean=statistics.fmean(business) if business else None,
        business_p90=percentile(business, 0.9),
        n_open=n_open,
        oldest_open_at=oldest_open_at,
    )


def _count(kpi_id: str, n: int, *, oldest_open_at: datetime | None = None) -> KpiValue:
    return _value(kpi_id, float(n), n, oldest_open_at=oldest_open_at)


def _value(
    kpi_id: str, value: float | None, n: int, *, left_out: int = 0, oldest_open_at: datetime | None = None
) -> KpiValue:
    kpi = _named(kpi_id)
    return KpiValue(kpi.id, kpi.name, kpi.unit, value, n, left_out=left_out, oldest_open_at=oldest_open_at)


def _named(kpi_id: str) -> Kpi:
    return next(kpi for kpi in KPIS if kpi.id == kpi_id)
