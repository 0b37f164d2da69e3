"""How often rules hit, and which of them behave otherwise than before. The judgement is pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox.desk import Desk
from inbox.rules.hits import RULED
from inbox.rules.views import Drift, Hits
from store import ruling

DAYS = 28
_MOST_HITS_READ = 20_000
_SURGE = 10
_SURGE_AT_LEAST = 20


def drift(*, day: int, week: int, month: int) -> Drift | None:
    """Whether a rule stopped hitting, or suddenly hits ten times as often.

    Args:
        day: hits of the last 24 hours.
        week: of the last 7 days, the last one among them.
        month: of the last 28 days, the last week among them.
    """
    usual = (month - day) / (DAYS - 1)
    if week == 0 and month >= DAYS - 7:
        return Drift.STOPPED
    if month > day >= max(_SURGE_AT_LEAST, _SURGE * usual):
        return Drift.SURGE
    return None


def all_hits(conn: Connection, now: datetime) -> dict[int, Hits]:
    """How often every rule hit that ever did, by rule id."""
    return {rule_id: _hits(n) for rule_id, n in ruling.hit_counts(conn, now=now).items()}


def hits_of(conn: Connection, rule_id: int, now: datetime) -> Hits:
    """How often one rule hit."""
    found = ruling.hit_counts(conn, now=now, rule_id=rule_id).get(rule_id)
    return Hits() if found is None else _hits(found)


def _hits(n: ruling.HitCount) -> Hits:
    return Hits(n.day, n.week, n.month, n.total, n.last_at, drift(day=n.day, week=n.week, month=n.month))


def per_day(desk: Desk, conn: Connection, rule_id: int, now: datetime) -> tuple[int, ...]:
    """Hits of one rule on each of the last 28 days of the workspace, oldest first; the last one is today."""
    zone = ZoneInfo(desk.settings.timezone)
    events = ruling.hits_of(conn, rule_id, since=now - timedelta(days=DAYS), limit=_MOST_HITS_READ)
    return by_day([one.at for one in events if one.action == RULED], now, zone)


def by_day(instants: Sequence[datetime], now: datetime, zone: ZoneInfo) -> tuple[int, ...]:
    """Instants counted per local day, over the 28 days that end today."""
    today = now.astimezone(zone).date()
    counts = [0] * DAYS
    for at in instants:
        ago = (today - at.astimezone(zone).date()).days
        if 0 <= ago < DAYS:
            counts[DAYS - 1 - ago] += 1
    return tuple(counts)
