"""Taking a step back: an inverse event, never a deleted one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import annotate, steps
from inbox.desk import Desk
from inbox.errors import NotFound, UndoRefused
from inbox.views import CurrentUser, Done
from store.schema import conversation_tag, event, note


def undo(desk: Desk, user: CurrentUser, event_id: int) -> Done:
    """Take back one's own step: every column it changed goes back to what it was.

    Raises:
        NotFound: no such step.
        UndoRefused: not one's own, older than 10 seconds, taken back already, or changed since by somebody else.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        taken = conn.execute(select(event).where(event.c.id == event_id)).first()
        if taken is None or taken.object_type != steps.CONVERSATION:
            raise NotFound(what="step", key=event_id)
        row = steps.load(conn, int(taken.object_id))
        _check(conn, row, taken, user, now)
        changes = {name: steps.typed(name, value) for name, value in (taken.before or {}).items()}
        if changes.get("claimed_by") is not None:
            changes["claimed_until"] = now + timedelta(minutes=desk.settings.claim_minutes)
        changes |= _side_tables(conn, row, taken, now)
        step = steps.Step("undone", changes, facts={"step": taken.action}, undo_of=taken.id)
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def _check(conn: Connection, row: Row[Any], taken: Row[Any], user: CurrentUser, now: datetime) -> None:
    if taken.actor_type != "human" or taken.actor_id != user.id or taken.undo_of is not None:
        text = "You can take back your own steps only."
        raise UndoRefused(text)
    after = dict(taken.after or {})
    if now > datetime.fromisoformat(after["recorded_at"]) + steps.UNDO_WINDOW:
        text = f"A step can be taken back for {steps.UNDO_WINDOW.seconds} seconds; now change it by hand."
        raise UndoRefused(text)
    later = [one for one in steps.events_of(conn, row.id, limit=100) if one.id > taken.id]
    if taken.id in steps.undone_ids(later):
        text = "That step was taken back already."
        raise UndoRefused(text)
    others = [one for one in later if (one.actor_type, one.actor_id) != ("human", user.id)]
    moved_on = any(
        steps.plain(getattr(row, name)) != after.get(name)
        for name in (taken.before or {})
        if name not in steps.VOLATILE and name != "n_notes"
    )
    if others or moved_on:
        who = steps.name_of(conn, others[0].actor_id) if others else ""
        text = f"It was changed since{f' by {who}' if who else ''}; look at it and change it by hand."
        raise UndoRefused(text)


def _side_tables(conn: Connection, row: Row[Any], taken: Row[Any], now: datetime) -> dict[str, Any]:
    """Take back what a step wrote beside the conversation."""
    facts = (taken.after or {}).get("facts") or {}
    tag = str(facts.get("tag"))
    if taken.action == "tagged":
        conn.execute(annotate.without_tag(row.id, tag))
    elif taken.action == "untagged" and not annotate.has_tag(conn, row.id, tag):
        conn.execute(conversation_tag.insert().values(tag=tag, conversation_id=row.id))
    elif taken.action == "noted":
        conn.execute(note.update().where(note.c.id == facts["note_id"]).values(deleted_at=now))
        return {"n_notes": row.n_notes - 1}
    return {}
