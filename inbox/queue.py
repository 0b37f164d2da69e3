"""The head of the queue for one person. Reads and locks; claims nothing.

Order: overdue, due soonest, priority, oldest. Free for somebody: new or open, theirs or nobody's, in their team or in
none (who has no team sees all), and without a claim that still stands. What takes a skill goes first to those who have
it (`inbox.availability.offering`), and whose desk is full is offered only what stands on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from inbox.availability.offering import PATIENCE, Item, Kept, kept_from, may_offer
from inbox.availability.reading import workers
from inbox.availability.state import is_available
from inbox.availability.views import NothingNext
from inbox.desk import Desk
from inbox.states import Status
from inbox.teams import promise_for
from inbox.views import CurrentUser, View
from store.cards import ConversationRow
from store.filters import NOBODY, ConversationFilter
from store.lists import list_conversations, next_unclaimed
from store.offered import KeptBack
from store.ordering import Order
from store.people import open_of
from store.schema import conversation
from store.thread import tags_of

VIEWS = frozenset({View.ALL, View.NEW, View.MINE, View.UNASSIGNED, View.OVERDUE, View.URGENT})
URGENT = (0, 1)
QUEUED = (Status.NEW.value, Status.OPEN.value)
_CANDIDATES = 20
_PAGES = 50


def head(desk: Desk, conn: Connection, user: CurrentUser, view: View, *, now: datetime) -> Row[Any] | None:
    """The first conversation that is free for this person, locked; None when there is none.

    Two callers never get the same one: SQLite has one writer, PostgreSQL steps over rows that are locked and, before
    it says that there is nothing, waits for them once.
    """
    asks = _Asks.of(desk, conn, user, now)
    for row_id in _merged(conn, asks, view):
        row = _locked(conn, row_id, now, skip=True)
        if row is not None:
            return row
    if conn.dialect.name == "postgresql":
        for row_id in _merged(conn, asks, view):
            row = _locked(conn, row_id, now, skip=False)
            if row is not None:
                return row
    return None


def why_none(desk: Desk, conn: Connection, user: CurrentUser, view: View, *, now: datetime) -> NothingNext:
    """Why there is nothing for this person in a view: their desk is full, what waits takes a skill, or nothing waits.

    Looks at the first conversations that wait, which are the ones that would be next.
    """
    if view is View.MINE:
        return NothingNext()
    asks = _Asks.of(desk, conn, user, now)
    waiting = [row for wanted in _of_nobody(asks, view) for row in _listed(conn, wanted)]
    if asks.full:
        return NothingNext(full=asks.most_open) if waiting else NothingNext()
    tags = tags_of(conn, [row.id for row in waiting]) if waiting else {}
    kept = asks.kept.always | asks.kept.a_while
    needed = {skill for row in waiting for skill in item_of(row, tags.get(row.id, ())).wants & kept}
    return NothingNext(skills=tuple(sorted(needed)))


@dataclass(frozen=True, slots=True)
class _Asks:
    """Who asks, when, what is kept from them, and whether their desk is full."""

    user: CurrentUser
    now: datetime
    kept: Kept
    full: bool
    most_open: int | None

    @classmethod
    def of(cls, desk: Desk, conn: Connection, user: CurrentUser, now: datetime) -> _Asks:
        """Read who works, and who of them is available now."""
        people = workers(conn)
        me = next((one for one in people if one.id == user.id), None)
        limit = None if me is None else me.most_open
        skilled = [one for one in people if one.skills]
        teams = {one.team_id: promise_for(desk.settings, one.team_id).calendar for one in skilled}
        available = {one.id for one in skilled if is_available(one, now, teams[one.team_id])}
        return cls(
            user=user,
            now=now,
            kept=kept_from(user.id, skilled, available),
            full=limit is not None and open_of(conn, user.id) >= limit,
            most_open=limit,
        )

    @property
    def kept_back(self) -> KeptBack | None:
        """The same for the store; None when nothing is kept."""
        if not self.kept.always and not self.kept.a_while:
            return None
        return KeptBack(self.kept.always, self.kept.a_while, self.now - PATIENCE, self.now)


def _merged(conn: Connection, asks: _Asks, view: View) -> Iterator[int]:
    """Candidates in the order of the queue: one's own and nobody's."""
    found: list[ConversationRow] = []
    user, now = asks.user, asks.now
    if view is not View.UNASSIGNED:
        found += _listed(conn, _narrowed(ConversationFilter(assignee_id=user.id), view, now))
    if view in {View.ALL, View.UNASSIGNED} and not asks.full:
        teams = None if user.team_id is None else (user.team_id,)
        free = next_unclaimed(conn, now=now, team_ids=teams, kept=asks.kept_back, lock=True)
        found += [] if free is None else [free]
        if free is None and conn.dialect.name == "postgresql":
            free = next_unclaimed(conn, now=now, team_ids=teams, kept=asks.kept_back)
            found += [] if free is None else [free]
    elif view is not View.MINE and not asks.full:
        for wanted in _of_nobody(asks, view):
            found += _offered(conn, wanted, asks)
    yield from (row.id for row in sorted(found, key=_order))


def _of_nobody(asks: _Asks, view: View) -> list[ConversationFilter]:
    """What is nobody's and could be this person's: of their team or of none."""
    nobody = _narrowed(ConversationFilter(assignee_id=NOBODY), view, asks.now)
    if asks.user.team_id is None:
        return [nobody]
    return [replace(nobody, team_id=asks.user.team_id), replace(nobody, team_id=NOBODY)]


def _offered(conn: Connection, wanted: ConversationFilter, asks: _Asks) -> list[ConversationRow]:
    """The first page of a list that holds something this person may be offered."""
    cursor: str | None = None
    for _page in range(_PAGES):
        page = list_conversations(conn, wanted, order=Order.INBOX, limit=_CANDIDATES, cursor=cursor)
        tags = tags_of(conn, [row.id for row in page.rows]) if asks.kept_back is not None else {}
        rows = [row for row in page.rows if may_offer(item_of(row, tags.get(row.id, ())), asks.kept, asks.now)]
        if rows or page.next_cursor is None:
            return rows
        cursor = page.next_cursor
    return []


def item_of(row: ConversationRow, tags: Iterable[str]) -> Item:
    """A conversation as skills see it."""
    wants = {f"lang:{row.lang}", f"platform:{row.platform}"}
    wants |= {f"tag:{tag}" for tag in tags} | {f"brand:{brand}" for brand in row.brand_ids}
    return Item(frozenset(wants), row.sla_due_at, row.unanswered_since or row.sort_at)


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
