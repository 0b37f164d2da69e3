"""An answer that stands on the platform: the row, the event that stops the clock, and what becomes of the conversation.

There is exactly one answer event for a row, whoever saw it first: the worker whose call was answered, a look at the
platform, the collector that brought our own post back, or a person.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from inbox import answered, moves, steps
from inbox.desk import Desk
from inbox.errors import MoveRefused
from inbox.promises.answering import on_answer
from inbox.replying import rows
from inbox.replying.states import By, State
from inbox.states import By as Mover
from inbox.states import Decision, Status, decide
from inbox.views import CurrentUser, Done

_EVENTS_LOOKED_AT = 100
_STARTS = frozenset({"reply_queued", "reply_approved", "reply_retried"})


def mark_sent(
    desk: Desk,
    conn: Connection,
    row: Row[Any],
    by: By,
    *,
    now: datetime,
    at: datetime | None = None,
    own_mention_id: int | None = None,
    confirmed_by: CurrentUser | None = None,
    **values: Any,
) -> Done:
    """Settle a row as sent and make the move that its author asked for, if nothing changed meanwhile.

    Args:
        desk: the desk.
        conn: a writing transaction that holds the conversation and the row.
        row: the row of the outbox.
        by: who says so.
        now: aware UTC.
        at: when it appeared on the platform; now when it is not known.
        own_mention_id: our own post in the store.
        confirmed_by: the person who looked.
        values: further columns of the row.
    """
    conversation = steps.load(conn, row.conversation_id)
    moment = min(max(at or now, row.tried_at or row.created_at), now)
    found = {"own_mention_id": own_mention_id} if own_mention_id is not None else {}
    clean = {"sent_at": moment, "error_class": None, "error_text": None}
    rows.put(conn, row, State.SENT, by, now=now, **{**clean, **found, **values})
    author = steps.Doer("human", row.created_by)
    if row.kind != "reply":
        step = steps.Step(rows.code_of(row.kind, State.SENT), facts={"mention_id": row.mention_id})
        return rows.told(desk, conn, conversation, author, step, outbox_id=row.id, now=now)
    skipped = _why_skipped(conn, conversation, row)
    heard = on_answer(
        desk,
        conn,
        conversation,
        author,
        text=row.text or "",
        at=moment,
        now=now,
        said_by=row.created_by,
        outbox_id=row.id,
    )
    conversation = heard.row
    step = _answer(desk, conn, conversation, row, moment, seen=own_mention_id is not None, skipped=skipped)
    facts: dict[str, Any] = {
        **step.facts,
        **heard.facts,
        **found,
        "mention_id": row.mention_id,
        "follow_up": row.follow_up,
    }
    if skipped is not None:
        facts["follow_up_skipped"] = skipped
    if confirmed_by is not None and confirmed_by.id != row.created_by:
        facts["confirmed_by_name"] = confirmed_by.name
    done = rows.told(desk, conn, conversation, author, replace(step, facts=facts), outbox_id=row.id, now=now)
    if skipped is None and row.follow_up != "stay":
        _follow(desk, conn, row, author, now=now)
    return replace(done, undo_until=None)


def _answer(
    desk: Desk,
    conn: Connection,
    conversation: Row[Any],
    row: Row[Any],
    at: datetime,
    *,
    seen: bool,
    skipped: str | None,
) -> steps.Step:
    """The step of the answer itself, timed as every answer is."""
    changes: dict[str, Any] = {}
    waits = {Status.NEW, Status.WAITING_INTERNAL} if row.follow_up == Status.WAITING_CUSTOMER else {Status.NEW}
    if conversation.status in waits:
        changes["status"] = Status.OPEN.value
    step = answered.step_of(desk, conn, conversation, "reply_sent", at=at, changes=changes, facts={})
    if not seen and skipped != "customer_wrote":
        return step
    # Ingest has placed our post among the customer's, or they wrote after it: it knows who still waits.
    kept = {"unanswered_since": conversation.unanswered_since}
    return replace(step, changes=steps.after_move(desk, conversation, {**step.changes, **kept}))


def _why_skipped(conn: Connection, conversation: Row[Any], row: Row[Any]) -> str | None:
    """Why the move that the author asked for is no longer right; None when it is."""
    if row.follow_up == "stay":
        return None
    events = steps.events_of(conn, conversation.id, limit=_EVENTS_LOOKED_AT)
    later: list[Row[Any]] = []
    start: Row[Any] | None = None
    for one in events:
        facts = (one.after or {}).get("facts") or {}
        if facts.get("outbox_id") == row.id and one.action in _STARTS:
            start = one
            break
        later.append(one)
    if start is None or conversation.cycle != row.cycle:
        return "changed"
    if conversation.n_inbound > start.after.get("n_inbound", 0):
        return "customer_wrote"
    others = (one for one in later if "outbox_id" not in ((one.after or {}).get("facts") or {}))
    if any(one.actor_type != "human" or one.actor_id != row.created_by for one in others):
        return "changed"
    status = conversation.status
    if row.follow_up == Status.WAITING_CUSTOMER and status in {Status.NEW, Status.WAITING_INTERNAL}:
        status = Status.OPEN.value
    return None if _decided(status, row.follow_up) is not None else "changed"


def _follow(desk: Desk, conn: Connection, row: Row[Any], author: steps.Doer, *, now: datetime) -> None:
    conversation = steps.load(conn, row.conversation_id)
    decision = _decided(conversation.status, row.follow_up)
    if decision is not None:
        steps.write(desk, conn, conversation, author, moves.step_of(desk, conversation, decision, now=now), now=now)


def _decided(status: str, to: str) -> Decision | None:
    try:
        return decide(status, to, Mover.AGENT, answered=True)
    except MoveRefused:
        return None
