"""Small facts about a workspace (table `setting`), by key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from store.engine import Store
from store.schema import setting


def fact(conn: Connection, key: str) -> Any:
    """What is kept under a key (primary key); None when nothing is."""
    return conn.execute(select(setting.c.value).where(setting.c.key == key)).scalar()


def keep_fact(store: Store, conn: Connection, key: str, value: Any) -> None:
    """Keep a fact inside the caller's transaction, in place of what stood there."""
    store.dialect.upsert_rows(conn, setting, [{"key": key, "value": value}], update=("value",))
