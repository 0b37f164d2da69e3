"""Themes at work: what routing calls for every conversation it looks at, inside its own transaction.

Safe to repeat: a link that stands is left, and what somebody took off or declined stays off.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from inbox import steps
from inbox.desk import Desk
from inbox.themes import linking
from inbox.themes.known import Known, known
from store import theming

_LEFT_ALONE = frozenset({"spam", "ignored"})


def asks(conn: Connection) -> bool:
    """Whether any theme has a query."""
    return bool(known(conn).nodes)


def on_messages(desk: Desk, conn: Connection, row: Row[Any], messages: Iterable[Row[Any]]) -> Row[Any]:
    """Link a locked conversation to the themes that new messages raise; gives the row as it then stands."""
    if row.status in _LEFT_ALONE:
        return row
    return link_raised(desk, conn, row, messages)[0]


def link_raised(desk: Desk, conn: Connection, row: Row[Any], messages: Iterable[Row[Any]]) -> tuple[Row[Any], int]:
    """Link a locked conversation to whatever its messages raise; the row as it then stands, and how many links."""
    now_known = known(conn)
    raised = first_raised(now_known, messages)
    if not raised:
        return row, 0
    said = theming.verdicts_of(conn, row.id)
    n = 0
    for theme_id, at in raised.items():
        if said.get(theme_id) in linking.REFUSED:
            continue
        if linking.link_by_query(desk, conn, row, now_known.rows[theme_id], at=at).event_id is not None:
            row = steps.load(conn, row.id)
            n += 1
    return row, n


def first_raised(now_known: Known, messages: Iterable[Row[Any]]) -> dict[int, datetime]:
    """When each theme was raised first in some messages, oldest first."""
    found: dict[int, datetime] = {}
    for one in messages:
        for theme_id in now_known.raised(one.title, one.text):
            found.setdefault(theme_id, one.sort_at)
    return found
