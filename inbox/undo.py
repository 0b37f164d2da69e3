"""Taking a step back: an inverse event, never a deleted one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import annotate, assign, steps
from inbox.copies import apart
from inbox.desk import Desk
from inbox.errors import NotFound, UndoRefused
from inbox.mentions import keeping
from inbox.noise import marking
from inbox.promises import rows as promised
from inbox.replying import handling, rows
from inbox.sentences import Sentence
from inbox.specialists import asking
from inbox.themes import linking
from inbox.tone import correcting
from inbox.views import CurrentUser, Done
from inbox.writing import drafts
from inbox.writing.views import Mode
from store.schema import conversation_tag, event, note


def undo(desk: Desk, user: CurrentUser, event_id: int) -> Done:
    """Take back one's own step: every column it changed goes back to what it was.

    Raises:
        NotFound: no such step.
        UndoRefused: not one's own, too long ago, taken back already, or changed since by somebody else.
    """
    with desk.store.write() as conn:
        taken = conn.execute(select(event).where(event.c.id == event_id)).first()
        if taken is None or taken.object_type != steps.CONVERSATION:
            raise NotFound(what="step", key=event_id)
        check_in_time(recorded_at(taken), desk.clock())
        return take_back(desk, conn, user, taken)


def take_back(desk: Desk, conn: Connection, user: CurrentUser, taken: Row[Any]) -> Done:
    """Take back one step inside the caller's transaction; whether it is in time has been checked."""
    now = desk.clock()
    row = steps.load(conn, int(taken.object_id))
    _check(conn, row, taken, user)
    changes = {name: steps.typed(name, value) for name, value in (taken.before or {}).items()}
    if changes.get("claimed_by") is not None:
        changes["claimed_until"] = now + timedelta(minutes=desk.settings.claim_minutes)
    changes |= _side_tables(desk, conn, row, taken, now)
    marking.undo(desk, conn, user, (taken.after or {}).get("facts") or {})
    if promised.restore(conn, (taken.after or {}).get("facts") or {}):
        changes["promise_due_at"] = promised.nearest(conn, row.id)
        changes = steps.after_move(desk, row, changes)
    step = steps.Step("undone", changes, facts={"step": taken.action}, undo_of=taken.id)
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def recorded_at(taken: Row[Any]) -> datetime:
    """When a step was written down, which may be later than it happened."""
    return datetime.fromisoformat((taken.after or {})["recorded_at"])


def check_in_time(written: datetime, now: datetime) -> None:
    """Make sure that the time for taking back is not over.

    Raises:
        UndoRefused: it is.
    """
    if now > written + steps.FOR_GOOD:
        raise UndoRefused(
            Sentence(
                "A step can be taken back for {seconds} seconds; now change it by hand.",
                seconds=steps.UNDO_WINDOW.seconds,
            )
        )


def _check(conn: Connection, row: Row[Any], taken: Row[Any], user: CurrentUser) -> None:
    if taken.actor_type != "human" or taken.actor_id != user.id or taken.undo_of is not None:
        raise UndoRefused(Sentence("You can take back your own steps only."))
    after = dict(taken.after or {})
    later = [one for one in steps.events_of(conn, row.id, limit=100) if one.id > taken.id]
    if taken.id in steps.undone_ids(later):
        raise UndoRefused(Sentence("That step was taken back already."))
    # That it was given its team and due time is nobody's decision.
    others = [one for one in later if (one.actor_type, one.actor_id) != ("human", user.id) and one.action != "routed"]
    moved_on = any(
        steps.plain(getattr(row, name)) != after.get(name)
        for name in (taken.before or {})
        if name not in steps.VOLATILE and name != "n_notes"
    )
    if others or moved_on:
        who = _who(conn, others[0]) if others else None
        if who is None:
            raise UndoRefused(Sentence("It was changed since; look at it and change it by hand."))
        raise UndoRefused(Sentence("It was changed since by {who}; look at it and change it by hand.", who=who))


def _who(conn: Connection, one: Row[Any]) -> Sentence | str:
    """Who made a step, for a sentence: a colleague by name, a rule by its name, or what else it was."""
    facts = (one.after or {}).get("facts") or {}
    match one.actor_type:
        case "human":
            return steps.name_of(conn, one.actor_id)
        case "rule":
            if facts.get("noise"):
                return Sentence("a noise rule")
            rule = facts.get("rule")
            return Sentence("the rule {name}", name=rule) if rule else Sentence("a rule")
        case "specialist":
            name = facts.get("name")
            return str(name) if name else Sentence("a specialist")
        case "source":
            return Sentence("a message that came in")
    return Sentence("the clock")


def _side_tables(desk: Desk, conn: Connection, row: Row[Any], taken: Row[Any], now: datetime) -> dict[str, Any]:
    """Take back what a step wrote beside the conversation."""
    if handling.is_of_outbox(taken):
        handling.take_back(desk, conn, taken, now=now)
        return {"reply_state": rows.reply_state(conn, row.id)}
    facts = (taken.after or {}).get("facts") or {}
    tag = str(facts.get("tag"))
    if taken.action == "tagged":
        conn.execute(annotate.without_tag(row.id, tag))
    elif taken.action == "untagged" and not annotate.has_tag(conn, row.id, tag):
        conn.execute(conversation_tag.insert().values(tag=tag, conversation_id=row.id))
    elif taken.action in linking.CODES:
        return linking.take_back(desk, conn, row, taken)
    elif taken.action == "answered_by_hand":
        text = str(facts.get("text") or "")
        drafts.text_back(desk, conn, taken, Mode.HAND, text)
    elif taken.action == "noted":
        text = conn.execute(select(note.c.text).where(note.c.id == facts["note_id"])).scalar() or ""
        drafts.text_back(desk, conn, taken, Mode.NOTE, text)
        conn.execute(note.update().where(note.c.id == facts["note_id"]).values(deleted_at=now))
        keeping.take_away(conn, int(facts["note_id"]))
        return {"n_notes": row.n_notes - 1}
    elif taken.action == "assigned":
        assign.untell(conn, taken.id, facts)
    elif taken.action in {"toned", "tone_back"}:
        correcting.take_back(desk, conn, facts)
    elif taken.action == apart.TAKEN_OUT:
        return apart.put_back(desk, conn, taken)
    elif taken.action == "asked_specialist":
        asking.end(conn, int(facts["link_id"]), now)
    return {}
