"""One of a group says something else after all: it is taken out for good."""

from __future__ import annotations

from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.states import Status
from inbox.views import CurrentUser, Done
from store.commit.rollups import Deltas
from store.folding import FOLDED_AWAY, fold_again, unfold
from store.records import Near
from store.schema import conversation, mention
from understanding.duplicates import Words, fingerprint, likeness

TAKEN_OUT = "unfolded"


def take_out(desk: Desk, user: CurrentUser, mention_id: int) -> Done:
    """Take a copy out of its group: it is counted, never folds again, and is work where it was folded away.

    Raises:
        NotFound: no such message.
        ClaimedByOther: a colleague has its conversation.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        copy = conn.execute(select(mention).where(mention.c.id == mention_id)).first()
        if copy is None:
            raise NotFound(what="message", key=mention_id)
        row = steps.load(conn, copy.conversation_id)
        steps.check_free(conn, row, user, now)
        deltas = Deltas(ZoneInfo(desk.settings.timezone))
        under = unfold(conn, desk.store, mention_id, _near(copy), deltas, alone=True)
        if under is None:
            return steps.nothing(row, TAKEN_OUT)
        deltas.write(conn, desk.store.dialect)
        changes: dict[str, Any] = {}
        if (row.status, row.status_reason) == (Status.ARCHIVED, FOLDED_AWAY):
            changes = {"status": Status.NEW.value, "status_reason": None, "is_open": True, "cycle_started_at": now}
        step = steps.Step(TAKEN_OUT, changes, facts={"mention_id": mention_id, "under": under})
        done = steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)
        if changes:
            # Not a column of the step: routing takes it off in a moment, and that must not stand in the way of an undo.
            conn.execute(conversation.update().where(conversation.c.id == row.id).values(routing_pending=True))
        return done


def put_back(desk: Desk, conn: Connection, taken: Row[Any]) -> dict[str, Any]:
    """Undo of `take_out`; gives what else changes at the conversation. The caller writes the event."""
    facts = (taken.after or {}).get("facts") or {}
    deltas = Deltas(ZoneInfo(desk.settings.timezone))
    fold_again(conn, desk.store, int(facts["mention_id"]), int(facts["under"]), deltas)
    deltas.write(conn, desk.store.dialect)
    return {"routing_pending": False, "sla_due_at": None} if "status" in (taken.before or {}) else {}


def _near(row: Row[Any]) -> Near:
    said = Words(row.text, row.title, row.kind, row.url)
    found = fingerprint(said)
    return Near(found.near, partial(likeness, said), found.shape)
