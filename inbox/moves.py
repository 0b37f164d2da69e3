"""Moving a conversation from state to state by a person: resolve, ignore, wait, snooze, reopen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput, NotAllowed
from inbox.measuring.clocks import started
from inbox.measuring.kinds import ANSWERS
from inbox.permissions import Permission
from inbox.sentences import Sentence
from inbox.states import OPEN_STATES, By, Decision, Status, decide
from inbox.teams import promise_for
from inbox.views import CurrentUser, Done

LONGEST_REASON = 500
LONGEST_SNOOZE = timedelta(days=366)


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
    with desk.store.write() as conn:
        return move_in(
            desk, conn, user, conversation_id, to, version=version, reason=reason, snoozed_until=snoozed_until
        )


def move_in(
    desk: Desk,
    conn: Connection,
    user: CurrentUser,
    conversation_id: int,
    to: str,
    *,
    version: int | None,
    reason: str | None = None,
    snoozed_until: datetime | None = None,
) -> Done:
    """The same inside the caller's transaction. What is refused is refused before anything is written."""
    if reason is not None and len(reason) > LONGEST_REASON:
        raise BadInput(Sentence("A reason has at most {most} characters.", most=LONGEST_REASON))
    by = By.AGENT if user.may(Permission.WORK) else By.SPECIALIST
    now = desk.clock()
    row = steps.load(conn, conversation_id)
    steps.check_free(conn, row, user, now)
    steps.check_unchanged(conn, row, user, version)
    answered = to == Status.RESOLVED and answered_in_cycle(conn, row)
    if by is By.SPECIALIST and row.status != Status.WAITING_INTERNAL:
        raise NotAllowed(Permission.WORK, user.role)
    decision = decide(row.status, to, by, reason=reason, answered=answered)
    who = user.id if by is By.AGENT else None
    step = step_of(desk, row, decision, now=now, user_id=who, snoozed_until=snoozed_until)
    # With a version, whoever decides has read everything up to here: `check_unchanged` let it pass.
    step = replace(step, saw_all=version is not None)
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def step_of(
    desk: Desk,
    row: Row[Any],
    decision: Decision,
    *,
    now: datetime,
    user_id: int | None = None,
    snoozed_until: datetime | None = None,
) -> steps.Step:
    """The step of an allowed move; `user_id` becomes the assignee of what has none."""
    changes = changes_of(decision, row, now=now, user_id=user_id)
    if snoozed_until is not None:
        changes["snoozed_until"] = snoozed_until
    return steps.Step(
        code=_code(decision),
        changes=steps.after_move(desk, row, changes),
        reason=decision.reason,
        facts={"from": decision.before.value, "to": decision.after.value},
        **durations(desk, row, decision, now),
    )


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
    with desk.store.write() as conn:
        return snooze_in(desk, conn, user, conversation_id, until=until, version=version)


def snooze_in(
    desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, *, until: datetime, version: int | None
) -> Done:
    """The same inside the caller's transaction."""
    now = desk.clock()
    if until.tzinfo is None or not now < until <= now + LONGEST_SNOOZE:
        raise BadInput(Sentence("Choose a moment in the future, at most a year from now."), until=until)
    ends = until.astimezone(UTC)
    return move_in(desk, conn, user, conversation_id, Status.SNOOZED, version=version, snoozed_until=ends)


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
    if decision.after is Status.OPEN and user_id is not None:
        changes["muted_at"] = None  # somebody works on it again, so what the customer writes next counts again
    if decision.new_cycle:
        changes |= {"cycle": row.cycle + 1, "cycle_started_at": now}
    return changes


def _code(decision: Decision) -> str:
    if decision.after is Status.OPEN:
        return "reopened" if decision.new_cycle else "opened"
    return "not_spam" if decision.after is Status.NEW else decision.after.value
