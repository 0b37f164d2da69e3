"""What a theme's query would find, before it is kept."""

from __future__ import annotations

from datetime import timedelta

from inbox import lists
from inbox.desk import Desk
from inbox.talks import talk_of
from inbox.themes import keeping
from inbox.themes.views import BackTest
from inbox.views import Filters, View
from store.badges import capped_count
from store.lists import list_conversations
from store.ordering import Order

DAYS = 30
MOST = 1_000
"""Conversations that are counted; more are told as "1,000+"."""
_EXAMPLES = 8


def back_test(desk: Desk, query: str) -> BackTest:
    """Conversations of the last thirty days that the query matches, counted up to a thousand, and the newest of them.

    Raises:
        BadSearch: the query cannot be read.
        BadInput: it would match whatever does not hold a word.
    """
    clean = keeping.clean_query(query)
    if not clean:
        return BackTest(0, capped=False, examples=())
    now = desk.clock()
    filters = Filters(search=clean, since=now - timedelta(days=DAYS))
    wanted = lists.narrowed(desk, lists.filter_of(View.ALL, 0, now), filters)
    if wanted is None:
        return BackTest(0, capped=False, examples=())
    with desk.store.read() as conn:
        counted = capped_count(conn, wanted, cap=MOST)
        page = list_conversations(conn, wanted, order=Order.NEWEST, limit=_EXAMPLES)
    return BackTest(counted.n, counted.capped, tuple(talk_of(row) for row in page.rows))
