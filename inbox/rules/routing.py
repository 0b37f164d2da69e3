"""Rules at work: what routing calls for every conversation it looks at, inside its own transaction.

A crash leaves either the whole routing of a conversation or nothing of it, so a rule hits a message once or, after a
restart, once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Row

from inbox import steps
from inbox.desk import Desk
from inbox.rules import gather, hits
from inbox.rules.evaluate import Facts
from inbox.rules.language import Draft
from inbox.rules.walk import Office, Ready, Ruleset, effects
from inbox.states import OPEN_STATES
from store import ruling, thread
from store.schema import conversation

_MESSAGES_LOOKED_AT = 50


def on_messages(desk: Desk, conn: Connection, row: Row[Any], *, first: bool, n_new: int, now: datetime) -> Row[Any]:
    """Let the rules judge what is new in an open conversation; gives the row as it then stands.

    Args:
        desk: store, settings.
        conn: the transaction of routing.
        row: the conversation, locked.
        first: it is routed for the first time.
        n_new: how many messages are new, for conversations that rules never looked at.
        now: the instant of routing.
    """
    ruleset = current(conn)
    if row.status not in OPEN_STATES or not ruleset.rules or not (first or ruleset.asks_every):
        return _seen(conn, row, row.last_mention_id)
    messages = new_messages(conn, row, first=first, n_new=n_new)
    facts = gather.facts_of(desk, conn, messages, row.team_id, ruleset.asks)
    without = frozenset() if first else hits.taken_back(conn, row.id)
    office: Office | None = None
    for number, one in enumerate(facts):
        found = ruleset.hits(one, first=first and number == 0, without=without)
        if not found:
            continue
        office = office or gather.office_of(desk, conn)
        row = _apply(desk, conn, row, found, facts=one, office=office, now=now)
    return _seen(conn, row, max((one.id for one in messages), default=row.last_mention_id))


def new_messages(conn: Connection, row: Row[Any], *, first: bool, n_new: int) -> list[Row[Any]]:
    """The messages that rules have not looked at, oldest first."""
    if first:
        return ruling.messages_of(conn, [row.id])
    limit = _MESSAGES_LOOKED_AT if row.ruled_id is not None else min(n_new, _MESSAGES_LOOKED_AT)
    return ruling.messages_since(conn, row.id, after=row.ruled_id, limit=limit) if limit > 0 else []


def current(conn: Connection) -> Ruleset:
    """The switched-on rules as they stand in this transaction. Read anew only when one of them changed."""
    stamp = ruling.stamp_of_rules(conn)
    known = _read.get(conn.engine)
    if known is None or known[0] != stamp:
        rows = [one for one in ruling.standing_rules(conn) if one.active] if stamp[0] else []
        known = (stamp, Ruleset(ready for one in rows if (ready := ready_of(one)) is not None))
        _read[conn.engine] = known
    return known[1]


def draft_of(row: Row[Any]) -> Draft | None:
    """A kept rule, or None when this version cannot read it (any more)."""
    try:
        return Draft.model_validate(
            {
                "name": row.name,
                "conditions": row.conditions,
                "actions": row.actions,
                "moment": row.moment,
                "stop": row.stop,
            }
        )
    except ValidationError:
        return None


def ready_of(row: Row[Any]) -> Ready | None:
    """A kept rule, ready for judging."""
    draft = draft_of(row)
    return None if draft is None else Ready(row.id, draft)


def _apply(
    desk: Desk,
    conn: Connection,
    row: Row[Any],
    found: tuple[Ready, ...],
    *,
    facts: Facts,
    office: Office,
    now: datetime,
) -> Row[Any]:
    tags = thread.tags_of(conn, [row.id]).get(row.id, ())
    for effect in effects(found, gather.standing_of(row, tags, now), facts, office):
        if hits.write(desk, conn, row, effect, now=now, mention_id=facts.mention_id) is not None:
            row = steps.load(conn, row.id)
    return row


def _seen(conn: Connection, row: Row[Any], newest: int | None) -> Row[Any]:
    """Remember how far rules have looked."""
    if newest is not None and newest > (row.ruled_id or 0):
        conn.execute(conversation.update().where(conversation.c.id == row.id).values(ruled_id=newest))
    return row


_Stamp = tuple[int, datetime | None]
_read: WeakKeyDictionary[Engine, tuple[_Stamp, Ruleset]] = WeakKeyDictionary()
"""The rules of each store as they were last read, with their stamp. Reading a thousand takes a tenth of a second."""
