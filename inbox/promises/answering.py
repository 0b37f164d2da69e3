"""What an answer to the customer does to promises: it keeps those that stand, and may make new ones.

Called in the transaction that records the answer, before its step is written: what the step's facts tell is what
taking the answer back restores.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox import steps
from inbox.desk import Desk
from inbox.promises import rows
from inbox.promises.recognising import recognise
from store import promises as store_promises

LONGEST_KEPT = 500
_ECHO = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Heard:
    """The conversation's row as it stands afterwards (still locked), and facts for the step of the answer."""

    row: Row[Any]
    facts: dict[str, Any] = field(default_factory=dict)


def on_answer(
    desk: Desk,
    conn: Connection,
    row: Row[Any],
    doer: steps.Doer,
    *,
    text: str,
    at: datetime,
    now: datetime,
    said_by: int | None,
    outbox_id: int | None = None,
) -> Heard:
    """Record what an answer of a person means for promises. Bots' answers are never passed here.

    Promises that stand are kept when the answer came at or before their moment, made good when it came later.
    Suggestions of earlier answers that nobody confirmed are dropped. Promises in the text are suggested.

    Args:
        desk: store, settings, clock.
        conn: the transaction of the answer.
        row: the locked conversation.
        doer: who makes the step of the answer.
        text: what was said.
        at: when it was said, aware UTC.
        now: the moment of recording.
        said_by: the person, None when that is not known.
        outbox_id: the row of the outbox that carried it.
    """
    were: dict[str, Any] = {}
    added: list[int] = []
    before = store_promises.of_conversation(conn, row.id)
    for one in before:
        # An answer recorded late was not given because of a promise that was made after it.
        if one.created_at > at or _same_answer(one, text, at):
            continue
        code, changes = _settled(one, at, said_by)
        if not code:
            continue
        were[str(one.id)] = rows.was(one)
        rows.put(conn, one.id, **changes)
        facts = {"promise_id": one.id, "promise": one.text, "due_at": one.due_at}
        reason = "answered" if code == "promise_dropped" else None
        rows.write(desk, conn, row, doer, code, facts=facts, at=at, now=now, reason=reason)
        row = steps.load(conn, row.id)
    for found in recognise(desk, row, text, at=at):
        if found.due_at <= now:
            continue
        said = text[found.start : found.end][:LONGEST_KEPT]
        if any(one.text == said and _same_answer(one, text, at) for one in before):
            continue
        promise_id = rows.add(
            desk,
            conn,
            row,
            text=said,
            due_at=found.due_at,
            said_at=at,
            state="suggested",
            said_by=said_by,
            outbox_id=outbox_id,
        )
        added.append(promise_id)
        facts = {"promise_id": promise_id, "promise": said, "due_at": found.due_at}
        rows.write(desk, conn, row, doer, "promise_suggested", facts=facts, at=at, now=now)
        row = steps.load(conn, row.id)
    told = {"promises_added": added, "promises_were": were}
    return Heard(row, {name: value for name, value in told.items() if value})


def _same_answer(one: Row[Any], text: str, at: datetime) -> bool:
    """Whether a promise was made by this very answer: our own post comes back from its platform a moment later."""
    return one.text in text and abs(at - one.created_at) < _ECHO


def _settled(one: Row[Any], at: datetime, said_by: int | None) -> tuple[str, dict[str, Any]]:
    """What an answer at an instant makes of a promise: the event's code and the changes; no code for none."""
    closed = {"closed_at": at, "closed_by": said_by}
    if one.state == "suggested":
        return "promise_dropped", {"state": "dropped", **closed}
    if one.state == "open" and at <= one.due_at:
        return "promise_kept", {"state": "kept", **closed}
    if one.state == "broken" and one.closed_at is None and at <= one.due_at:
        # The answer was given in time and only recorded after the clock had looked.
        return "promise_kept", {"state": "kept", **closed}
    if one.state == "open":
        return "promise_broken", {"state": "broken", **closed}
    if one.state == "broken" and one.closed_at is None:
        return "promise_made_good", closed
    return "", {}
