"""How each source stands: what it brought, what it could not read, what is covered, and how late it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from store.ids import id_floor
from store.records import Span
from store.schema import coverage, gap, mention, mention_source, quarantine, query_state, run, source, source_schedule

DELAY_SAMPLE = 1_000


@dataclass(frozen=True, slots=True)
class SourceTotals:
    """What came of a source since its beginning.

    Attributes:
        stored: mentions that it brought first.
        also_found: mentions that it found and another source had brought.
        duplicates: times that it brought something which was there already, unchanged.
        quarantined: items that could not be read and still wait.
    """

    stored: int = 0
    also_found: int = 0
    duplicates: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class GapRow:
    """A stretch that is not covered. `reason`: budget, quota, lost or error."""

    id: int
    query_id: str
    start_at: datetime
    end_at: datetime
    reason: str
    text: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class QueryHealthRow:
    """One query of a source: what is covered in the window, oldest first, and what is not."""

    query_id: str
    label: str
    covered: tuple[Span, ...]
    gaps: tuple[GapRow, ...]
    not_before: datetime | None = None
    error_class: str | None = None
    error_text: str | None = None


@dataclass(frozen=True, slots=True)
class SourceHealthRow:
    """A source as it stands. `delay_*` are seconds from publication to being visible; None when nothing tells.

    `open_gaps` counts all gaps that are not filled, also those outside the window.
    """

    id: str
    connector: str
    platform: str
    name: str
    own: bool
    enabled: bool
    every_s: int
    archive_after_s: int
    health: str
    health_text: str
    error_class: str | None
    error_since: datetime | None
    last_ok_at: datetime | None
    last_item_at: datetime | None
    paused_at: datetime | None
    due_at: datetime | None
    pace_s: int | None
    open_gaps: int
    quarantined: int
    delay_p50_s: float | None
    delay_p95_s: float | None
    queries: tuple[QueryHealthRow, ...]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of one query. Delays in seconds."""

    id: int
    source_id: str
    query_id: str
    started_at: datetime
    ended_at: datetime | None
    asked_from: datetime
    asked_to: datetime
    pages: int
    http_calls: int
    received: int
    stored: int
    changed: int
    duplicate: int
    unmatched: int
    quarantined: int
    unchanged: bool
    delay_p50_s: float | None
    delay_p95_s: float | None
    error_class: str | None
    error_text: str | None


def source_health(
    conn: Connection, *, now: datetime, window: timedelta, source_ids: Sequence[str] | None = None
) -> list[SourceHealthRow]:
    """Every source (or these), in order of id. Served by ix_gap_open, ix_quarantine_waiting and ix_mention_source.

    Args:
        conn: a connection of `Store.read()`.
        now: the end of the window.
        window: how far back coverage and delays are looked at.
        source_ids: only these; None for all.
    """
    columns = [source.c[field.name] for field in fields(SourceHealthRow) if field.name in source.c]
    query = select(*columns, source_schedule.c.due_at, source_schedule.c.pace_s).select_from(
        source.outerjoin(source_schedule, source_schedule.c.source_id == source.c.id)
    )
    if source_ids is not None:
        query = query.where(source.c.id.in_(list(source_ids)))
    since = now - window
    gaps = _open_gaps(conn)
    covered = _coverage(conn, since)
    states = _states(conn)
    waiting = quarantined_by_source(conn)
    found = []
    for row in conn.execute(query.order_by(source.c.id)).all():
        mine = gaps.get(row.id, [])
        p50, p95 = delays(conn, row.id, since=since, archive_after_s=row.archive_after_s)
        queries = _queries(mine, covered.get(row.id, {}), states.get(row.id, {}), since)
        standing: list[Any] = [*row, len(mine), waiting.get(row.id, 0), p50, p95, queries]
        found.append(SourceHealthRow(*standing))
    return found


def totals(conn: Connection) -> dict[str, SourceTotals]:
    """What came of every source. Counts over ix_mention_source, ix_mention_source_found and ix_run_source alone."""
    brought = _counted(conn, select(mention.c.source_id, func.count()).group_by(mention.c.source_id))
    found = _counted(
        conn,
        select(mention_source.c.source_id, func.count(mention_source.c.mention_id.distinct())).group_by(
            mention_source.c.source_id
        ),
    )
    again = _counted(conn, select(run.c.source_id, func.sum(run.c.duplicate)).group_by(run.c.source_id))
    waiting = quarantined_by_source(conn)
    names = [*conn.execute(select(source.c.id)).scalars()]
    return {
        name: SourceTotals(
            stored=brought.get(name, 0),
            also_found=max(0, found.get(name, 0) - brought.get(name, 0)),
            duplicates=again.get(name, 0),
            quarantined=waiting.get(name, 0),
        )
        for name in sorted({*names, *brought})
    }


