"""Deliveries of webhooks: kept before they are answered, read once, remembered so that none is taken twice.

Whoever takes a delivery pushes its `not_before`, goes on doing so while it reads, and stands in `held_by`. A reader
that dies leaves nothing locked: where it is known to have ended `free_held` frees what it held, elsewhere its lease.
Reading one twice is harmless, because what it leads to is committed by key like any page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from store.engine import Store
from store.schema import intake

MOST_WAITING = 10_000
"""So many waiting deliveries, and no more are taken: the platform tries again, and polling goes on."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One delivery to be read. `received_at` aware UTC; `tries` that failed before."""

    id: int
    hook: str
    body: bytes = field(repr=False)
    received_at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How one webhook does: deliveries by outcome, and when one last came (aware UTC)."""

    hook: str
    waiting: int
    read: int
    nobody: int
    unread: int
    last_at: datetime | None


def take_in(store: Store, hook: str, body: bytes, *, now: datetime) -> bool:
    """Keep a delivery; it is committed when this returns.

    Returns:
        False when the same one was taken before: nothing is kept then.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    row = {
        "id": store.new_id(),
        "hook": hook,
        "digest": digest_of(body),
        "body": body,
        "received_at": now,
        "not_before": now,
        "outcome": "waiting",
        "tries": 0,
    }
    try:
        with store.write() as conn:
            conn.execute(intake.insert().values(**row))
    except IntegrityError:
        return False
    return True


def put_back(store: Store, hook: str, body: bytes, *, received_at: datetime, now: datetime) -> None:
    """Let a delivery that was set aside be read again."""
    again = {"body": body, "not_before": now, "held_by": None, "read_at": None, "outcome": "waiting", "tries": 0}
    same = (intake.c.hook == hook, intake.c.digest == digest_of(body))
    with store.write() as conn:
        if conn.execute(intake.update().where(*same).values(**again)).rowcount == 0:
            known = {"id": store.new_id(), "hook": hook, "digest": digest_of(body), "received_at": received_at}
            conn.execute(intake.insert().values(**known, **again))


def full(store: Store) -> bool:
    """Whether so many wait that no more are taken. Served by ix_intake_waiting."""
    waits = select(intake.c.id).where(intake.c.body.is_not(None)).limit(MOST_WAITING).subquery()
    with store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(waits)).scalar_one()) >= MOST_WAITING


def take_some(store: Store, *, by: str, now: datetime, until: datetime, limit: int) -> list[Waiting]:
    """Take deliveries that wait, the longest first, until `until` (aware UTC): two readers never get the same.

    Args:
        store: where.
        by: who takes them, as `hold` and `free_held` know it.
        now: aware UTC.
        until: when another one may take what is neither done nor held longer.
        limit: how many at most.
    """
    with store.read() as conn:  # most looks find nothing, and then take no write lock
        if not waiting(conn, now=now, limit=1):
            return []
    with store.write() as conn:
        due = select(intake.c.id).where(intake.c.body.is_not(None), intake.c.not_before <= now)
        some = due.order_by(intake.c.not_before, intake.c.id).limit(limit).with_for_update(skip_locked=True)
        ids = list(conn.execute(some).scalars())
        if not ids:
            return []
        rows = conn.execute(select(intake).where(intake.c.id.in_(ids)).order_by(intake.c.id)).all()
        conn.execute(intake.update().where(intake.c.id.in_(ids)).values(not_before=until, held_by=by))
    return [Waiting(row.id, row.hook, bytes(row.body), row.received_at, row.tries) for row in rows]


def waiting(conn: Connection, *, now: datetime, limit: int) -> Sequence[int]:
    """Deliveries that may be read now. Served by ix_intake_waiting."""
    due = select(intake.c.id).where(intake.c.body.is_not(None), intake.c.not_before <= now)
    return conn.execute(due.order_by(intake.c.not_before, intake.c.id).limit(limit)).scalars().all()


def hold(store: Store, delivery_ids: Collection[int], *, by: str, until: datetime) -> None:
    """Hold deliveries longer; those that somebody else has taken since stay theirs."""
    with store.write() as conn:
        mine = (intake.c.id.in_(sorted(delivery_ids)), intake.c.held_by == by)
        conn.execute(intake.update().where(*mine).values(not_before=until))


def free_held(store: Store, *, now: datetime, ended: Callable[[str], bool]) -> int:
    """Let what was held by readers that have ended be read at once; how many.

    `ended` says of a reader that it certainly reads no more: then whatever it still holds is nobody's.
    """
    with store.read() as conn:
        dead = [holder for holder in holders(conn, now=now) if ended(holder)]
    if not dead:
        return 0
    with store.write() as conn:
        theirs = (intake.c.body.is_not(None), intake.c.not_before > now, intake.c.held_by.in_(dead))
        return int(conn.execute(intake.update().where(*theirs).values(not_before=now, held_by=None)).rowcount)


def holders(conn: Connection, *, now: datetime) -> Sequence[str]:
    """Who holds deliveries now. Served by ix_intake_waiting."""
    held = (intake.c.body.is_not(None), intake.c.not_before > now, intake.c.held_by.is_not(None))
    return conn.execute(select(intake.c.held_by).where(*held).distinct()).scalars().all()


def done(store: Store, delivery_id: int, *, outcome: str, now: datetime) -> None:
    """A delivery was read: what it said goes, that it came stays."""
    with store.write() as conn:
        values = {"body": None, "held_by": None, "read_at": now, "outcome": outcome}
        conn.execute(intake.update().where(intake.c.id == delivery_id).values(**values))


def later(store: Store, delivery_id: int, *, by: str, at: datetime, tries: int) -> None:
    """Read a delivery again, not before `at` (aware UTC); one that somebody else has taken since stays theirs."""
    with store.write() as conn:
        mine = (intake.c.id == delivery_id, intake.c.held_by == by)
        conn.execute(intake.update().where(*mine).values(not_before=at, held_by=None, tries=tries))


def forget_seen(store: Store, *, before: datetime) -> int:
    """Forget deliveries that came before an instant (aware UTC) and were read; how many.

    Served by ix_intake_received.
    """
    with store.write() as conn:
        old = (intake.c.received_at < before, intake.c.body.is_(None))
        return int(conn.execute(intake.delete().where(*old)).rowcount)


def standings(conn: Connection) -> list[Standing]:
    """Each webhook that ever took a delivery which is still remembered; reads the whole table, which is small."""
    c = intake.c
    counted: dict[str, dict[str, int]] = {}
    last: dict[str, datetime] = {}
    query = select(c.hook, c.outcome, func.count().label("many"), func.max(c.received_at).label("last_at"))
    for row in conn.execute(query.group_by(c.hook, c.outcome)):
        counted.setdefault(row.hook, {})[row.outcome] = row.many
        last[row.hook] = max(row.last_at, last.get(row.hook, row.last_at))
    return [
        Standing(
            hook,
            waiting=each.get("waiting", 0),
            read=each.get("read", 0),
            nobody=each.get("nobody", 0),
            unread=each.get("unread", 0),
            last_at=last[hook],
        )
        for hook, each in sorted(counted.items())
    ]


def digest_of(body: bytes) -> bytes:
    """What a delivery is remembered by."""
    return hashlib.sha256(body).digest()
