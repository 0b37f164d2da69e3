"""Holding a theme's query against conversations that are there already: in the background, newest first.

Each stretch links its conversations and keeps how far it came in one transaction, so a crash repeats nothing and leaves
nothing out; a link that stands is not made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from inbox import lists, steps
from inbox.desk import Desk
from inbox.errors import BadSearch
from inbox.rules.gather import by_conversation
from inbox.settings import InboxSettings
from inbox.themes import linking
from inbox.themes.known import Known, known
from inbox.views import Filters, View
from store import ruling, theming
from store.engine import Store
from store.filters import ConversationFilter
from store.lists import list_conversations
from store.ordering import Order
from store.schema import theme

PER_TRANSACTION = 25
"""Conversations; agents wait for tens of milliseconds at most."""


def apply_waiting(store: Store, settings: InboxSettings, now: datetime, *, most: int = 20) -> int:
    """Do the next stretches of every theme that waits for it; how many conversations were linked. For the worker."""
    desk = Desk(store, settings, clock=lambda: now)
    with store.read() as conn:
        waiting = [row.id for row in theming.standing(conn) if row.applying_since is not None]
    n = 0
    for theme_id in waiting:
        for _ in range(most):
            linked = _stretch(desk, theme_id)
            if linked is None:
                break
            n += linked
    return n


def _stretch(desk: Desk, theme_id: int) -> int | None:
    """Link the next conversations; None when there is nothing more to do."""
    with desk.store.read() as conn:
        one = theming.theme_by_id(conn, theme_id)
        wanted = None if one is None or one.applying_since is None else _wanted(desk, one)
        if one is None or wanted is None:
            return None
        page = list_conversations(conn, wanted, order=Order.NEWEST, limit=PER_TRANSACTION, cursor=one.applying_cursor)
    ids = [row.id for row in page.rows]

    def work(conn: Connection) -> int | None:
        return _link(desk, conn, one, ids, page.next_cursor)

    return desk.store.write_again(work)


def _link(desk: Desk, conn: Connection, read: Row[Any], ids: Sequence[int], cursor: str | None) -> int | None:
    steps.lock_all(conn, ids)
    current = theming.theme_by_id(conn, read.id, lock=True)
    if current is None or (current.version, current.applying_cursor) != (read.version, read.applying_cursor):
        return 0  # changed meanwhile, or another worker was here: look again
    now_known = known(conn)
    messages = by_conversation(ruling.messages_of(conn, ids))
    n = 0
    for number in ids:
        at = _raised_at(now_known, current.id, messages.get(number, ()))
        if at is None or theming.verdicts_of(conn, number).get(current.id) in linking.REFUSED:
            continue
        n += linking.link_by_query(desk, conn, steps.load(conn, number), current, at=at).event_id is not None
    values: dict[str, Any] = {"applying_cursor": cursor, "applied_n": current.applied_n + n}
    if cursor is None:
        values["applying_since"] = None
    conn.execute(theme.update().where(theme.c.id == current.id).values(**values))
    return None if cursor is None and not n else n


def _raised_at(now_known: Known, theme_id: int, messages: Sequence[Row[Any]]) -> datetime | None:
    """When the theme's query was matched first."""
    return next((one.sort_at for one in messages if theme_id in now_known.raised(one.title, one.text)), None)


def _wanted(desk: Desk, one: Row[Any]) -> ConversationFilter | None:
    try:
        base = lists.filter_of(View.ALL, 0, desk.clock())
        return lists.narrowed(desk, base, Filters(search=one.query, since=one.applying_since))
    except BadSearch:
        return None
