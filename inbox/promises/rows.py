"""Writing promises: the row, the conversation's nearest one, and the event, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from inbox import steps
from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.promises.reminding import remind_at
from inbox.teams import promise_for
from inbox.views import Done
from store import promises as store_promises
from store.schema import promise

INSTANTS = frozenset({"due_at", "remind_at", "reminded_at", "confirmed_at", "closed_at"})
OF_THE_CLOCK = ("state", "due_at", "remind_at", "reminded_at", "confirmed_by", "confirmed_at", "closed_at", "closed_by")


def load(conn: Connection, promise_id: int) -> tuple[Row[Any], Row[Any]]:
    """A promise and its conversation, locked in that order of locks that every step takes: the conversation.

    Raises:
        NotFound: there is no such promise.
    """
    found = store_promises.by_id(conn, promise_id)
    if found is None:
        raise NotFound(what="promise", key=promise_id)
    row = steps.load(conn, found.conversation_id)
    # Read again under the lock of its conversation.
    again = store_promises.by_id(conn, promise_id)
    if again is None:
        raise NotFound(what="promise", key=promise_id)
    return again, row


def add(
    desk: Desk,
    conn: Connection,
    row: Row[Any],
    *,
    text: str,
    due_at: datetime,
    said_at: datetime,
    state: str,
    said_by: int | None,
    outbox_id: int | None = None,
    confirmed_by: int | None = None,
) -> int:
    """Insert a promise; its id. Writes no event."""
    promise_id = desk.store.new_id()
    calendar = promise_for(desk.settings, row.team_id).calendar
    conn.execute(
        promise.insert().values(
            id=promise_id,
            conversation_id=row.id,
            cycle=row.cycle,
            outbox_id=outbox_id,
            said_by=said_by,
            text=text,
            due_at=due_at,
            remind_at=remind_at(said_at, due_at, calendar),
            state=state,
            created_at=said_at,
            confirmed_by=confirmed_by,
            confirmed_at=said_at if confirmed_by is not None else None,
        )
    )
    return promise_id


def put(conn: Connection, promise_id: int, **values: Any) -> None:
    """Change a promise."""
    conn.execute(promise.update().where(promise.c.id == promise_id).values(**values))


def write(
    desk: Desk,
    conn: Connection,
    row: Row[Any],
    doer: steps.Doer,
    code: str,
    *,
    facts: Mapping[str, Any],
    now: datetime,
    changes: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    reason: str | None = None,
) -> Done:
    """Append the event of a change, with the conversation's nearest promise and due time brought up to date."""
    moved = {**(changes or {}), "promise_due_at": nearest(conn, row.id)}
    step = steps.Step(code, steps.after_move(desk, row, moved), facts=facts, at=at, reason=reason)
    return steps.write(desk, conn, row, doer, step, now=now)


def nearest(conn: Connection, conversation_id: int) -> datetime | None:
    """When the nearest promise is due that the customer still waits for."""
    return store_promises.nearest_outstanding(store_promises.of_conversation(conn, conversation_id))


def was(found: Row[Any]) -> dict[str, Any]:
    """How a promise stood, as an event keeps it, so that the step can be taken back."""
    return {name: steps.plain(getattr(found, name)) for name in OF_THE_CLOCK}


def restore(conn: Connection, facts: Mapping[str, Any]) -> bool:
    """Take back what a step did to promises; whether it did anything to them.

    Facts of a step: `promises_added` (ids, removed again) and `promises_were` (id to how it stood before).
    """
    added, were = facts.get("promises_added") or (), facts.get("promises_were") or {}
    for promise_id in added:
        conn.execute(promise.delete().where(promise.c.id == promise_id))
    for promise_id, before in were.items():
        values = {
            name: datetime.fromisoformat(value) if name in INSTANTS and isinstance(value, str) else value
            for name, value in before.items()
        }
        put(conn, int(promise_id), **values)
    return bool(added or were)
