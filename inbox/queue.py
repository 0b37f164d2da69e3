"""The head of the queue for one person. Reads and locks; claims nothing.

Order: overdue, due soonest, priority, oldest. Free for somebody: new or open, theirs or nobody's, in their team or in
none (who has no team sees all), and without a claim that still stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from inbox.states import Status
from inbox.views import CurrentUser, View
from store.cards import ConversationRow
from store.filters import NOBODY, ConversationFilter
from store.lists import list_conversations, next_unclaimed
from store.ordering import Order
from store.schema import conversation

VIEWS = frozenset({View.ALL, View.NEW, View.MINE, View.UNASSIGNED, View.OVERDUE, View.URGENT})
URGENT = (0, 1)
QUEUED = (Status.NEW.value, Status.OPEN.value)
_CANDIDATES = 20


def head(conn: Connection, user: CurrentUser, view: View, *, now: datetime) -> Row[Any] | None:
    """The first conversation that is free for this person, locked; None when there is none.

    Two callers never get the same one: SQLite has one writer, PostgreSQL steps over rows that are locked and, before
    it says that there is nothing, waits for them once.
    """
    for row_id in _merged(conn, user, view, now):
        row = _locked(conn, row_id, now, skip=True)
        if row is not None:
            return row
    if conn.dialect.name == "postgresql":
        for row_id in _merged(conn, user, view, now):
            row = _locked(conn, row_id, now, skip=False)
            if row is not None:
                return row
    return None


def _merged(conn: Connection, user: CurrentUser, view: View, now: datetime) -> Iterator[int]:
    """Candidates in the order of the queue: one's own and nobody's."""
    found: list[ConversationRow] = []
    if view is not View.UNASSIGNED:
        found += _listed(conn, _narrowed(ConversationFilter(assignee_id=user.id), view, now))
    if view in {View.ALL, View.UNASSIGNED}:
        teams = None if user.team_id is None else (user.team_id,)
        free = next_unclaimed(conn, now=now, team_ids=teams, lock=True)
        found += [] if free is None else [free]
        if free is None and conn.dialect.name == "postgresql":
            free = next_unclaimed(conn, now=now, team_ids=teams)
            found += [] if free is None else [free]
    elif view is not View.MINE:
        nobody = _narrowed(ConversationFilter(assignee_id=NOBODY), view, now)
        owners = (
            [nobody]
            if user.team_id is None
            else [
                replace(nobody, team_id=user.team_id),
                replace(nobody, team_id=NOBODY),
            ]
        )
        for wanted in owners:
            found += _listed(conn, wanted)
    yield from (row.id for row in sorted(found, key=_order))


def _narrowed(wanted: ConversationFilter, view: View, now: datetime) -> ConversationFilter:
    return replace(
        wanted,
        statuses=(Status.NEW.value,) if view is View.NEW else QUEUED,
        claimable_at=now,
        due_before=now if view is View.OVERDUE else None,
        priorities=URGENT if view is View.URGENT else (),
    )


def _listed(conn: Connection, wanted: ConversationFilter) -> list[ConversationRow]:
    return list(list_conversations(conn, wanted, order=Order.INBOX, limit=_CANDIDATES).rows)


def _locked(conn: Connection, row_id: int, now: datetime, *, skip: bool) -> Row[Any] | None:
    """The row if it is still free, locked; None when it is not, or (with `skip`) somebody else holds its lock."""
    wanted = (
        select(conversation)
        .where(
            conversation.c.id == row_id,
            conversation.c.status.in_(QUEUED),
            or_(conversation.c.claimed_until.is_(None), conversation.c.claimed_until <= now),
        )
        .with_for_update(skip_locked=skip)
    )
    return conn.execute(wanted).first()


def _order(row: ConversationRow) -> tuple[Any, ...]:
    due = row.sla_due_at
    return (due is None, due.timestamp() if due else 0.0, row.priority, row.sort_at, row.id)
