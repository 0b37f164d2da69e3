"""Claims: who has a conversation now. Compare-and-swap under the row's lock, with an expiry that activity renews.

Claiming a new conversation opens it and makes the agent its assignee. A claim that is given back, or lapses, with no
work done makes it new and unassigned again; with work done it stays open with its assignee.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import queue, steps
from inbox.availability.views import NothingNext
from inbox.desk import Desk
from inbox.errors import BadInput, MoveRefused
from inbox.measuring.clocks import activity
from inbox.permissions import Permission
from inbox.replying import background
from inbox.sentences import Sentence
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
        return claim_in(desk, conn, steps.load(conn, conversation_id), user, take_over=take_over)


def next_for(desk: Desk, user: CurrentUser, *, view: View = View.ALL) -> Done | None:
    """Claim the first conversation of the queue that is free for this person; None when there is none.

    Order: overdue, due soonest, priority, oldest. Free: new or open, assigned to this person or to nobody, in this
    person's team or in none (who has no team sees all), and not claimed. Two callers never get the same one:
    SQLite takes its write lock first, PostgreSQL skips rows that are locked, and then looks once more without
    skipping before it says that the queue is empty.

    Raises:
        BadInput: a view that holds no queue.
    """
    _check_queue(view)
    with desk.store.write() as conn:
        row = queue.head(desk, conn, user, view, now=desk.clock())
        return None if row is None else claim_in(desk, conn, row, user)


def why_none(desk: Desk, user: CurrentUser, *, view: View) -> NothingNext:
    """Why `next_for` gave nothing. Raises: BadInput for a view that holds no queue."""
    _check_queue(view)
    with desk.store.read() as conn:
        return queue.why_none(desk, conn, user, view, now=desk.clock())


def keep(desk: Desk, user: CurrentUser, conversation_id: int) -> bool:
    """Renew one's own claim; False when it lapsed or somebody else has it. Leaves no event."""
    with desk.store.write() as conn:
        now = desk.clock()
        c = conversation.c
        mine = (c.id == conversation_id, c.claimed_by == user.id, c.claimed_until > now)
        row = conn.execute(select(c.active_at, c.active_s).where(*mine).with_for_update()).first()
        if row is None:
            return False
        renewed = {"claimed_until": now + timedelta(minutes=desk.settings.claim_minutes), **activity(row, now)}
        conn.execute(conversation.update().where(c.id == conversation_id).values(**renewed))
        return True


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


def claim_in(desk: Desk, conn: Connection, row: Row[Any], user: CurrentUser, *, take_over: bool = False) -> Done:
    """Take a conversation that is locked, inside the caller's transaction."""
    now = desk.clock()
    steps.check_free(conn, row, user, now, take_over=take_over)
    if not row.is_open:
        raise MoveRefused(
            Sentence("This conversation is closed. Reopen it to work on it."),
            before=row.status,
            after=Status.OPEN.value,
        )
    until = now + timedelta(minutes=desk.settings.claim_minutes)
    taken = steps.is_claimed(row, now) and row.claimed_by != user.id
    changes: dict[str, Any] = {"claimed_by": user.id, "claimed_until": until}
    if row.status == Status.NEW:
        changes["status"] = decide(row.status, Status.OPEN, By.AGENT).after.value
    if row.assignee_id is None or taken:
        changes["assignee_id"] = user.id
    facts = {"from_name": steps.name_of(conn, row.claimed_by)} if taken else {}
    step = steps.Step("taken_over" if taken else "claimed", steps.after_move(desk, row, changes), facts=facts)
    background.on_claim(desk, conn, row, user.id, now)
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def _check_queue(view: View) -> None:
    if view not in queue.VIEWS:
        raise BadInput(Sentence("There is no next one in the view {view}.", view=view.value))


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
