"""What is proven complete, and what is not: span arithmetic (pure) and the reads behind it.

Spans are half-open [start, end), aware UTC. Covered spans of one query never overlap or touch in the store;
they are extended in the same transaction as the rows they cover (`store.ingest`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from store.engine import Store
from store.records import GapRecord, Span
from store.schema import coverage, gap

_SAME_CHAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A stretch not covered yet. `reason`: budget, quota, lost or error; `cursor` resumes a broken-off chain."""

    id: int
    span: Span
    reason: str
    cursor: str | None
    text: str = ""
    found_at: datetime | None = None


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same stretches as few spans, oldest first; spans that touch become one, empty ones vanish."""
    merged: list[Span] = []
    for span in sorted((span for span in spans if span.start < span.end), key=lambda span: span.start):
        if merged and span.start <= merged[-1].end:
            if span.end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged


def subtract(span: Span, spans: Iterable[Span]) -> list[Span]:
    """What of `span` none of `spans` covers, oldest first."""
    left: list[Span] = []
    start = span.start
    for covered_span in merge(spans):
        if covered_span.end <= start:
            continue
        if covered_span.start >= span.end:
            break
        if covered_span.start > start:
            left.append(Span(start, covered_span.start))
        start = max(start, covered_span.end)
    if start < span.end:
        left.append(Span(start, span.end))
    return left


def covered(store: Store, source_id: str, query_id: str) -> list[Span]:
    """What is covered of one query, oldest first."""
    with store.read() as conn:
        return _covered(conn, source_id, query_id)


def open_gaps(store: Store, source_id: str, query_id: str) -> list[OpenGap]:
    """Gaps of one query that are not filled, oldest first."""
    with store.read() as conn:
        return _open_gaps(conn, source_id, query_id)


def gaps_within(
    conn: Connection, since: datetime, until: datetime, *, source_ids: Sequence[str] = (), limit: int = 200
) -> list[Row[Any]]:
    """Gaps that were never filled and reach into [since, until), the latest first. Served by ix_gap_open."""
    c = gap.c
    columns = (c.source_id, c.start_at, c.end_at, c.reason)
    query = select(*columns).where(c.filled_at.is_(None), c.start_at < until, c.end_at > since)
    if source_ids:
        query = query.where(c.source_id.in_(sorted(set(source_ids))))
    return list(conn.execute(query.order_by(c.start_at.desc(), c.id.desc()).limit(limit)))


def cover(conn: Connection, source_id: str, query_id: str, span: Span) -> None:
    """Add a covered span inside the caller's transaction; `close_gaps` then fills the gaps it reaches."""
    have = _covered(conn, source_id, query_id)
    wanted = merge([*have, span])
    mine = (coverage.c.source_id == source_id, coverage.c.query_id == query_id)
    for old in (old for old in have if old not in wanted):
        conn.execute(coverage.delete().where(*mine, coverage.c.start_at == old.start))
    for new in (new for new in wanted if new not in have):
        conn.execute(
            coverage.insert().values(source_id=source_id, query_id=query_id, start_at=new.start, end_at=new.end)
        )


def close_gaps(
    conn: Connection, source_id: str, query_id: str, span: Span, *, now: datetime, new_id: Callable[[], int]
) -> None:
    """Fill or shrink the open gaps that a newly covered span reaches. A gap cut in the middle becomes two.

    The rest of a chain that goes on reading is no gap in anybody's book: filled within the hour it leaves no row.
    """
    for hole in _open_gaps(conn, source_id, query_id):
        left = subtract(hole.span, [span])
        if left == [hole.span]:
            continue
        mine = gap.update().where(gap.c.id == hole.id)
        if not left:
            if hole.reason != "lost":
                conn.execute(gap.delete().where(gap.c.id == hole.id, gap.c.found_at > now - _SAME_CHAIN))
            conn.execute(mine.values(filled_at=now))
            continue
        conn.execute(mine.values(start_at=left[0].start, end_at=left[0].end))
        for rest in left[1:]:
            _insert_gap(
                conn, source_id, query_id, GapRecord(rest, hole.reason, hole.text, hole.cursor), now=now, new_id=new_id
            )


def record_gap(
    conn: Connection, source_id: str, query_id: str, record: GapRecord, *, now: datetime, new_id: Callable[[], int]
) -> None:
    """Note a gap inside the caller's transaction, without what is covered or already noted.

    A gap over exactly the stretch of an open one renews that one's reason, text and cursor.
    """
    known = _open_gaps(conn, source_id, query_id)
    for left in subtract(record.span, _covered(conn, source_id, query_id)):
        same = next((hole for hole in known if hole.span == left), None)
        if same is not None:
            conn.execute(
                gap.update()
                .where(gap.c.id == same.id)
                .values(reason=record.reason, text=record.text, cursor=record.cursor)
            )
            continue
        for rest in subtract(left, [hole.span for hole in known]):
            fresh = GapRecord(rest, record.reason, record.text, record.cursor)
            _insert_gap(conn, source_id, query_id, fresh, now=now, new_id=new_id)


def _insert_gap(
    conn: Connection,
    source_id: str,
    query_id: str,
    record: GapRecord,
    *,
    now: datetime,
    new_id: Callable[[], int],
) -> None:
    conn.execute(
        gap.insert().values(
            id=new_id(),
            source_id=source_id,
            query_id=query_id,
            start_at=record.span.start,
            end_at=record.span.end,
            reason=record.reason,
            text=record.text,
            cursor=record.cursor,
            found_at=now,
            filled_at=None,
        )
    )


def _covered(conn: Connection, source_id: str, query_id: str) -> list[Span]:
    rows = conn.execute(
        select(coverage.c.start_at, coverage.c.end_at)
        .where(coverage.c.source_id == source_id, coverage.c.query_id == query_id)
        .order_by(coverage.c.start_at)
    )
    return [Span(row.start_at, row.end_at) for row in rows]


def _open_gaps(conn: Connection, source_id: str, query_id: str) -> list[OpenGap]:
    rows = conn.execute(
        select(gap)
        .where(gap.c.source_id == source_id, gap.c.query_id == query_id, gap.c.filled_at.is_(None))
        .order_by(gap.c.start_at)
    )
    return [
        OpenGap(
            id=row.id,
            span=Span(row.start_at, row.end_at),
            reason=row.reason,
            cursor=row.cursor,
            text=row.text,
            found_at=row.found_at,
        )
        for row in rows
    ]
