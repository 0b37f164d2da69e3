"""Counting everything in the sidebar at one moment: open work exactly and in one scan, the rest up to a cap."""

from __future__ import annotations

from sqlalchemy import Connection

from inbox import lists
from inbox.desk import Desk
from inbox.errors import BadSearch
from inbox.saved_views import keeping
from inbox.saved_views.views import Badges, SavedCount, SavedView
from inbox.views import CurrentUser, View, ViewCount
from store.badges import capped_count, count_views
from store.filters import ConversationFilter


def badges(desk: Desk, user: CurrentUser, kept: tuple[SavedView, ...] | None = None) -> Badges:
    """Badges of the standing views and of a person's saved ones (`kept`; read when left out)."""
    now = desk.clock()
    kept = keeping.seen_by(desk, user) if kept is None else kept
    standing = {view: lists.filter_of(view, user.id, now) for view in View}
    wanted: dict[int, ConversationFilter | None] = {}
    unreadable: set[int] = set()
    for view in kept:
        try:
            wanted[view.id] = lists.narrowed(desk, standing[view.base], view.filters)
        except BadSearch:
            unreadable.add(view.id)
    in_one_scan = {
        **{view.value: one for view, one in standing.items() if _is_open(one)},
        **{str(number): one for number, one in wanted.items() if one is not None and _is_open(one)},
    }
    with desk.store.read() as conn:
        exact = count_views(conn, in_one_scan)
        return Badges(
            tuple(
                ViewCount(view, exact[view.value]) if view.value in exact else _standing(desk, conn, view, one, user.id)
                for view, one in standing.items()
            ),
            tuple(
                SavedCount(view.id, None)
                if view.id in unreadable
                else SavedCount(view.id, exact[str(view.id)])
                if str(view.id) in exact
                else _saved(conn, view.id, wanted[view.id])
                for view in kept
            ),
        )


def _is_open(wanted: ConversationFilter) -> bool:
    return wanted.settled().scope == "open" and wanted.text is None


def _standing(desk: Desk, conn: Connection, view: View, wanted: ConversationFilter, user_id: int) -> ViewCount:
    if view in lists.PICKED:
        found = lists.count_picked(conn, view, user_id)
    else:
        found = lists.count_capped(desk, conn, view, wanted)
    return ViewCount(view, found.n, found.capped)


def _saved(conn: Connection, view_id: int, wanted: ConversationFilter | None) -> SavedCount:
    if wanted is None:
        return SavedCount(view_id, 0)
    found = capped_count(conn, wanted)
    return SavedCount(view_id, found.n, found.capped)
