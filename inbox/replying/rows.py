"""Changing a row of the outbox together with its conversation: state, what the list shows of it, and the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from inbox import steps
from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.replying import approvers
from inbox.replying.states import By, State, check, shown
from inbox.views import Done
from store import outbox as kept
from store.schema import outbox

TAKEN_BACK = {"queued": State.CANCELLED, "approval": State.CANCELLED, "approved": State.APPROVAL}
"""What undo makes of an event `KIND_CODE`; nothing else about an answer can be undone."""


def load(conn: Connection, outbox_id: int) -> tuple[Row[Any], Row[Any]]:
    """The conversation and the row, both locked: always in this order.

    Raises:
        NotFound: there is no such row, or its conversation is gone.
    """
    unlocked = conn.execute(outbox.select().where(outbox.c.id == outbox_id)).first()
    if unlocked is None:
        raise NotFound(what="answer", key=outbox_id)
    conversation = steps.load(conn, unlocked.conversation_id)
    row = kept.locked(conn, outbox_id)
    if row is None:
        raise NotFound(what="answer", key=outbox_id)
    return conversation, row


def put(conn: Connection, row: Row[Any], after: State, by: By, *, now: datetime, **values: Any) -> None:
    """Move a row, whoever was at it loses it.

    Raises:
        OutboxRefused: the move is not allowed.
    """
    check(row.state, after, by)
    if row.state == State.APPROVAL:
        approvers.untell(conn, row.id)
    free = {"lease_owner": None, "lease_until": None}
    conn.execute(
        outbox.update().where(outbox.c.id == row.id).values(state=after.value, state_at=now, **{**free, **values})
    )


def told(
    desk: Desk,
    conn: Connection,
    conversation: Row[Any],
    doer: steps.Doer,
    step: steps.Step,
    *,
    outbox_id: int,
    now: datetime,
) -> Done:
    """Write the event of a row that was just changed, with what the list now shows."""
    changes: Mapping[str, Any] = {**step.changes, "reply_state": reply_state(conn, conversation.id)}
    facts = {**step.facts, "outbox_id": outbox_id}
    done = steps.write(desk, conn, conversation, doer, replace(step, changes=changes, facts=facts), now=now)
    return done if step.code.rsplit("_", 1)[-1] in TAKEN_BACK else replace(done, undo_until=None)


def reply_state(conn: Connection, conversation_id: int) -> str | None:
    """What the conversation shows of its answers."""
    return shown(kept.of_conversation(conn, conversation_id))


def code_of(kind: str, what: str) -> str:
    """The code of an event: `reply_sent`, `like_sent`, ..."""
    return f"{kind}_{what}"
