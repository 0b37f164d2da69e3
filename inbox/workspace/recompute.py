"""When teams change, what is due changes: open conversations are worked out anew, a bounded stretch at a time.

A duty of the worker. It compares the teams that count now with those of its last whole round (a hash in `setting`), so
it also notices a changed configuration file. Safe in several workers at once, and after a crash: a stretch that is
done twice comes to the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, literal, select, tuple_

from inbox import steps
from inbox.desk import Desk
from inbox.settings import InboxSettings
from inbox.stretches import stretches
from store.engine import Store
from store.facts import fact, keep_fact
from store.schema import conversation
from store.types import Instant

PROGRESS = "due_times"
_PER_TRANSACTION = 25


def recompute(store: Store, settings: InboxSettings, now: datetime, *, limit: int = 500) -> int:
    """Work out the due times of the next open conversations; how many changed. Nothing to do costs one look.

    Args:
        store: where.
        settings: of the configuration; the teams of the store are added.
        now: aware UTC.
        limit: how many conversations at most, so that one call stays short.
    """
    desk = Desk(store, settings, clock=lambda: now)
    wanted = fingerprint(desk.settings)
    with store.read() as conn:
        progress = _progress(conn)
        if progress.get("done") == wanted:
            return 0
        after = progress.get("after") if progress.get("doing") == wanted else None
        ids = _next(conn, after, limit)
    changed = sum(_stretch(desk, some) for some in stretches(ids, _PER_TRANSACTION))
    if len(ids) < limit:
        said: dict[str, Any] = {"done": wanted}
    else:
        last = ids[-1]
        said = {"done": progress.get("done"), "doing": wanted, "after": [last[1].isoformat(), last[0]]}
    with store.write() as conn:
        keep_fact(store, conn, PROGRESS, said)
    return changed


def fingerprint(settings: InboxSettings) -> str:
    """What decides when something is due: teams and the time zone."""
    teams = sorted((one.model_dump(mode="json", exclude={"name", "declared"}) for one in settings.teams), key=str)
    return hashlib.sha256(orjson.dumps([settings.timezone, teams])).hexdigest()[:32]


def _stretch(desk: Desk, some: Sequence[tuple[int, datetime]]) -> int:
    changed = 0
    with desk.store.write() as conn:
        for conversation_id, _sort_at in sorted(some):
            row = conn.execute(
                select(conversation).where(conversation.c.id == conversation_id).with_for_update()
            ).first()
            if row is None or not row.is_open:
                continue
            due_at = steps.after_move(desk, row, {})["sla_due_at"]
            if due_at != row.sla_due_at:
                conn.execute(
                    conversation.update().where(conversation.c.id == conversation_id).values(sla_due_at=due_at)
                )
                changed += 1
    return changed


def _next(conn: Connection, after: Any, limit: int) -> list[tuple[int, datetime]]:
    """Open conversations in the order of ix_conversation_open."""
    c = conversation.c
    query = select(c.id, c.sort_at).where(c.is_open).order_by(c.sort_at, c.id).limit(limit)
    if after:
        at = datetime.fromisoformat(after[0]).astimezone(UTC)
        query = query.where(tuple_(c.sort_at, c.id) > tuple_(literal(at, Instant()), literal(int(after[1]))))
    return [(row.id, row.sort_at) for row in conn.execute(query)]


def _progress(conn: Connection) -> dict[str, Any]:
    found = fact(conn, PROGRESS)
    return dict(found) if isinstance(found, dict) else {}
