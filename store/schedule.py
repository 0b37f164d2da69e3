"""Who collects which source, and when. The truth of scheduling: leases with a fence, kept in the store.

A lease is taken by pushing `lease_until`; `fence` grows with each, and `commit_page` refuses an older one, so a
worker that was thought dead cannot write over its successor. A worker that dies leaves nothing locked: its lease
runs out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select

from store.engine import Store
from store.records import StaleLeaseError
from store.schema import source, source_schedule


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to collect one source until `until` (aware UTC).

    Attributes:
        fence: hand it to `commit_page`.
        pace_s: seconds between polls, as last decided.
        failures: runs that failed in a row.
        due_at: when it was due.
    """

    source_id: str
    owner: str
    fence: int
    pace_s: int
    failures: int
    due_at: datetime
    until: datetime


def lease_due(store: Store, *, owner: str, now: datetime, limit: int, lease: timedelta) -> list[Lease]:
    """Take up to `limit` enabled sources that are due, not paused, and held by nobody, the longest due first.

    Two workers never get the same source: SQLite writes one at a time, PostgreSQL skips rows another one locks.

    Args:
        store: where.
        owner: who takes them, for people (`host:pid`).
        now: aware UTC.
        limit: how many at most.
        lease: for how long; `renew` in good time.
    """
    until = now + lease
    with store.read() as conn:  # most ticks find nothing, and then take no write lock
        if conn.execute(_due(now, 1)).first() is None:
            return []
    with store.write() as conn:
        rows = conn.execute(_due(now, limit).with_for_update(of=source_schedule, skip_locked=True)).all()
        for row in rows:
            conn.execute(
                source_schedule.update()
                .where(source_schedule.c.source_id == row.source_id)
                .values(lease_owner=owner, lease_until=until, fence=row.fence + 1)
            )
    return [
        Lease(
            source_id=row.source_id,
            owner=owner,
            fence=row.fence + 1,
            pace_s=row.pace_s,
            failures=row.failures,
            due_at=row.due_at,
            until=until,
        )
        for row in rows
    ]


def lease_source(store: Store, source_id: str, *, owner: str, now: datetime, lease: timedelta) -> Lease | None:
    """Take one source whether it is due or not (`collect --once`); None when another holds it."""
    until = now + lease
    with store.write() as conn:
        row = conn.execute(
            select(source_schedule).where(source_schedule.c.source_id == source_id).with_for_update()
        ).one_or_none()
        if row is None or (row.lease_until is not None and row.lease_until > now):
            return None
        conn.execute(
            source_schedule.update()
            .where(source_schedule.c.source_id == source_id)
            .values(lease_owner=owner, lease_until=until, fence=row.fence + 1)
        )
    return Lease(source_id, owner, row.fence + 1, row.pace_s, row.failures, row.due_at, until)


def renew(store: Store, lease: Lease, *, until: datetime) -> Lease:
    """Hold a lease longer. One that was given back meanwhile stays given back.

    Raises:
        StaleLeaseError: another worker has taken the source over, or it was given back.
    """
    held = and_(
        source_schedule.c.source_id == lease.source_id,
        source_schedule.c.fence == lease.fence,
        source_schedule.c.lease_owner == lease.owner,
    )
    with store.write() as conn:
        done = conn.execute(source_schedule.update().where(held).values(lease_until=until))
    if done.rowcount != 1:
        raise StaleLeaseError(stale_text(lease.source_id))
    return replace(lease, until=until)


def release(store: Store, lease: Lease, *, due_at: datetime, pace_s: int, failures: int) -> bool:
    """Give a source back with its next due time (aware UTC) and pace (seconds).

    Returns:
        False when another worker had taken it over meanwhile; then nothing was changed, which is right.
    """
    with store.write() as conn:
        done = conn.execute(
            source_schedule.update()
            .where(source_schedule.c.source_id == lease.source_id, source_schedule.c.fence == lease.fence)
            .values(due_at=due_at, pace_s=pace_s, failures=failures, lease_owner=None, lease_until=None)
        )
    return done.rowcount == 1


def wake(store: Store, source_id: str, *, now: datetime) -> bool:
    """Bring a source's next poll forward to `now` (aware UTC), because a platform told that something is new.

    Nothing is hurried that waits for a reason: after failures, or because its platform wished for longer pauses than
    the source's own pace.

    Returns:
        False while it is being read: that run may have begun too early to see it, so ask again when it has ended.
    """
    with store.write() as conn:
        row = conn.execute(
            select(source_schedule).where(source_schedule.c.source_id == source_id).with_for_update()
        ).one_or_none()
        if row is None:
            return True
        if row.lease_until is not None and row.lease_until > now:
            return False
        if row.failures == 0 and row.due_at - now <= timedelta(seconds=row.pace_s):
            same = source_schedule.c.source_id == source_id
            conn.execute(source_schedule.update().where(same).values(due_at=min(now, row.due_at)))
    return True


def paused(store: Store) -> frozenset[str]:
    """Ids of the sources that somebody paused."""
    with store.read() as conn:
        return frozenset(conn.execute(select(source.c.id).where(source.c.paused_at.is_not(None))).scalars())


def stale_text(source_id: str) -> str:
    """What a worker is told that has lost its lease."""
    return f"source {source_id} was taken over by another worker; nothing of this page was written"


def _due(now: datetime, limit: int) -> Select[Any]:
    return (
        select(source_schedule)
        .join(source, source.c.id == source_schedule.c.source_id)
        .where(
            and_(
                source.c.enabled,
                source.c.paused_at.is_(None),
                source_schedule.c.due_at <= now,
                or_(source_schedule.c.lease_until.is_(None), source_schedule.c.lease_until <= now),
            )
        )
        .order_by(source_schedule.c.due_at, source_schedule.c.source_id)
        .limit(limit)
    )
