"""Writing the append-only record of people: who signed in, was added, changed or let in again.

It is read by `inbox.access.record`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from inbox import events
from inbox.desk import Desk

USER = "user"


def record(
    desk: Desk, conn: Connection, action: str, user_id: int | None, *, actor_id: int | None, **facts: Any
) -> None:
    """Append a line; without an actor it was done on the command line, or by somebody who is not signed in.

    `user_id` is whom it is about; None for somebody nobody knows.
    """
    about = (USER, "" if user_id is None else str(user_id))
    events.append(desk, conn, about, action, actor_id=actor_id, after={"facts": facts})
