"""What keeps the store quick and within its promises over time: retention of side tables, optimising."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from store.engine import Store
from store.schema import unmatched


def forget_unmatched(store: Store, *, before: datetime) -> int:
    """Remove items that no brand query matched and that were found before an instant (aware UTC); how many."""
    with store.write() as conn:
        return int(conn.execute(delete(unmatched).where(unmatched.c.found_at < before)).rowcount)


def optimize(store: Store) -> None:
    """Renew the planner's statistics and merge the full-text index. For a quiet hour; readers and writers go on."""
    store.dialect.optimize(store.engine)
