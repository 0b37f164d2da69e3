"""The append-only record of people: who signed in, was added, changed or let in again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from inbox.desk import Desk
from inbox.views import AuditRow
from store.schema import event, user_account

USER = "user"


def record(desk: Desk, conn: Connection, action: str, user_id: int, *, actor_id: int | None, **facts: Any) -> None:
    """Append a line; without an actor it was done on the command line."""
    conn.execute(
        event.insert().values(
            id=desk.store.new_id(),
            at=desk.clock(),
            actor_type="human" if actor_id is not None else "rule",
            actor_id=actor_id,
            object_type=USER,
            object_id=str(user_id),
            action=action,
            after={"facts": facts},
        )
    )


def latest(desk: Desk, *, limit: int) -> list[AuditRow]:
    """The latest lines, newest first."""
    actor, target = user_account.alias(), user_account.alias()
    with desk.store.read() as conn:
        rows = conn.execute(
            select(event, actor.c.name.label("actor_name"))
            .join(actor, actor.c.id == event.c.actor_id, isouter=True)
            .where(event.c.object_type == USER)
            .order_by(event.c.id.desc())
            .limit(limit)
        ).all()
        ids = {int(row.object_id) for row in rows}
        found = conn.execute(select(target.c.id, target.c.name).where(target.c.id.in_(ids)))
        names = {row.id: row.name for row in found}
    return [
        AuditRow(
            id=row.id,
            at=row.at,
            actor=row.actor_name or "the command line",
            action=row.action,
            object=names.get(int(row.object_id), row.object_id),
            params=(row.after or {}).get("facts", {}),
        )
        for row in rows
    ]
