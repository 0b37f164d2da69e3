"""Sources as they stand in the store, for tests that look at what a worker left there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from store.engine import Store
from store.schema import source, source_schedule


def source_rows(store: Store) -> Sequence[Row[Any]]:
    """All sources with health and schedule, by id."""
    schedule = (
        source_schedule.c.due_at,
        source_schedule.c.pace_s,
        source_schedule.c.lease_owner,
        source_schedule.c.lease_until,
        func.coalesce(source_schedule.c.failures, 0).label("failures"),
    )
    with store.read() as conn:
        return conn.execute(
            select(source, *schedule)
            .outerjoin(source_schedule, source_schedule.c.source_id == source.c.id)
            .order_by(source.c.id)
        ).all()


def next_due(store: Store) -> datetime | None:
    """When the next enabled source is due (aware UTC); None without sources."""
    with store.read() as conn:
        return conn.execute(
            select(source_schedule.c.due_at)
            .join(source, source.c.id == source_schedule.c.source_id)
            .where(source.c.enabled, source.c.paused_at.is_(None))
            .order_by(source_schedule.c.due_at)
            .limit(1)
        ).scalar()
