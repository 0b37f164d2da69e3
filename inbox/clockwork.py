"""What the clock does to conversations: routing, snoozes, lapsed claims, promises. The worker calls `tick`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inbox import claims, due, moves, steps
from inbox.desk import Desk
from inbox.mail.notify import notify
from inbox.mail.texts import MailKind
from inbox.promises import clock as promise_clock
from inbox.route import route_pending
from inbox.settings import InboxSettings
from inbox.states import By, Status, decide
from store import waiting
from store.engine import Store


@dataclass(frozen=True, slots=True)
class Ticked:
    """How many conversations were routed, woken from a snooze, and freed from a lapsed claim.

    `reminded` and `ended` count promises: brought back in time, and past their moment.
    """

    routed: int = 0
    woken: int = 0
    lapsed: int = 0
    reminded: int = 0
    ended: int = 0


def tick(store: Store, settings: InboxSettings, now: datetime, *, limit: int = 200) -> Ticked:
    """Do what is due, at most `limit` of each. Safe to run in several workers at once, and again after a crash.

    One conversation that cannot be dealt with stops none of the others (`inbox.due`).
    """
    return Ticked(
        routed=route_pending(store, settings, now, limit),
        woken=wake_snoozed(store, settings, now, limit),
        lapsed=end_lapsed_claims(store, settings, now, limit),
        reminded=promise_clock.remind(store, settings, now, limit),
        ended=promise_clock.end(store, settings, now, limit),
    )


def wake_snoozed(store: Store, settings: InboxSettings, now: datetime, limit: int = 200) -> int:
    """Open what was snoozed until now; how many."""
    desk = Desk(store, settings, clock=lambda: now)
    with store.read() as conn:
        ids = waiting.snoozes_over(conn, now=now, limit=limit)
    return due.each(ids, lambda conversation_id: _wake(desk, conversation_id, now), "waking conversation")


def end_lapsed_claims(store: Store, settings: InboxSettings, now: datetime, limit: int = 200) -> int:
    """End claims without activity; how many."""
    desk = Desk(store, settings, clock=lambda: now)
    with store.read() as conn:
        ids = waiting.claims_lapsed(conn, now=now, limit=limit)
    return due.each(ids, lambda conversation_id: claims.lapse(desk, conversation_id), "freeing conversation")


def _wake(desk: Desk, conversation_id: int, now: datetime) -> bool:
    with desk.store.write() as conn:
        row = steps.load(conn, conversation_id)
        if row.status != Status.SNOOZED or row.snoozed_until is None or row.snoozed_until > now:
            return False
        decision = decide(row.status, Status.OPEN, By.CLOCK)
        changes = moves.changes_of(decision, row, now=now, user_id=None)
        step = steps.Step("woke", steps.after_move(desk, row, changes), facts={"from": row.status, "to": "open"})
        done = steps.write(desk, conn, row, steps.CLOCK, step, now=now)
        if row.assignee_id is not None:
            key = f"snooze_over:{done.event_id}"
            notify(
                desk, conn, row.assignee_id, MailKind.SNOOZE_OVER, key=key, conversation_id=row.id, quoted=row.snippet
            )
        return True
