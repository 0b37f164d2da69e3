"""How a page's commit updates many rows, each with values of its own, and tells what it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam

from store.engine import Store
from store.records import PageCommit
from store.schema import event


def update_rows(
    conn: Connection,
    table: Any,
    rows: Sequence[dict[str, Any]],
    *,
    key: str = "id",
    also: Sequence[dict[str, Any]] = (),
) -> None:
    """Update rows by `key` (the value of "at_id") in the order of their keys; `also` narrows to an index."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "at_id"]
    extra = list(also) or [{} for _ in rows]
    conditions = [table.c[key] == bindparam("at_id")]
    conditions += [table.c[name] == bindparam(f"on_{name}") for name in extra[0]]
    statement = (
        table.update()
        .where(*conditions)
        .values({name: bindparam(f"to_{name}", type_=table.c[name].type) for name in names})
    )
    bound = [
        {
            "at_id": row["at_id"],
            **{f"to_{name}": row[name] for name in names},
            **{f"on_{name}": value for name, value in narrow.items()},
        }
        for row, narrow in zip(rows, extra, strict=True)
    ]
    conn.execute(statement, sorted(bound, key=lambda row: row["at_id"]))


def append_events(
    conn: Connection,
    store: Store,
    commit: PageCommit,
    told: Sequence[tuple[int, str, dict[str, Any], dict[str, Any] | None]],
) -> None:
    """Tell the inbox what a page did to conversations: (conversation, action, before, after)."""
    if not told:
        return
    conn.execute(
        event.insert(),
        [
            {
                "id": event_id,
                "at": commit.fetched_at,
                "actor_type": "source",
                "object_type": "conversation",
                "object_id": str(conversation_id),
                "action": action,
                "before": before,
                "after": after,
            }
            for event_id, (conversation_id, action, before, after) in zip(store.new_ids(len(told)), told, strict=True)
        ],
    )
