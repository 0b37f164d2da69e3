"""Muting a thread: new messages no longer open it. For threads that go on without us, such as a heated discussion.

It changes nothing else: what is open stays open until somebody closes it. Opening it by hand takes the mute off.
"""

from __future__ import annotations

from sqlalchemy import Connection

from inbox import steps
from inbox.desk import Desk
from inbox.views import CurrentUser, Done


def mute(desk: Desk, user: CurrentUser, conversation_id: int, *, muted: bool, version: int | None = None) -> Done:
    """Mute a conversation, or take the mute off.

    Raises:
        NotFound, ClaimedByOther, Changed: see `inbox.errors`.
    """
    with desk.store.write() as conn:
        return mute_in(desk, conn, user, conversation_id, muted=muted, version=version)


def mute_in(
    desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, *, muted: bool, version: int | None
) -> Done:
    """The same inside the caller's transaction."""
    now = desk.clock()
    row = steps.load(conn, conversation_id)
    steps.check_free(conn, row, user, now)
    steps.check_unchanged(conn, row, user, version)
    code = "muted" if muted else "unmuted"
    if (row.muted_at is not None) is muted:
        return steps.nothing(row, code)
    step = steps.Step(code, {"muted_at": now if muted else None})
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)
