"""What people do with an answer in the outbox: take it back, try again, approve, reject, say what became of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput, NotAllowed, OutboxRefused, UndoRefused
from inbox.permissions import Permission
from inbox.replying import rows, send
from inbox.replying.sent import mark_sent
from inbox.replying.states import By, State
from inbox.replying.until import as_of
from inbox.route import route_one
from inbox.sentences import Sentence
from inbox.views import CurrentUser, Done
from inbox.writing import drafts, second_look
from store.schema import mention, outbox

LONGEST_REASON = 500


def cancel(desk: Desk, user: CurrentUser, outbox_id: int) -> Done:
    """Take an answer back that has not gone out, or put aside one that failed or was rejected."""
    with desk.store.write() as conn:
        conversation, row = _load(desk, conn, outbox_id)
        _check_mine(row, user)
        now = desk.clock()
        rows.put(conn, row, State.CANCELLED, By.AUTHOR, now=now)
        drafts.give_back(desk, conn, row)
        step = steps.Step(rows.code_of(row.kind, State.CANCELLED))
        return rows.told(desk, conn, conversation, steps.Doer.person(user), step, outbox_id=row.id, now=now)


def retry(desk: Desk, user: CurrentUser, outbox_id: int) -> Done:
    """Send again what failed, or what the platform was asked for and does not have."""
    with desk.store.write() as conn:
        conversation, row = _load(desk, conn, outbox_id)
        _check_mine(row, user)
        if row.state == State.UNKNOWN and row.checked_at is None:
            raise OutboxRefused(
                Sentence("It may have been sent: the platform is asked first. Wait a moment, or look there yourself."),
                state=row.state,
            )
        if send.needs_approval(conn, user) and row.approved_by is None:
            raise NotAllowed(Permission.SEND, user.role)
        now = desk.clock()
        clean = {"error_class": None, "error_text": None, "attempts": 0}
        rows.put(conn, row, State.QUEUED, By.AUTHOR, now=now, not_before=now, **clean)
        step = steps.Step(rows.code_of(row.kind, "retried"))
        return rows.told(desk, conn, conversation, steps.Doer.person(user), step, outbox_id=row.id, now=now)


def approve(
    desk: Desk, user: CurrentUser, outbox_id: int, *, text: str | None = None, confirmed: Collection[str] = ()
) -> Done:
    """Let an answer go out, as it is or with another text."""
    with desk.store.write() as conn:
        conversation, row = _load(desk, conn, outbox_id)
        _check_other(row, user)
        now = desk.clock()
        values: dict[str, Any] = {"approved_by": user.id, "approved_at": now, "not_before": now + steps.UNDO_WINDOW}
        if text is not None and text.strip() != row.text:
            values["text"] = _fitting(desk, conn, row, text, confirmed)
        rows.put(conn, row, State.QUEUED, By.APPROVER, now=now, **values)
        facts = {"author_name": steps.name_of(conn, row.created_by), "changed": "text" in values}
        step = steps.Step(rows.code_of(row.kind, "approved"), facts=facts)
        return rows.told(desk, conn, conversation, steps.Doer.person(user), step, outbox_id=row.id, now=now)


def reject(desk: Desk, user: CurrentUser, outbox_id: int, *, reason: str) -> Done:
    """Do not let an answer go out; its author is told why."""
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise BadInput(Sentence("Say why, in at most {most} characters: the author reads it.", most=LONGEST_REASON))
    with desk.store.write() as conn:
        conversation, row = _load(desk, conn, outbox_id)
        _check_other(row, user)
        now = desk.clock()
        told = {"approved_by": user.id, "approved_at": now, "error_class": "Rejected", "error_text": why}
        rows.put(conn, row, State.REJECTED, By.APPROVER, now=now, **told)
        facts = {"author_name": steps.name_of(conn, row.created_by)}
        step = steps.Step(rows.code_of(row.kind, State.REJECTED), reason=why, facts=facts)
        return rows.told(desk, conn, conversation, steps.Doer.person(user), step, outbox_id=row.id, now=now)


def sent_by_hand(desk: Desk, user: CurrentUser, outbox_id: int) -> Done:
    """A person looked at the platform: it stands there."""
    with desk.store.write() as conn:
        _, row = _load(desk, conn, outbox_id)
        _check_mine(row, user)
        return mark_sent(desk, conn, row, By.AUTHOR, now=desk.clock(), confirmed_by=user)


def was_not_sent(desk: Desk, user: CurrentUser, outbox_id: int) -> Done:
    """A person looked at the platform: it does not stand there. It counts as failed, and can be tried again."""
    with desk.store.write() as conn:
        conversation, row = _load(desk, conn, outbox_id)
        _check_mine(row, user)
        now = desk.clock()
        why = "Somebody looked: it does not stand on the platform."
        rows.put(conn, row, State.FAILED, By.AUTHOR, now=now, error_class="NotThere", error_text=why)
        step = steps.Step(rows.code_of(row.kind, "not_there"))
        return rows.told(desk, conn, conversation, steps.Doer.person(user), step, outbox_id=row.id, now=now)


def take_back(desk: Desk, conn: Connection, taken: Row[Any], *, now: Any) -> None:
    """Undo of a step of the outbox: the row goes back with it. The caller writes the event.

    Raises:
        UndoRefused: it has gone out, or this step cannot be taken back.
    """
    facts = (taken.after or {}).get("facts") or {}
    what = str(taken.action).rsplit("_", 1)[-1]
    if what not in rows.TAKEN_BACK:
        raise UndoRefused(Sentence("What happened with an answer cannot be undone; look at the answer itself."))
    row = conn.execute(select(outbox).where(outbox.c.id == facts["outbox_id"]).with_for_update()).one()
    try:
        back = {"approved_by": None, "approved_at": None} if what == "approved" else {}
        by = By.APPROVER if what == "approved" else By.AUTHOR
        rows.put(conn, row, rows.TAKEN_BACK[what], by, now=now, **back)
        if what != "approved":
            drafts.give_back(desk, conn, row)
    except OutboxRefused as refused:
        raise UndoRefused(refused.text) from refused


def is_of_outbox(taken: Row[Any]) -> bool:
    """Whether an event tells of a row of the outbox."""
    return "outbox_id" in ((taken.after or {}).get("facts") or {})


def _load(desk: Desk, conn: Connection, outbox_id: int) -> tuple[Row[Any], Row[Any]]:
    """The conversation and the row, locked, with all news routed: no step of ours may hide them from routing."""
    conversation, row = rows.load(conn, outbox_id)
    if conversation.routing_pending:
        route_one(desk, conn, conversation.id, desk.clock())
        conversation, row = rows.load(conn, outbox_id)
    return conversation, row


def _fitting(desk: Desk, conn: Connection, row: Row[Any], text: str, confirmed: Collection[str]) -> str:
    said = text.strip()
    if not said:
        raise BadInput(Sentence("Write something before you send it."))
    target = conn.execute(select(mention).where(mention.c.id == row.mention_id)).one()
    may = as_of(target.capabilities, desk.clock())
    send.check_platform(may, target, said)
    seen_by = row.visibility or target.visibility
    second_look.look(desk, conn, row.conversation_id, said, visibility=seen_by, capabilities=may, confirmed=confirmed)
    return said


def _check_mine(row: Row[Any], user: CurrentUser) -> None:
    """One's own answers; leads may handle anybody's."""
    if row.created_by != user.id and not user.may(Permission.APPROVE):
        raise NotAllowed(Permission.APPROVE, user.role)


def _check_other(row: Row[Any], user: CurrentUser) -> None:
    """Four eyes: whoever wrote it does not approve it."""
    if row.created_by == user.id:
        raise OutboxRefused(Sentence("You wrote this yourself; a colleague must approve it."), state=row.state)
