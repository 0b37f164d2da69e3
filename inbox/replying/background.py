"""What a conversation's first message answers, when that is not here: asked of the platform, once.

And whether a message still stands there. Both are questions through the outbox: they change nothing by themselves,
make no event and no version, so nobody who writes an answer meanwhile is stopped by them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import CannotReply, NotFound
from inbox.replying.states import State
from inbox.replying.views import CheckView, ParentState, ParentView
from inbox.sentences import Sentence
from inbox.views import CurrentUser, Done
from store import outbox as kept
from store.records import CONTEXT
from store.schema import mention, mention_key, outbox

FETCH, RECHECK = "fetch_thread", "recheck"
_LOOKED_AT = 25
"""Messages at the beginning of a thread that are looked at; more than are ever fetched above one."""
_ASKED = frozenset({State.QUEUED, State.SENDING})
_GONE = frozenset({"Gone", "Forbidden"})


def parent_of(desk: Desk, conversation_id: int) -> ParentView | None:
    """How it stands with what the first message answers; None when it answers nothing, or that is here."""
    with desk.store.read() as conn:
        first = _unseen(conn, conversation_id)
        return None if first is None else view_of(first, kept.of_conversation(conn, conversation_id))


def checks_of(desk: Desk, conversation_id: int) -> dict[int, CheckView]:
    """The latest look whether a message still stands, by message."""
    with desk.store.read() as conn:
        rows = [row for row in kept.of_conversation(conn, conversation_id) if row.kind == RECHECK]
    return {
        row.mention_id: CheckView(
            asked=row.state in _ASKED, at=row.sent_at, trouble=row.error_text if row.state == State.FAILED else None
        )
        for row in rows
    }


def view_of(first: Row[Any], rows: Sequence[Row[Any]]) -> ParentView:
    """How it stands with what a message answers, of which it is known that it is not here. Pure.

    What the platform no longer has, or does not show us, is not asked again; what failed otherwise may be.
    """
    asked = [row for row in rows if (row.kind, row.mention_id) == (FETCH, first.id)]
    can = bool((first.capabilities or {}).get("can_fetch_parent"))
    if not asked:
        return ParentView(first.id, ParentState.MISSING, may_ask=can)
    last = asked[-1]
    if last.state in _ASKED:
        return ParentView(first.id, ParentState.COMING, may_ask=False)
    if last.state == State.SENT or last.error_class in _GONE:
        return ParentView(first.id, ParentState.GONE, may_ask=False, trouble=last.error_text)
    return ParentView(first.id, ParentState.FAILED, may_ask=can, trouble=last.error_text)


def fetch(desk: Desk, user: CurrentUser, conversation_id: int) -> Done:
    """Ask the platform for what the first message answers. Quiet when that was asked, or is here.

    Raises:
        CannotReply: this platform cannot be asked, or has said that it is gone.
    """
    with desk.store.write() as conn:
        row = steps.load(conn, conversation_id)
        first = _unseen(conn, row.id)
        if first is None:
            return steps.nothing(row, "parent_here")
        view = view_of(first, kept.of_conversation(conn, row.id))
        if view.state is ParentState.COMING:
            return steps.nothing(row, "parent_asked")
        if not view.may_ask:
            raise CannotReply(
                Sentence("The platform does not show the message that this answers."),
                (first.capabilities or {}).get("deep_link") or first.url,
            )
        _ask(desk, conn, row, first, FETCH, user_id=user.id, now=desk.clock())
        return steps.nothing(row, "parent_asked")


def on_claim(desk: Desk, conn: Connection, row: Row[Any], user_id: int, now: datetime) -> None:
    """Somebody starts to work on it: ask by itself, if that can be and nobody ever did."""
    first = _unseen(conn, row.id)
    if first is None:
        return
    view = view_of(first, kept.of_conversation(conn, row.id))
    if view.state is ParentState.MISSING and view.may_ask:
        _ask(desk, conn, row, first, FETCH, user_id=user_id, now=now)


def recheck(desk: Desk, user: CurrentUser, mention_id: int) -> Done:
    """Ask the platform whether a message still stands; what was removed there is scrubbed here.

    Raises:
        NotFound: there is no such message.
    """
    with desk.store.write() as conn:
        target = conn.execute(select(mention).where(mention.c.id == mention_id)).first()
        if target is None or target.deleted_at is not None:
            raise NotFound(what="message", key=mention_id)
        row = steps.load(conn, target.conversation_id)
        asked = (RECHECK, target.id)
        if not any((one.kind, one.mention_id) == asked and one.state in _ASKED for one in _rows(conn, row)):
            _ask(desk, conn, row, target, RECHECK, user_id=user.id, now=desk.clock())
        return steps.nothing(row, "recheck_asked")


def _rows(conn: Connection, row: Row[Any]) -> list[Row[Any]]:
    return kept.of_conversation(conn, row.id)


def _unseen(conn: Connection, conversation_id: int) -> Row[Any] | None:
    """The first message, if it answers something that is not here. Walks ix_mention_thread."""
    query = select(mention).where(mention.c.conversation_id == conversation_id)
    rows = conn.execute(query.order_by(mention.c.sort_at, mention.c.id).limit(_LOOKED_AT)).all()
    first = next((row for row in rows if CONTEXT not in (row.flags or ())), None)
    if first is None or first.deleted_at is not None:
        return None
    if first.parent_external_id is not None:
        key = mention_key.c
        wanted = (key.external_id == first.parent_external_id, key.namespace == first.namespace)
        return None if conn.execute(select(key.mention_id).where(*wanted)).first() is not None else first
    # Platforms name what is answered by a number that only the thread explains; what was fetched is context.
    fetched = any(CONTEXT in (row.flags or ()) for row in rows)
    return first if (first.capabilities or {}).get("can_fetch_parent") and not fetched else None


def _ask(
    desk: Desk, conn: Connection, row: Row[Any], target: Row[Any], kind: str, *, user_id: int, now: datetime
) -> None:
    conn.execute(
        outbox.insert().values(
            id=desk.store.new_id(),
            idempotency_key=str(uuid.uuid4()),
            conversation_id=row.id,
            cycle=row.cycle,
            mention_id=target.id,
            source_id=target.source_id,
            kind=kind,
            state=State.QUEUED.value,
            state_at=now,
            created_by=user_id,
            created_at=now,
            not_before=now,
        )
    )
