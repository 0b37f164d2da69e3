"""Items and answers that could not be read: kept with their payload until somebody replays them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from store.engine import Store
from store.schema import quarantine


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One waiting or released item, without its payload. `found_at` and `released_at` aware UTC."""

    id: int
    source_id: str
    query_id: str
    external_id: str | None
    error: str
    whole_answer: bool
    found_at: datetime
    tries: int
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class QuarantinePayload:
    """One item with its payload: zstd-compressed JSON, or compressed bytes when `whole_answer`."""

    row: QuarantineRow
    payload: bytes


_LISTED = [column for column in quarantine.c if column.name not in {"payload", "payload_sha256"}]


def list_quarantine(
    store: Store,
    *,
    source_id: str | None = None,
    after_id: int = 0,
    limit: int = 200,
    released: bool = False,
) -> list[QuarantineRow]:
    """Unreadable items, oldest first.

    Args:
        store: where.
        source_id: only of this source.
        after_id: continue behind this id.
        limit: how many at most.
        released: also those that have been read since.
    """
    query = select(*_LISTED).where(quarantine.c.id > after_id)
    if source_id is not None:
        query = query.where(quarantine.c.source_id == source_id)
    if not released:
        query = query.where(quarantine.c.released_at.is_(None))
    with store.read() as conn:
        rows = conn.execute(query.order_by(quarantine.c.id).limit(limit))
        return [QuarantineRow(**row) for row in rows.mappings()]


def waiting_answers(store: Store, source_id: str) -> frozenset[str]:
    """SHA-256 in hex of the bodies of whole answers of a source that wait. Served by ix_quarantine_answer."""
    c = quarantine.c
    query = select(c.payload_sha256).where(c.source_id == source_id, c.released_at.is_(None), c.whole_answer)
    with store.read() as conn:
        return frozenset(bytes(found).hex() for found in conn.execute(query).scalars())


def take(store: Store, quarantine_id: int) -> QuarantinePayload | None:
    """One item with its payload; None when there is none of that id."""
    with store.read() as conn:
        query = select(quarantine.c.payload, *_LISTED).where(quarantine.c.id == quarantine_id)
        row = conn.execute(query).mappings().one_or_none()
    if row is None:
        return None
    values = dict(row)
    payload = bytes(values.pop("payload"))
    return QuarantinePayload(row=QuarantineRow(**values), payload=payload)


def mark_released(store: Store, quarantine_id: int, *, at: datetime) -> None:
    """Note that an item has been read after all; the row stays as a record until retention takes it."""
    with store.write() as conn:
        conn.execute(quarantine.update().where(quarantine.c.id == quarantine_id).values(released_at=at))


def mark_tried(store: Store, quarantine_id: int, *, error: str) -> None:
    """Note that a replay failed again, and why."""
    with store.write() as conn:
        conn.execute(
            quarantine.update()
            .where(quarantine.c.id == quarantine_id)
            .values(error=error, tries=quarantine.c.tries + 1)
        )
