"""Asking about kept items again: which are due, who asks, and until when. Leases and fences as in `store.schedule`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, literal, or_, select, tuple_

from store.engine import Store
from store.keeping import NOTHING, Keeping, keeping_of
from store.records import StaleLeaseError
from store.schedule import stale_text
from store.schema import mention, mention_source, source_duty

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_POLICY = ("recheck_s", "keep_s", "profiles_s", "erase_s", "retention_s")
WALK = 500
"""Mentions per transaction when a source's duties changed."""


@dataclass(frozen=True, slots=True)
class DutyRecord:
    """What a source's platform and its owner ask; times in seconds."""

    source_id: str
    keeping: Keeping = NOTHING
    may_export: bool = True
    export_per_day: int | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class DutyLease:
    """The right to ask about a source's kept items until `until` (aware UTC)."""

    source_id: str
    owner: str
    fence: int
    failures: int
    until: datetime


def sync_duties(store: Store, records: Sequence[DutyRecord]) -> None:
    """Keep what the configured sources ask for. Rows of others stay: their items are still kept here."""
    with store.read() as conn:
        known = {row.source_id: row for row in conn.execute(select(source_duty))}
    changed = [record for record in records if not _same(record, known.get(record.source_id))]
    if not changed:
        return
    with store.write() as conn:
        for record in changed:
            _sync_one(conn, record, known.get(record.source_id))


def _same(record: DutyRecord, row: Row[Any] | None) -> bool:
    if row is None:
        return record == DutyRecord(record.source_id)
    policy = Keeping(*(getattr(row, name) for name in _POLICY))
    kept = (policy, row.may_export, row.export_per_day, row.basis)
    return kept == (record.keeping, record.may_export, record.export_per_day, record.basis)


def _sync_one(conn: Connection, record: DutyRecord, row: Row[Any] | None) -> None:
    policy = {name: getattr(record.keeping, name) for name in _POLICY}
    values: dict[str, Any] = {
        **policy,
        "may_export": record.may_export,
        "export_per_day": record.export_per_day,
        "basis": record.basis,
    }
    if row is None or any(getattr(row, name) != value for name, value in policy.items()):
        values |= {"walk_at": _BEGINNING, "walk_id": 0}
    if row is None:
        fresh = {"source_id": record.source_id, "fence": 0, "failures": 0, "trouble": ""}
        conn.execute(source_duty.insert().values(**fresh, **values))
    else:
        conn.execute(source_duty.update().where(source_duty.c.source_id == record.source_id).values(**values))


def tell_changes(store: Store) -> bool:
    """Tell up to 500 kept mentions of a source whose duties changed until when they may be kept; False: none is left.

    Every worker may do it: the row of the source is locked meanwhile.
    """
    waiting = select(source_duty).where(source_duty.c.walk_at.is_not(None)).order_by(source_duty.c.source_id).limit(1)
    with store.read() as conn:
        if conn.execute(waiting).first() is None:
            return False
    with store.write() as conn:
        duty = conn.execute(waiting.with_for_update(skip_locked=True)).first()
        if duty is None:
            return False
        keeping = keeping_of(conn, duty.source_id)
        rows = conn.execute(
            select(
                mention.c.id, mention.c.sort_at, mention.c.last_seen_at, mention.c.deleted_at, mention.c.capabilities
            )
            .where(
                mention.c.source_id == duty.source_id,
                tuple_(mention.c.sort_at, mention.c.id)
                > tuple_(literal(duty.walk_at, mention.c.sort_at.type), literal(duty.walk_id, mention.c.id.type)),
            )
            .order_by(mention.c.sort_at, mention.c.id)
            .limit(WALK)
        ).all()
        if rows:
            conn.execute(_TELL, [_told(row, keeping) for row in rows])
        last = rows[-1] if len(rows) == WALK else None
        step = {"walk_at": None, "walk_id": None} if last is None else {"walk_at": last.sort_at, "walk_id": last.id}
        conn.execute(source_duty.update().where(source_duty.c.source_id == duty.source_id).values(**step))
        return True


