"""Claims: who has a conversation now. Compare-and-swap under the row's lock, with an expiry that activity renews.

Claiming a new conversation opens it and makes the agent its assignee. A claim that is given back, or lapses, with no
work done makes it new and unassigned again; with work done it stays open with its assignee.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox import queue, steps
from inbox.desk import Desk
from inbox.errors import BadInput, MoveRefused
from inbox.permissions import Permission
from inbox.states import By, Status, decide
from inbox.views import CurrentUser, Done, View
from store.schema import conversation

_IDLE_STEPS = frozenset({"routed", "claimed", "taken_over", "released", "claim_lapsed", "undone", "assigned"})


def claim(desk: Desk, user: CurrentUser, conversation_id: int, *, take_over: bool = False) -> Done:
    """Take a conversation. A closed or waiting one is claimed without being opened.

    Raises:
        ClaimedByOther: somebody has it, and this is no taking over.
        NotAllowed: taking over is for leads.
        MoveRefused: it is closed: reopen it first.
    """
    with desk.store.write() as conn:
        row = steps.load(conn, conversation_id)
        return _claim(desk, conn, row, user, take_over=take_over)


def next_for(desk: Desk, user: CurrentUser, *, view: View = View.ALL) -> Done | None:
    """Claim the first conversation of the queue that is free for this person; None when there is none.

    Order: overdue, due soonest, priority, oldest. Free: new or open, assigned to this person or to nobody, in this
    person's team or in none (who has no team sees all), and not claimed. Two callers never get the same one:
    SQLite takes its write lock first, PostgreSQL skips rows that are locked, and then looks once more without
    skipping before it says that the queue is empty.

    Raises:
        BadInput: a view that holds no queue.
    """
    if view not in queue.VIEWS:
        text = f"There is no next one in the view {view.value}."
        raise BadInput(text)
    with desk.store.write() as conn:
        row = queue.head(conn, user, view, now=desk.clock())
        return None if row is None else _claim(desk, conn, row, user)


def keep(desk: Desk, user: CurrentUser, conversation_id: int) -> bool:
    """Renew one's own claim; False when it lapsed or somebody else has it. Leaves no event."""
    with desk.store.write() as conn:
        now = desk.clock()
        done = conn.execute(
            conversation.update()
            .where(
                conversation.c.id == conversation_id,
                conversation.c.claimed_by == user.id,
                conversation.c.claimed_until > now,
            )
            .values(claimed_until=now + timedelta(minutes=desk.settings.claim_minutes))
        )
        return done.rowcount == 1


def release(desk: Desk, user: CurrentUser, conversation_id: int) -> Done:
    """Give one's own claim back; leads may give back anybody's. Quiet when nobody has it.

    Raises:
        ClaimedByOther: it is somebody else's.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        steps.check_free(conn, row, user, now, take_over=user.may(Permission.TAKE_OVER))
        if row.claimed_by is None:
            return steps.nothing(row, "released")
        step = steps.Step("released", given_back(desk, conn, row))
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def lapse(desk: Desk, conversation_id: int) -> bool:
    """End a claim whose time is over; False when it was renewed or ended meanwhile. For the clock."""
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        if row.claimed_by is None or row.claimed_until is None or row.claimed_until > now:
            return False
        steps.write(desk, conn, row, steps.CLOCK, steps.Step("claim_lapsed", given_back(desk, conn, row)), now=now)
        return True


def given_back(desk: Desk, conn: Connection, row: Row[Any]) -> dict[str, Any]:
    """What changes when a claim ends: new and unassigned again unless work was done since it was claimed."""
    changes: dict[str, Any] = {"claimed_by": None, "claimed_until": None}
    if row.status == Status.OPEN and row.cycle == 1 and not _worked_on(conn, row):
        decide(row.status, Status.NEW, By.CLOCK)
        changes |= {"status": Status.NEW.value, "assignee_id": None}
    return steps.after_move(desk, row, changes)


def _claim(desk: Desk, conn: Connection, row: Row[Any], user: CurrentUser, *, take_over: bool = False) -> Done:
    now = desk.clock()
    steps.check_free(conn, row, user, now, take_over=take_over)
    if not row.is_open:
        text = "This conversation is closed. Reopen it to work on it."
        raise MoveRefused(text, before=row.status, after=Status.OPEN.value)
    until = now + timedelta(minutes=desk.settings.claim_minutes)
    taken = row.claimed_by not in {None, user.id} and row.claimed_until is not None and row.claimed_until > now
    changes: dict[str, Any] = {"claimed_by": user.id, "claimed_until": until}
    if row.status == Status.NEW:
        changes["status"] = decide(row.status, Status.OPEN, By.AGENT).after.value
    if row.assignee_id is None or taken:
        changes["assignee_id"] = user.id
    facts = {"from_name": steps.name_of(conn, row.claimed_by)} if taken else {}
    step = steps.Step("taken_over" if taken else "claimed", steps.after_move(desk, row, changes), facts=facts)
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def _worked_on(conn: Connection, row: Row[Any]) -> bool:
    """Whether a person did more than claim since the conversation was last new."""
    events = steps.events_of(conn, row.id, limit=100)
    undone = steps.undone_ids(events)
    for one in events:
        if one.actor_type == "human" and one.id not in undone and one.action not in _IDLE_STEPS:
            return True
        if (one.before or {}).get("status") == Status.NEW.value and one.id not in undone:
            return False
    return False
