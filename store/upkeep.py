"""What keeps the store quick and within its promises over time: retention of side tables, optimising."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from store.engine import Store
from store.ids import id_floor
from store.schema import near_key, unmatched


def forget_unmatched(store: Store, *, before: datetime) -> int:
    """Remove items that no brand query matched and that were found before an instant (aware UTC); how many."""
    with store.write() as conn:
        return int(conn.execute(delete(unmatched).where(unmatched.c.found_at < before)).rowcount)


def forget_near_keys(store: Store, *, before: datetime) -> int:
    """Remove what mentions stored before an instant (aware UTC) are found by; how many keys.

    Copies fold within 30 days of each other, so what was stored longer ago matters only to what is collected late.
    """
    with store.write() as conn:
        return int(conn.execute(delete(near_key).where(near_key.c.mention_id < id_floor(before))).rowcount)


def optimize(store: Store) -> None:
    """Renew the planner's statistics and merge the full-text index. For a quiet hour; readers and writers go on."""
    store.dialect.optimize(store.engine)
