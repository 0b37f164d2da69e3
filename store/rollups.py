"""Are the roll-ups true? Recount them from the mentions, compare, and rebuild when they must be.

A recount goes by source and month, so that it holds little at a time. The small tables are held against the two large
ones: each is the sum of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, func, insert, select

from store import facts
from store.commit.rollups import COUNTED, KEYS, READ, Deltas, Key
from store.engine import Store
from store.records import CONTEXT
from store.schema import (
    mention,
    mention_brand,
    rollup_day,
    rollup_day_all,
    rollup_day_brand,
    rollup_day_source,
    rollup_hour,
    rollup_hour_all,
)

KEPT_BY = "rollups_timezone"
"""The fact that tells by which time zone the roll-ups are kept; without it they were never made."""
_WINDOW = timedelta(days=31)
_AT_ONCE = 500
_NOTHING = [0] * len(COUNTED)
_PARTS = (rollup_day, rollup_hour)
_SUMS = {
    rollup_day_all: rollup_day,
    rollup_day_brand: rollup_day,
    rollup_day_source: rollup_day,
    rollup_hour_all: rollup_hour,
}


@dataclass(frozen=True, slots=True)
class RollupDifference:
    """A roll-up row that is not what the mentions say. `key` names brand, day or hour, and so on."""

    table: str
    key: tuple[str, ...]
    stored: tuple[float, ...]
    true: tuple[float, ...]


def keep_by(store: Store, *, timezone: str) -> bool:
    """Rebuild the roll-ups if they were never made, or by another time zone; whether that had to be done.

    Args:
        store: a migrated store.
        timezone: IANA name that decides on the calendar day.
    """
    with store.read() as conn:
        if facts.fact(conn, KEPT_BY) == timezone:
            return False
    rebuild_rollups(store, timezone=timezone)
    return True


def check_rollups(store: Store, *, timezone: str, most: int = 100) -> list[RollupDifference]:
    """Compare the roll-ups with a recount of all mentions, in one snapshot; at most `most` differences.

    Args:
        store: which.
        timezone: IANA name by which they were kept; another one shows as differences (then rebuild).
        most: stop after so many.
    """
    with store.snapshot() as conn:
        return list(islice(_all_differences(conn, ZoneInfo(timezone)), most))


def rebuild_rollups(store: Store, *, timezone: str) -> None:
    """Replace the roll-ups by a recount, after the time zone of the workspace changed or a check found differences.

    Holds the write lock throughout; on PostgreSQL commits of pages wait meanwhile. One to two minutes of processor
    time per million mentions.
    """
    with store.write() as conn:
        store.dialect.lock_tables(conn, tuple(KEYS))
        for table in KEYS:
            conn.execute(table.delete())
        for window in _windows(conn, ZoneInfo(timezone)):
            _recount(conn, window).write(conn, store.dialect, tables=_PARTS)
        for table, parts in _SUMS.items():
            conn.execute(insert(table).from_select([*KEYS[table], *COUNTED], _summed(table, parts)))
        facts.keep_fact(store, conn, KEPT_BY, timezone)


@dataclass(frozen=True, slots=True)
class _Window:
    """Some local days [first, after) of a source."""

    source_id: str
    first: date
    after: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        return _midnight(self.after, self.zone)


def _all_differences(conn: Connection, zone: ZoneInfo) -> Iterator[RollupDifference]:
    for window in _windows(conn, zone):
        true = _recount(conn, window)
        for table in _PARTS:
            yield from _differences(table, _stored(conn, table, window), true.summed(table))
    for table, parts in _SUMS.items():
        wide = len(KEYS[table])
        stored = {tuple(row[:wide]): list(map(int, row[wide:])) for row in conn.execute(_rows(table))}
        summed = {tuple(row[:wide]): list(map(int, row[wide:])) for row in conn.execute(_summed(table, parts))}
        yield from _differences(table, stored, summed)


def _windows(conn: Connection, zone: ZoneInfo) -> Iterator[_Window]:
    """All that is said or counted, by source and month; windows end where no hour and no day is parted."""
    spans: dict[str, list[date]] = {}
    c, day, hour = mention.c, rollup_day.c, rollup_hour.c
    for source_id, first, last in conn.execute(
        select(c.source_id, func.min(c.sort_at), func.max(c.sort_at)).group_by(c.source_id)
    ):
        spans.setdefault(source_id, []).extend(at.astimezone(zone).date() for at in (first, last))
    for source_id, *days in conn.execute(
        select(day.source_id, func.min(day.day), func.max(day.day)).group_by(day.source_id)
    ):
        spans.setdefault(source_id, []).extend(days)
    for source_id, first, last in conn.execute(
        select(hour.source_id, func.min(hour.hour), func.max(hour.hour)).group_by(hour.source_id)
    ):
        spans.setdefault(source_id, []).extend(at.astimezone(zone).date() for at in (first, last))
    for source_id, known in sorted(spans.items()):
        first, end = min(known), max(known) + timedelta(days=1)
        while first < end:
            after = min(first + _WINDOW, end)
            yield _Window(source_id, first, after, zone)
            first = after


def _recount(conn: Connection, window: _Window) -> Deltas:
    """Served by ix_mention_source and ix_mention_brand_mention."""
    deltas = Deltas(window.zone)
    c = mention.c
    query = select(c.id, c.flags, *(c[name] for name in READ)).where(
        c.source_id == window.source_id,
        c.sort_at >= window.since,
        c.sort_at < window.until,
        c.direction == "inbound",
    )
    rows = conn.execute(query).all()
    for start in range(0, len(rows), _AT_ONCE):
        some = [row for row in rows[start : start + _AT_ONCE] if CONTEXT not in (row.flags or ())]
        brands = _brands(conn, [row.id for row in some])
        for row in some:
            deltas.add_row(row, brands.get(row.id, ()))
    return deltas


def _brands(conn: Connection, ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    c = mention_brand.c
    for row in conn.execute(select(c.mention_id, c.brand_id).where(c.mention_id.in_(ids))) if ids else ():
        found.setdefault(row.mention_id, []).append(row.brand_id)
    return found


def _stored(conn: Connection, table: Table, window: _Window) -> dict[Key, list[int]]:
    c = table.c
    within = (
        (c.day >= window.first, c.day < window.after)
        if table is rollup_day
        else (c.hour >= window.since, c.hour < window.until)
    )
    wide = len(KEYS[table])
    query = _rows(table).where(c.source_id == window.source_id, *within)
    return {tuple(row[:wide]): list(map(int, row[wide:])) for row in conn.execute(query)}


def _rows(table: Table) -> Any:
    return select(*(table.c[name] for name in (*KEYS[table], *COUNTED)))


def _summed(table: Table, parts: Table) -> Any:
    keys = [parts.c[name] for name in KEYS[table]]
    return select(*keys, *(func.sum(parts.c[name]) for name in COUNTED)).group_by(*keys)


def _differences(
    table: Table, stored: Mapping[Key, list[int]], true: Mapping[Key, list[int]]
) -> Iterator[RollupDifference]:
    for key in sorted({*stored, *true}, key=repr):
        have, want = stored.get(key, _NOTHING), true.get(key, _NOTHING)
        if have != want:
            yield RollupDifference(table.name, tuple(map(str, key)), tuple(have), tuple(want))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
