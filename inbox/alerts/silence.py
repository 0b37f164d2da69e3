"""Sources that fell silent: far fewer messages than usual at that hour of the week, or in trouble for a whole window.

Only hours that have ended are judged, and only of a source that was read since: where nothing was read nothing is
known, and a worker that stood still makes nobody silent. What fails is told by its health instead, as the bar of
sources tells it. Sources that are off or paused are not looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from inbox import health
from inbox.alerts import counting
from inbox.desk import Desk
from store.alerts import RuleRow
from store.schema import source
from store.volumes import ALL_BRANDS, Wanted, volumes
from understanding.spikes.baseline import Series, hour_of
from understanding.spikes.judging import Moment, moments
from understanding.spikes.silence import silent_ones, together

_HOUR = timedelta(hours=1)


def judged(
    desk: Desk, conn: Connection, rule: RuleRow, now: datetime, looks: counting.Looks
) -> tuple[Moment | None, Mapping[str, Any]]:
    """The newest hour that has ended, when a source is silent in it, with which ones and why."""
    last, condition = hour_of(now) - _HOUR, counting.condition_of(rule)
    window = timedelta(hours=rule.window_h)
    there = listened(conn, rule.source_ids)
    read = [one.id for one in there if one.last_ok_at is not None and one.last_ok_at >= last + _HOUR]
    series = by_source(desk, conn, read, since=now - counting.HISTORY, until=last + _HOUR)
    quiet = silent_ones(series, condition, last)
    ill = {one.id: one.error_since for one in there if _ill(one, now, window)}
    told = [_told(one.id, quiet.get(one.id), ill.get(one.id)) for one in there if one.id in quiet or one.id in ill]
    if not told:
        return None, {}
    found = moments(
        lambda hour: together(hour, list(quiet.values())),
        condition,
        first=last,
        last=last,
        before=rule.fired_hour,
        counts=looks,
    )
    return (found[0], {"silent": told}) if found else (None, {})


def listened(conn: Connection, source_ids: Sequence[str]) -> list[Row[Any]]:
    """The sources that are on, by name; only these where any are named."""
    c = source.c
    wanted = select(c.id, c.health, c.error_since, c.last_ok_at).where(c.enabled, c.paused_at.is_(None))
    if source_ids:
        wanted = wanted.where(c.id.in_(list(source_ids)))
    return list(conn.execute(wanted.order_by(c.name, c.id)))


def by_source(
    desk: Desk, conn: Connection, ids: Sequence[str], *, since: datetime, until: datetime
) -> dict[str, Series]:
    """What each source brought per hour in [since, until)."""
    counts: dict[str, Counter[datetime]] = {one: Counter() for one in ids}
    if ids:
        wanted = Wanted((ALL_BRANDS,), tuple(ids))
        for one in volumes(conn, wanted, grain="hour", first=since, until=until, by="source_id"):
            counts[one.key][one.at] += one.n
    zone = ZoneInfo(desk.settings.timezone)
    return {one: Series(some, zone) for one, some in counts.items()}


def _ill(one: Row[Any], now: datetime, window: timedelta) -> bool:
    bad = health.level_of(one.health, enabled=True) != "ok"
    return bad and one.error_since is not None and now - one.error_since >= window


def _told(source_id: str, moment: Moment | None, ill_since: datetime | None) -> dict[str, Any]:
    expected = None if moment is None else moment.expected
    return {
        "source_id": source_id,
        "n": None if moment is None else moment.n,
        "expected": None if expected is None else expected.mean,
        "sd": None if expected is None else expected.sd,
        "ill_since": None if ill_since is None else ill_since.isoformat(),
    }
