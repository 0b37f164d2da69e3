"""Appending what happens to people, teams, rules, tags, sources and the like to the record of events.

What happens to a conversation is a step of it and goes through `inbox.steps`, which locks it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from inbox.desk import Desk
from store.schema import event


def append(
    desk: Desk,
    conn: Connection,
    about: tuple[str, str],
    action: str,
    *,
    actor_id: int | None,
    after: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
) -> int:
    """Append an event inside the caller's transaction; gives its id.

    Args:
        desk: for its clock and ids.
        conn: a writing transaction.
        about: type and id of the object.
        action: its code.
        actor_id: who did it; None: the command line, or somebody who is not signed in.
        after: what is so now, or what else the event tells under `facts`.
        before: what was so.
    """
    event_id = desk.store.new_id()
    conn.execute(event.insert().values(**_values(desk, event_id, about, action, actor_id, before=before, after=after)))
    return event_id


def append_all(
    desk: Desk,
    conn: Connection,
    made: Sequence[tuple[tuple[str, str], Mapping[str, Any]]],
    action: str,
    *,
    actor_id: int | None,
) -> None:
    """Append the same step for many objects at once: type and id of each, and what is so now of it."""
    if made:
        ids = desk.store.new_ids(len(made))
        rows = [
            _values(desk, event_id, about, action, actor_id, before=None, after=after)
            for event_id, (about, after) in zip(ids, made, strict=True)
        ]
        conn.execute(event.insert(), rows)


def _values(
    desk: Desk,
    event_id: int,
    about: tuple[str, str],
    action: str,
    actor_id: int | None,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> dict[str, Any]:
    object_type, object_id = about
    return {
        "id": event_id,
        "at": desk.clock(),
        "actor_type": "human" if actor_id is not None else "rule",
        "actor_id": actor_id,
        "object_type": object_type,
        "object_id": object_id,
        "action": action,
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
    }
