"""What a rule counts, by the hour: from the roll-ups where they hold it, else from its own hourly counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox import searching
from inbox.alerts.views import Scope
from inbox.desk import Desk
from store import alert_counts, figures
from store.alert_counts import Slice
from store.alerts import RuleRow
from understanding.query import Place
from understanding.spikes.baseline import WEEKS, Series
from understanding.spikes.judging import By, Condition

Looks = Callable[[datetime], bool]
"""Whether a rule looks at an hour."""
BACK_DAYS = 90
"""How far back a rule is tried."""
HISTORY = timedelta(weeks=WEEKS, days=2)
"""What has to be known before an hour to say what is usual then; two days more for windows and clock changes."""
MOST_BACK = 20_000
"""Messages of a query that are counted for its history, newest first: some seconds of work."""
MOST_NOW = 5_000
"""Messages of a query that are counted in its window."""


def scope_of(rule: RuleRow) -> Scope:
    """What a rule counts."""
    return Scope(rule.brand_id, rule.source_ids, rule.sentiments, rule.theme_id, rule.query)


def condition_of(rule: RuleRow) -> Condition:
    """When a rule fires."""
    return Condition(By(rule.by_what), rule.value, rule.window_h, rule.minimum, rule.cool_down_h)


def slice_of(desk: Desk, scope: Scope) -> Slice:
    """What the store is asked for a scope.

    Raises:
        BadSearch: the query cannot be read.
    """
    node = searching.parse(scope.query, Place.SEARCH)
    search = None if node is None else searching.search_of(node, ZoneInfo(desk.settings.timezone))
    return Slice(scope.brand_id, scope.source_ids, scope.sentiments, scope.theme_id, search)


def history(desk: Desk, conn: Connection, scope: Scope, *, since: datetime, until: datetime) -> Series:
    """What a scope held per hour in [since, until), counted now.

    Raises:
        BadSearch: the query cannot be read.
    """
    zone = ZoneInfo(desk.settings.timezone)
    if scope.query:
        counts, known_since = counted(desk, conn, scope, since=since, until=until)
        return Series(counts, zone, since=known_since)
    return Series(_kept(conn, scope, since=since, until=until), zone)


def counted(
    desk: Desk, conn: Connection, scope: Scope, *, since: datetime, until: datetime, limit: int = MOST_BACK
) -> tuple[dict[datetime, int], datetime]:
    """Messages per hour that match the query of a scope, and since when these are all.

    Raises:
        BadSearch: the query cannot be read.
    """
    return alert_counts.matching_hours(conn, slice_of(desk, scope), since=since, until=until, limit=limit)


def watched(desk: Desk, conn: Connection, rule: RuleRow, *, now: datetime) -> Series:
    """What a rule counted per hour until now, as far back as it takes to say what is usual."""
    zone = ZoneInfo(desk.settings.timezone)
    since = now - HISTORY
    if not rule.query:
        return Series(_kept(conn, scope_of(rule), since=since, until=now + timedelta(hours=1)), zone)
    kept = alert_counts.kept_hours(conn, rule.id)
    return Series(kept, zone, since=rule.counted_since)


def _kept(conn: Connection, scope: Scope, *, since: datetime, until: datetime) -> dict[datetime, int]:
    if scope.theme_id is not None:
        return alert_counts.theme_hours(conn, scope.theme_id, since=since, until=until)
    found = figures.volume_by_hour(
        conn,
        since=since,
        until=until,
        brand_id=scope.brand_id,
        source_ids=scope.source_ids,
        sentiments=scope.sentiments,
    )
    return {one.hour: one.n for one in found}
