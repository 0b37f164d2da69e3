"""Moving a conversation from state to state by a person: resolve, ignore, wait, snooze, reopen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput, NotAllowed
from inbox.permissions import Permission
from inbox.states import OPEN_STATES, By, Decision, Status, decide
from inbox.teams import promise_for
from inbox.views import CurrentUser, Done

LONGEST_REASON = 500
LONGEST_SNOOZE = timedelta(days=366)
ANSWERS = frozenset({"answered", "answered_by_hand"})


def move(
    desk: Desk,
    user: CurrentUser,
    conversation_id: int,
    to: str,
    *,
    version: int | None,
    reason: str | None = None,
    snoozed_until: datetime | None = None,
) -> Done:
    """Move a conversation by hand.

    Raises:
        NotFound, ClaimedByOther, Changed, MoveRefused, NotAllowed, BadInput: see `inbox.errors`.
    """
    if reason is not None and len(reason) > LONGEST_REASON:
        text = f"A reason has at most {LONGEST_REASON} characters."
        raise BadInput(text)
    by = By.AGENT if user.may(Permission.WORK) else By.SPECIALIST
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        steps.check_free(conn, row, user, now)
        steps.check_unchanged(conn, row, user, version)
        answered = to == Status.RESOLVED and answered_in_cycle(conn, row)
        if by is By.SPECIALIST and row.status != Status.WAITING_INTERNAL:
            raise NotAllowed(Permission.WORK, user.role)
        decision = decide(row.status, to, by, reason=reason, answered=answered)
        who = user.id if by is By.AGENT else None
        changes = changes_of(decision, row, now=now, user_id=who)
        if snoozed_until is not None:
            changes["snoozed_until"] = snoozed_until
        step = steps.Step(
            code=_code(decision),
            changes=steps.after_move(desk, row, changes),
            reason=decision.reason,
            facts={"from": decision.before.value, "to": decision.after.value},
            **durations(desk, row, decision, now),
        )
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def started(row: Row[Any]) -> datetime:
    """When the customer first wrote in the running cycle. Promises run from when we saw it, figures from here."""
    begun: datetime = row.cycle_started_at
    return min(begun, row.first_inbound_at or begun) if row.cycle == 1 else begun


def durations(desk: Desk, row: Row[Any], decision: Decision, now: datetime) -> dict[str, Any]:
    """How long the cycle took, wall clock and business time, when the move ends it."""
    if decision.after is not Status.RESOLVED:
        return {}
    calendar = promise_for(desk.settings, row.team_id).calendar
    since = started(row)
    return {"wall_s": max(0.0, (now - since).total_seconds()), "business_s": calendar.between(since, now)}


def snooze(desk: Desk, user: CurrentUser, conversation_id: int, *, until: datetime, version: int | None = None) -> Done:
    """Snooze until an instant.

    Raises:
        BadInput: `until` is naive, not in the future, or more than a year away.
    """
    now = desk.clock()
    if until.tzinfo is None or not now < until <= now + LONGEST_SNOOZE:
        text = "Choose a moment in the future, at most a year from now."
        raise BadInput(text, until=until)
    return move(desk, user, conversation_id, Status.SNOOZED, version=version, snoozed_until=until.astimezone(UTC))


def answered_in_cycle(conn: Connection, row: Row[Any]) -> bool:
    """Whether a person answered in the running cycle, on the platform or recorded by hand, and did not undo it."""
    events = steps.events_of(conn, row.id, limit=500)
    undone = steps.undone_ids(events)
    return any(one.action in ANSWERS and one.cycle == row.cycle and one.id not in undone for one in events)


def changes_of(decision: Decision, row: Row[Any], *, now: datetime, user_id: int | None) -> dict[str, Any]:
    """The columns that follow from a decision, before due times.

    Whoever works on something unassigned becomes its assignee. A claim ends with every move, but for opening.
    """
    changes: dict[str, Any] = {
        "status": decision.after.value,
        "status_reason": decision.reason,
        "snoozed_until": None,
        "resolved_at": now if decision.after is Status.RESOLVED else None,
    }
    if decision.after is not Status.OPEN:
        changes |= {"claimed_by": None, "claimed_until": None}
    if decision.after is Status.NEW:
        changes["assignee_id"] = None
    elif row.assignee_id is None and user_id is not None:
        changes["assignee_id"] = user_id
    if decision.after not in OPEN_STATES:
        changes["unanswered_since"] = None
    if decision.new_cycle:
        changes |= {"cycle": row.cycle + 1, "cycle_started_at": now}
    return changes


def _code(decision: Decision) -> str:
    if decision.after is Status.OPEN:
        return "reopened" if decision.new_cycle else "opened"
    return "not_spam" if decision.after is Status.NEW else decision.after.value
