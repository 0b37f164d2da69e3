"""Promises by hand: made, confirmed, moved, kept, dropped. Anybody who works on conversations may, as with notes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput, MoveRefused
from inbox.promises import rows
from inbox.promises.reminding import remind_at
from inbox.sentences import Sentence
from inbox.teams import promise_for
from inbox.views import CurrentUser, Done

LONGEST = timedelta(days=366)
LONGEST_TEXT = 500


def make(desk: Desk, user: CurrentUser, conversation_id: int, *, text: str, due_at: datetime) -> Done:
    """Make a promise by hand; it is open at once.

    Raises:
        NotFound: there is no such conversation.
        BadInput: no or too long a text, or a moment that is naive, past, or more than a year ahead.
    """
    said = " ".join(text.split())
    if not 1 <= len(said) <= LONGEST_TEXT:
        raise BadInput(Sentence("Say in 1 to {most} characters what was promised.", most=LONGEST_TEXT))
    with desk.store.write() as conn:
        now = desk.clock()
        due = _checked(due_at, now)
        row = steps.load(conn, conversation_id)
        promise_id = rows.add(
            desk, conn, row, text=said, due_at=due, said_at=now, state="open", said_by=user.id, confirmed_by=user.id
        )
        facts = {"promise_id": promise_id, "promise": said, "due_at": due, "promises_added": [promise_id]}
        return rows.write(desk, conn, row, steps.Doer.person(user), "promise_made", facts=facts, now=now)


def confirm(desk: Desk, user: CurrentUser, promise_id: int, *, due_at: datetime | None = None) -> Done:
    """Confirm a suggestion, with another moment if the recognised one is not right.

    Raises:
        NotFound, BadInput: see `make`.
        MoveRefused: it is no suggestion any more.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        found, row = rows.load(conn, promise_id)
        _check(found, {"suggested"})
        due = _checked(due_at or found.due_at, now)
        changes = {
            "state": "open",
            "due_at": due,
            "remind_at": _remind(desk, row, found.created_at, due),
            "confirmed_by": user.id,
            "confirmed_at": now,
        }
        return _change(desk, conn, (found, row), user, "promise_confirmed", changes)


def move(desk: Desk, user: CurrentUser, promise_id: int, *, due_at: datetime) -> Done:
    """Give an open promise another moment, because the customer was told another one. It is reminded of anew.

    Raises:
        NotFound, BadInput: see `make`.
        MoveRefused: it is not open.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        found, row = rows.load(conn, promise_id)
        _check(found, {"open", "suggested"})
        due = _checked(due_at, now)
        if due == found.due_at:
            return steps.nothing(row, "promise_moved", due_at=due)
        changes = {"due_at": due, "remind_at": _remind(desk, row, now, due), "reminded_at": None}
        return _change(desk, conn, (found, row), user, "promise_moved", changes)


def keep(desk: Desk, user: CurrentUser, promise_id: int) -> Done:
    """It was done, in a way no answer shows (a call, a refund). Past its moment it is made good, and stays broken.

    Raises:
        NotFound: there is no such promise.
        MoveRefused: nobody waits for it any more.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        found, row = rows.load(conn, promise_id)
        closed = {"closed_at": now, "closed_by": user.id}
        if found.state in {"suggested", "open"} and now <= found.due_at:
            confirmed = {"confirmed_by": found.confirmed_by or user.id, "confirmed_at": found.confirmed_at or now}
            return _change(desk, conn, (found, row), user, "promise_kept", {"state": "kept", **confirmed, **closed})
        _check(found, {"open", "broken"})
        if found.closed_at is not None:
            raise _refused(found)
        return _change(desk, conn, (found, row), user, "promise_made_good", {"state": "broken", **closed})


def drop(desk: Desk, user: CurrentUser, promise_id: int) -> Done:
    """It was no promise after all, or the customer let us off. A broken one stays broken.

    Raises:
        NotFound: there is no such promise.
        MoveRefused: it is closed, or broken.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        found, row = rows.load(conn, promise_id)
        _check(found, {"open", "suggested"})
        if found.state == "open" and found.due_at < now:
            raise _refused(found)
        changes = {"state": "dropped", "closed_at": now, "closed_by": user.id}
        return _change(desk, conn, (found, row), user, "promise_dropped", changes)


def _change(  # noqa: PLR0917 - what is changed, by whom, to what
    desk: Desk,
    conn: Connection,
    both: tuple[Row[Any], Row[Any]],
    user: CurrentUser,
    code: str,
    changes: dict[str, Any],
) -> Done:
    """Change a promise and append the event; `both` are the promise and its conversation, locked."""
    found, row = both
    before = rows.was(found)
    rows.put(conn, found.id, **changes)
    facts = {
        "promise_id": found.id,
        "promise": found.text,
        "due_at": changes.get("due_at", found.due_at),
        "promises_were": {str(found.id): before},
    }
    return rows.write(desk, conn, row, steps.Doer.person(user), code, facts=facts, now=desk.clock())


def _checked(due_at: datetime, now: datetime) -> datetime:
    if due_at.tzinfo is None or not now < due_at <= now + LONGEST:
        raise BadInput(Sentence("Choose a moment in the future, at most a year from now."), due_at=due_at)
    return due_at.astimezone(UTC)


def _remind(desk: Desk, row: Row[Any], said_at: datetime, due_at: datetime) -> datetime:
    return remind_at(said_at, due_at, promise_for(desk.settings, row.team_id).calendar)


def _check(found: Row[Any], states: set[str]) -> None:
    if found.state not in states:
        raise _refused(found)


def _refused(found: Row[Any]) -> MoveRefused:
    told = {
        "kept": Sentence("This promise was kept already."),
        "broken": Sentence("This promise is past its moment; answer the customer, or say that it was done."),
        "dropped": Sentence("This promise was dropped already."),
        "suggested": Sentence("Confirm this promise first."),
    }.get(found.state, Sentence("This promise is past its moment; answer the customer, or say that it was done."))
    return MoveRefused(told, state=found.state)
