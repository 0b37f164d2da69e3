"""Answers of ours: recorded by hand, or seen coming back from the platform. They stop the clock of first response.

An answer is an event; it adds no mention, because what was really said stands on the platform and comes in through
the connector where one can read it. `wall_s` and `business_s` of the first answer of a cycle run from the customer's
first message of that cycle, of later ones from the oldest unanswered message.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox import moves, steps
from inbox.desk import Desk
from inbox.errors import BadInput, MoveRefused
from inbox.states import Status
from inbox.teams import promise_for
from inbox.views import CurrentUser, Done

LONGEST_TEXT = 20_000
# A person's watch and ours may differ.
_AHEAD = timedelta(minutes=1)


def by_hand(
    desk: Desk,
    user: CurrentUser,
    conversation_id: int,
    *,
    text: str = "",
    at: datetime | None = None,
    version: int | None = None,
) -> Done:
    """Record that the customer was answered on the platform. The state stays; resolve or wait after it.

    Raises:
        BadInput: `at` is naive, in the future or before the customer's message; or the text is too long.
        ClaimedByOther, Changed, MoveRefused: see `inbox.errors`.
    """
    if len(text) > LONGEST_TEXT:
        said = f"Keep at most {LONGEST_TEXT} characters of the answer."
        raise BadInput(said)
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        steps.check_free(conn, row, user, now)
        steps.check_unchanged(conn, row, user, version)
        if row.status not in {Status.NEW, Status.OPEN, Status.WAITING_INTERNAL, Status.WAITING_CUSTOMER}:
            said = "Reopen this conversation before you record an answer."
            raise MoveRefused(said, before=row.status)
        moment = _checked(row, at, now)
        changes: dict[str, Any] = {}
        if row.status == Status.NEW:
            changes["status"] = Status.OPEN.value
        if row.assignee_id is None:
            changes["assignee_id"] = user.id
        step = step_of(desk, conn, row, "answered_by_hand", at=moment, changes=changes, facts={"text": text})
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def step_of(
    desk: Desk,
    conn: Connection,
    row: Row[Any],
    code: str,
    *,
    at: datetime,
    changes: dict[str, Any],
    facts: dict[str, Any],
) -> steps.Step:
    """The step that records an answer: nothing is unanswered any more, and how long it took."""
    first = not moves.answered_in_cycle(conn, row)
    since = moves.started(row) if first else row.unanswered_since
    timed = since is not None and since <= at
    calendar = promise_for(desk.settings, row.team_id).calendar
    outbound = {"unanswered_since": None, "last_outbound_at": max(at, row.last_outbound_at or at)}
    return steps.Step(
        code,
        steps.after_move(desk, row, {**changes, **outbound}),
        facts={**facts, "first": first},
        at=at,
        wall_s=(at - since).total_seconds() if timed else None,
        business_s=calendar.between(since, at) if timed else None,
    )


def _checked(row: Row[Any], at: datetime | None, now: datetime) -> datetime:
    if at is None:
        return now
    if at.tzinfo is None or at > now + _AHEAD:
        text = "An answer was given in the past; check the time."
        raise BadInput(text, at=at)
    if row.first_inbound_at is not None and at < row.first_inbound_at:
        text = "That is before the customer wrote; check the time."
        raise BadInput(text, at=at)
    return min(at.astimezone(UTC), now)
