"""What the clock does to promises: bring the conversation back in time, and say when a moment has passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from inbox import due, moves, steps
from inbox.availability.keeping import stays_with
from inbox.desk import Desk
from inbox.mail.notify import notify
from inbox.mail.texts import MailKind
from inbox.promises import rows
from inbox.settings import InboxSettings
from inbox.states import MOVES, By, Status, decide
from store import promises as store_promises
from store.engine import Store


def remind(store: Store, settings: InboxSettings, now: datetime, limit: int = 200) -> int:
    """Bring back conversations with a promise that is due soon; how many promises were reminded of."""
    desk = Desk(store, settings, clock=lambda: now)
    with store.read() as conn:
        waiting = store_promises.to_remind(conn, now=now, limit=limit)
    ids = (promise_id for promise_id, _conversation in waiting)
    return due.each(ids, lambda promise_id: _remind(desk, promise_id, now), "reminding of promise")


def end(store: Store, settings: InboxSettings, now: datetime, limit: int = 200) -> int:
    """Break open promises whose moment has passed, and drop suggestions that nobody confirmed; how many."""
    desk = Desk(store, settings, clock=lambda: now)
    with store.read() as conn:
        waiting = store_promises.over(conn, now=now, limit=limit)
    ids = (promise_id for promise_id, _conversation in waiting)
    return due.each(ids, lambda promise_id: _end(desk, promise_id, now), "ending promise")


def _remind(desk: Desk, promise_id: int, now: datetime) -> bool:
    with desk.store.write() as conn:
        found, row = rows.load(conn, promise_id)
        if found.state != "open" or found.reminded_at is not None or found.remind_at > now:
            return False
        rows.put(conn, promise_id, reminded_at=now)
        if found.due_at < now:
            # The clock stood still until it was too late: the end of it says enough.
            return False
        _write(desk, conn, (found, row), "promise_reminded", at=now)
        _tell(desk, conn, found, row)
        return True


def _end(desk: Desk, promise_id: int, now: datetime) -> bool:
    with desk.store.write() as conn:
        found, row = rows.load(conn, promise_id)
        if found.due_at >= now or found.state not in {"open", "suggested"}:
            return False
        if found.state == "suggested":
            rows.put(conn, promise_id, state="dropped", closed_at=now)
            facts = {"promise_id": found.id, "promise": found.text, "due_at": found.due_at}
            rows.write(desk, conn, row, steps.CLOCK, "promise_dropped", facts=facts, now=now, reason="not_confirmed")
            return True
        rows.put(conn, promise_id, state="broken", reminded_at=found.reminded_at or now)
        _write(desk, conn, (found, row), "promise_broken", at=found.due_at)
        return True


def _tell(desk: Desk, conn: Connection, found: Row[Any], row: Row[Any]) -> None:
    """Mail who has the conversation that a promise is due, or else who confirmed or made it."""
    who = row.assignee_id or found.confirmed_by or found.said_by
    if who is not None:
        key = f"promise_due:{found.id}:{found.due_at.isoformat()}"
        notify(desk, conn, who, MailKind.PROMISE_DUE, key=key, conversation_id=row.id, quoted=found.text)


def _write(desk: Desk, conn: Connection, both: tuple[Row[Any], Row[Any]], code: str, *, at: datetime) -> None:
    """The event, with the conversation open again on the desk it was on, if its agent is back soon enough."""
    found, row = both
    now = desk.clock()
    changes: dict[str, Any] = {}
    if By.CLOCK in MOVES.get((Status(row.status), Status.OPEN), ()):
        decision = decide(row.status, Status.OPEN, By.CLOCK)
        changes = moves.changes_of(decision, row, now=now, user_id=None)
        if not stays_with(desk, conn, row.assignee_id, row.team_id, now):
            changes["assignee_id"] = None
    facts = {"promise_id": found.id, "promise": found.text, "due_at": found.due_at}
    rows.write(desk, conn, row, steps.CLOCK, code, facts=facts, now=now, changes=changes, at=at)