_TELL = (
    mention.update()
    .where(mention.c.id == bindparam("at_id"))
    .values(recheck_at=bindparam("asked", type_=mention.c.recheck_at.type))
    .values(erase_at=bindparam("ends", type_=mention.c.erase_at.type))
)


def _told(row: Any, keeping: Keeping) -> dict[str, Any]:
    gone = row.deleted_at is not None
    return {
        "at_id": row.id,
        "asked": None if gone else keeping.recheck_at(row.capabilities, row.last_seen_at),
        "ends": keeping.erase_at(row.sort_at, None if gone else row.last_seen_at),
    }


def lease_due(store: Store, *, owner: str, now: datetime, limit: int, lease: timedelta) -> list[DutyLease]:
    """Take sources with items to ask about that nobody is asking about now; two workers never get the same one."""
    until = now + lease
    with store.read() as conn:  # most ticks find nothing, and then take no write lock
        if conn.execute(_due(now).limit(1)).first() is None:
            return []
    with store.write() as conn:
        rows = conn.execute(_due(now).limit(limit).with_for_update(of=source_duty, skip_locked=True)).all()
        for row in rows:
            conn.execute(
                source_duty.update()
                .where(source_duty.c.source_id == row.source_id)
                .values(lease_owner=owner, lease_until=until, fence=row.fence + 1)
            )
    return [DutyLease(row.source_id, owner, row.fence + 1, row.failures, until) for row in rows]


def release(
    store: Store, lease: DutyLease, *, not_before: datetime | None, failures: int = 0, trouble: str = ""
) -> bool:
    """Give a source back; False when another worker has it meanwhile."""
    with store.write() as conn:
        done = conn.execute(
            source_duty.update()
            .where(source_duty.c.source_id == lease.source_id, source_duty.c.fence == lease.fence)
            .values(lease_owner=None, lease_until=None, not_before=not_before, failures=failures, trouble=trouble)
        )
    return done.rowcount == 1


def hold(conn: Connection, lease: DutyLease) -> None:
    """Hold a lease's row until the transaction ends, so that nobody takes the source over meanwhile.

    Raises:
        StaleLeaseError: another worker has it.
    """
    mine = source_duty.c.source_id == lease.source_id
    if conn.execute(select(source_duty.c.fence).where(mine).with_for_update()).scalar() != lease.fence:
        raise StaleLeaseError(stale_text(lease.source_id))


def to_recheck(conn: Connection, source_id: str, *, now: datetime, limit: int) -> list[Row[Any]]:
    """Kept items of a source that the platform is asked about now, longest due first. Served by ix_mention_recheck."""
    one_query = (
        select(mention_source.c.query_id)
        .where(mention_source.c.mention_id == mention.c.id, mention_source.c.source_id == source_id)
        .limit(1)
        .scalar_subquery()
    )
    columns = (mention.c.id, mention.c.external_id, mention.c.namespace, mention.c.platform, mention.c.extra)
    return list(
        conn.execute(
            select(*columns, one_query.label("query_id"))
            .where(mention.c.source_id == source_id, mention.c.recheck_at <= now)
            .order_by(mention.c.recheck_at, mention.c.id)
            .limit(limit)
        )
    )


def ask_later(conn: Connection, source_id: str, mention_ids: Sequence[int], *, asked_at: datetime) -> None:
    """Ask about these again after a quarter of their time, unless they are gone by now or something is learned."""
    every = keeping_of(conn, source_id).ask_every
    if mention_ids and every is not None:
        standing = mention.c.id.in_(list(mention_ids)), mention.c.recheck_at.is_not(None)
        conn.execute(mention.update().where(*standing).values(recheck_at=asked_at + every / 4))


def _due(now: datetime) -> Any:
    waiting = exists().where(mention.c.source_id == source_duty.c.source_id, mention.c.recheck_at <= now)
    return (
        select(source_duty)
        .where(
            or_(source_duty.c.not_before.is_(None), source_duty.c.not_before <= now),
            or_(source_duty.c.lease_until.is_(None), source_duty.c.lease_until <= now),
            waiting,
        )
        .order_by(source_duty.c.source_id)
    )
