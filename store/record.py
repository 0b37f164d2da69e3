"""The record of people and settings: every event that is not about a conversation, newest first, by keyset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, literal_column, or_, select

from store.schema import event

# In words of its own, not as a parameter: an index of some rows serves only who names the same condition.
_NO_CONVERSATION = literal_column("event.object_type") != literal_column("'conversation'")


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A line as it is kept."""

    id: int
    at: datetime
    actor_type: str
    actor_id: int | None
    object_type: str
    object_id: str
    action: str
    after: Any


def record(
    conn: Connection,
    *,
    limit: int,
    before: int | None = None,
    actions: Sequence[str] = (),
    settings_only: bool = False,
    person_id: int | None = None,
) -> list[RecordRow]:
    """Lines of the record, newest first. Served by ix_event_record.

    Args:
        conn: a connection of `Store.read()`.
        limit: at most so many.
        before: only lines with a smaller id.
        actions: only these; all when empty.
        settings_only: only what is about no person.
        person_id: only what this person did, or what was done to them.
    """
    query = select(*(event.c[name] for name in RecordRow.__slots__)).where(_NO_CONVERSATION)
    if before is not None:
        query = query.where(event.c.id < before)
    if actions:
        query = query.where(event.c.action.in_(actions))
    if settings_only:
        query = query.where(event.c.object_type != "user")
    if person_id is not None:
        about = (event.c.object_type == "user") & (event.c.object_id == str(person_id))
        query = query.where(or_(event.c.actor_id == person_id, about))
    return [RecordRow(*row) for row in conn.execute(query.order_by(event.c.id.desc()).limit(limit))]