def quarantined_by_source(conn: Connection) -> dict[str, int]:
    """Items that could not be read and still wait, per source. Served by ix_quarantine_waiting."""
    c = quarantine.c
    return _counted(conn, select(c.source_id, func.count()).where(c.released_at.is_(None)).group_by(c.source_id))


def last_runs(conn: Connection, source_id: str, *, limit: int = 20) -> list[RunRow]:
    """The last runs of a source, newest first. Served by ix_run_source."""
    columns = [run.c[field.name] for field in fields(RunRow)]
    query = select(*columns).where(run.c.source_id == source_id).order_by(run.c.id.desc()).limit(limit)
    return [RunRow(*row) for row in conn.execute(query)]


def calls_since(conn: Connection, since: datetime) -> dict[str, int]:
    """Requests that each source cost since an instant, from its runs. Served by ix_run_source, a walk per source."""
    floor = id_floor(since)
    names = [*conn.execute(select(source.c.id)).scalars()]
    spent = {
        name: conn.execute(
            select(func.sum(run.c.http_calls)).where(run.c.source_id == name, run.c.id >= floor)
        ).scalar()
        for name in names
    }
    return {name: int(n or 0) for name, n in spent.items()}


def delays(
    conn: Connection, source_id: str, *, since: datetime, archive_after_s: int
) -> tuple[float | None, float | None]:
    """Median and P95 (nearest rank) of first seen minus published, in seconds. Served by ix_mention_source.

    Over the newest 1,000 mentions since then. What was found later than `archive_after_s` is history that was
    filled in, not a late message, and does not count.
    """
    c = mention.c
    query = (
        select(c.published_at, c.first_seen_at)
        .where(c.source_id == source_id, c.sort_at >= since)
        .order_by(c.sort_at.desc(), c.id.desc())
        .limit(DELAY_SAMPLE)
    )
    waits = sorted(
        (seen - published).total_seconds() for published, seen in conn.execute(query) if published is not None
    )
    waits = [wait for wait in waits if 0 <= wait <= archive_after_s]
    return nearest_rank(waits, 0.5), nearest_rank(waits, 0.95)


def nearest_rank(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value with at least this share (0-1) of all values at or below it; None for no values."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _queries(
    gaps: list[tuple[str, GapRow]],
    covered: dict[str, list[Span]],
    states: dict[str, Any],
    since: datetime,
) -> tuple[QueryHealthRow, ...]:
    names = sorted({*covered, *states, *(query_id for query_id, _ in gaps)})
    return tuple(
        QueryHealthRow(
            query_id=name,
            label=getattr(states.get(name), "label", ""),
            covered=tuple(covered.get(name, ())),
            gaps=tuple(row for query_id, row in gaps if query_id == name and row.end_at > since),
            not_before=getattr(states.get(name), "not_before", None),
            error_class=getattr(states.get(name), "error_class", None),
            error_text=getattr(states.get(name), "error_text", None),
        )
        for name in names
    )


def _open_gaps(conn: Connection) -> dict[str, list[tuple[str, GapRow]]]:
    columns = [gap.c[field.name] for field in fields(GapRow)]
    query = (
        select(gap.c.source_id, *columns)
        .where(gap.c.filled_at.is_(None))
        .order_by(gap.c.source_id, gap.c.query_id, gap.c.start_at)
    )
    found: dict[str, list[tuple[str, GapRow]]] = {}
    for source_id, *values in conn.execute(query):
        row = GapRow(*values)
        found.setdefault(source_id, []).append((row.query_id, row))
    return found


def _coverage(conn: Connection, since: datetime) -> dict[str, dict[str, list[Span]]]:
    c = coverage.c
    query = select(c.source_id, c.query_id, c.start_at, c.end_at).where(c.end_at > since)
    found: dict[str, dict[str, list[Span]]] = {}
    for source_id, query_id, start, end in conn.execute(query.order_by(c.source_id, c.query_id, c.start_at)):
        found.setdefault(source_id, {}).setdefault(query_id, []).append(Span(max(start, since), end))
    return found


def _states(conn: Connection) -> dict[str, dict[str, Any]]:
    c = query_state.c
    found: dict[str, dict[str, Any]] = {}
    for row in conn.execute(select(c.source_id, c.query_id, c.label, c.not_before, c.error_class, c.error_text)):
        found.setdefault(row.source_id, {})[row.query_id] = row
    return found


def _counted(conn: Connection, query: Any) -> dict[str, int]:
    return {key: int(n or 0) for key, n in conn.execute(query)}
