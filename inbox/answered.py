"""Answers of ours: recorded by hand, or seen coming back from the platform. They stop the clock of first response.

An answer is an event; it adds no mention, because what was really said stands on the platform and comes in through
the connector where one can read it. `wall_s` and `business_s` of the first answer of a cycle run from the customer's
first message of that cycle, of later ones from the oldest unanswered message.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import moves, steps
from inbox.desk import Desk
from inbox.errors import BadInput, MoveRefused
from inbox.measuring.clocks import started
from inbox.measuring.kinds import ANSWERS
from inbox.promises.answering import on_answer
from inbox.sentences import Sentence
from inbox.states import Status
from inbox.teams import promise_for
from inbox.views import CurrentUser, Done
from store.commit.deciding import OLD
from store.records import CONTEXT
from store.schema import mention

LONGEST_TEXT = 20_000
_EVENTS_LOOKED_AT = 500
_MESSAGES_LOOKED_AT = 25
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
        raise BadInput(Sentence("Keep at most {most} characters of the answer.", most=LONGEST_TEXT))
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        steps.check_free(conn, row, user, now)
        steps.check_unchanged(conn, row, user, version)
        if row.status not in {Status.NEW, Status.OPEN, Status.WAITING_INTERNAL, Status.WAITING_CUSTOMER}:
            raise MoveRefused(Sentence("Reopen this conversation before you record an answer."), before=row.status)
        moment = _checked(row, at, now)
        doer = steps.Doer.person(user)
        heard = on_answer(desk, conn, row, doer, text=text, at=moment, now=now, said_by=user.id)
        row = heard.row
        changes: dict[str, Any] = {}
        if row.status == Status.NEW:
            changes["status"] = Status.OPEN.value
        if row.assignee_id is None:
            changes["assignee_id"] = user.id
        step = step_of(
            desk, conn, row, "answered_by_hand", at=moment, changes=changes, facts={"text": text, **heard.facts}
        )
        return steps.write(desk, conn, row, doer, step, now=now)


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
    said_at, promise_from = _turn(conn, row, first=first)
    calendar = promise_for(desk.settings, row.team_id).calendar
    wall_s = business_s = None
    if said_at is not None and said_at <= at:
        wall_s, business_s = (at - said_at).total_seconds(), calendar.between(said_at, at)
    outbound = {"unanswered_since": None, "last_outbound_at": max(at, row.last_outbound_at or at)}
    return steps.Step(
        code,
        steps.after_move(desk, row, {**changes, **outbound}),
        facts={**facts, "first": first},
        at=at,
        said_at=said_at,
        promise_from=promise_from,
        wall_s=wall_s,
        business_s=business_s,
    )


def _turn(conn: Connection, row: Row[Any], *, first: bool) -> tuple[datetime | None, datetime | None]:
    """When the customer wrote what an answer answers, and when we saw it; None twice when nothing is unanswered.

    Ingest forgets that somebody waits when our own post comes in first, so the messages are asked.
    """
    if first:
        said_at: datetime | None = started(row)
        found = None if row.unanswered_since is not None else _oldest(conn, row, since=said_at, including=True)
        return said_at, row.unanswered_since or (found.first_seen_at if found else row.cycle_started_at)
    events = steps.events_of(conn, row.id, limit=_EVENTS_LOOKED_AT)
    undone = steps.undone_ids(events)
    given = (one.at for one in events if one.action in ANSWERS and one.cycle == row.cycle and one.id not in undone)
    last = next(given, None)
    found = None if last is None else _oldest(conn, row, since=last, including=False)
    if found is None:
        return row.unanswered_since, row.unanswered_since
    return found.sort_at, row.unanswered_since or found.first_seen_at


def _oldest(conn: Connection, row: Row[Any], *, since: datetime | None, including: bool) -> Any:
    """The customer's oldest message from an instant on that asks for an answer."""
    c = mention.c
    later = c.sort_at >= since if including else c.sort_at > since
    query = select(c.sort_at, c.first_seen_at, c.flags).where(
        c.conversation_id == row.id, c.direction == "inbound", c.deleted_at.is_(None), later
    )
    found = conn.execute(query.order_by(c.sort_at, c.id).limit(_MESSAGES_LOOKED_AT))
    return next((one for one in found if not {CONTEXT, OLD} & set(one.flags or ())), None)


def _checked(row: Row[Any], at: datetime | None, now: datetime) -> datetime:
    if at is None:
        return now
    if at.tzinfo is None or at > now + _AHEAD:
        raise BadInput(Sentence("An answer was given in the past; check the time."), at=at)
    if row.first_inbound_at is not None and at < row.first_inbound_at:
        raise BadInput(Sentence("That is before the customer wrote; check the time."), at=at)
    return min(at.astimezone(UTC), now)
