"""Figures of how the work stands at a moment: backlog and oldest open, now or as the snapshots have it; and load."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from inbox.availability.load import share
from inbox.availability.reading import plans_of
from inbox.kpis.catalogue import Kpi
from inbox.kpis.gathering import Gathering, open_of
from inbox.kpis.splitting import NOW, key_of
from inbox.kpis.tally import Case
from inbox.kpis.views import BacklogAt, BacklogView, By
from inbox.measuring.snapshots import EVERY
from inbox.views import KpiValue
from store import backlog
from store.open_work import Standing

OF_BACKLOG = frozenset({"backlog", "oldest_open"})
STATES = ("new", "open", "waiting_customer", "waiting_internal", "snoozed")


def value(gathering: Gathering, kpi: Kpi) -> KpiValue:
    """Backlog or oldest open: now, or at the last snapshot of a period that is over."""
    if gathering.asked.until > gathering.now - EVERY or not _kept(gathering):
        return _of_groups(kpi, gathering.standing(kpi) or (), gathering.now)
    asked = gathering.asked
    newest = backlog.latest(gathering.conn, before=asked.until)
    if newest is None or newest < asked.since:
        return _told(kpi, None, None, asked.until)
    (last,) = _snapshots(gathering, newest, asked.until)
    return _told(kpi, last.n_open, last.oldest_open_at, last.at)


def split(gathering: Gathering, kpi: Kpi, how: By) -> tuple[tuple[str, KpiValue], ...]:
    """Now by team, source or person; else by the snapshots: the last one of each day or week, the mean of an hour."""
    if how in NOW:
        groups = by(gathering.standing(kpi) or (), how)
        return tuple((key, _of_groups(kpi, groups[key], gathering.now)) for key in sorted(groups))
    key = key_of(how, gathering.zone)
    found: dict[str, list[BacklogAt]] = {}
    for one in _snapshots(gathering, gathering.asked.since, gathering.asked.until):
        found.setdefault(key(Case(None, None, "", None, one.at)), []).append(one)
    return tuple((each, _of_bucket(kpi, found[each], mean=how in {"hour", "weekday"})) for each in sorted(found))


def by(groups: Iterable[Standing], how: By) -> dict[str, list[Standing]]:
    """Groups of open work by team, source or person."""
    found: dict[str, list[Standing]] = {}
    for one in groups:
        person = "" if one.user_id is None else str(one.user_id)
        key = {"team": one.team_id or "", "source": one.source_id, "agent": person}[how]
        found.setdefault(key, []).append(one)
    return found


def view(gathering: Gathering) -> BacklogView:
    """The snapshots of the period, and how it stands now."""
    asked = gathering.asked
    live = backlog.stand(gathering.conn, now=gathering.now, wanted=gathering.wanted)
    return BacklogView(tuple(_snapshots(gathering, asked.since, asked.until)), _at(gathering.now, live))


def load(gathering: Gathering, kpi: Kpi) -> KpiValue:
    """Inflow of whole local days per planned hour of people; without a number for fewer than the smallest group."""
    cases = gathering.inflow_by_day()
    plans = plans_of(gathering.desk, gathering.conn, gathering.asked.team_ids)
    first = gathering.asked.since.astimezone(gathering.zone).date()
    last = (gathering.asked.until - timedelta(microseconds=1)).astimezone(gathering.zone).date()
    days = [(first + timedelta(days=offset)).weekday() for offset in range((last - first).days + 1)]
    week = [sum(share(plan, weekday, hour) for plan in plans for hour in range(24)) for weekday in range(7)]
    hours = sum(week[weekday] for weekday in days)
    n = sum(case.n for case in cases)
    told = len(plans) >= gathering.desk.settings.smallest_group and hours > 0
    return KpiValue(kpi.id, kpi.name, kpi.unit, n / hours if told else None, n)


def _kept(gathering: Gathering) -> bool:
    """Whether snapshots can tell what is asked: they know teams alone."""
    asked = gathering.asked
    return not asked.source_ids and not asked.brand_ids and asked.user_id is None


def _snapshots(gathering: Gathering, since: datetime, until: datetime) -> list[BacklogAt]:
    rows = backlog.between(gathering.conn, since=since, until=until, team_ids=gathering.asked.team_ids)
    by_time: dict[datetime, list[dict[str, Any]]] = {}
    for row in rows:
        by_time.setdefault(row["at"], []).append(row)
    return [_at(at, found) for at, found in by_time.items()]


def _at(at: datetime, rows: Sequence[dict[str, Any]]) -> BacklogAt:
    by_status = {state: sum(row[backlog.column(state)] for row in rows) for state in STATES}
    return BacklogAt(
        at=at,
        n_open=sum(by_status.values()),
        by_status=by_status,
        by_team={row["team_id"]: sum(row[backlog.column(state)] for state in STATES) for row in rows},
        overdue=sum(row["overdue"] for row in rows),
        unanswered=sum(row["unanswered"] for row in rows),
        oldest_open_at=_earliest(row["oldest_open_at"] for row in rows),
        oldest_unanswered_at=_earliest(row["oldest_unanswered_at"] for row in rows),
    )


def _of_groups(kpi: Kpi, groups: Sequence[Standing], now: datetime) -> KpiValue:
    found = open_of(groups)
    n, oldest = (found.n, found.oldest_at) if found else (0, None)
    return _told(kpi, n, oldest, now)


def _of_bucket(kpi: Kpi, found: Sequence[BacklogAt], *, mean: bool) -> KpiValue:
    if not mean:
        return _told(kpi, found[-1].n_open, found[-1].oldest_open_at, found[-1].at)
    if kpi.id == "backlog":
        average = statistics.fmean(one.n_open for one in found)
        return KpiValue(kpi.id, kpi.name, kpi.unit, average, round(average))
    ages = [(one.at - one.oldest_open_at).total_seconds() for one in found if one.oldest_open_at is not None]
    return KpiValue(kpi.id, kpi.name, kpi.unit, statistics.fmean(ages) if ages else None, len(ages))


def _told(kpi: Kpi, n: int | None, oldest: datetime | None, at: datetime) -> KpiValue:
    value: float | None = None if n is None else float(n)
    if kpi.id == "oldest_open":
        value = None if oldest is None else (at - oldest).total_seconds()
    return KpiValue(kpi.id, kpi.name, kpi.unit, value, n or 0, oldest_open_at=oldest)


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((each for each in instants if each is not None), default=None)
