"""Are the counters of themes true? Recount them from the links, compare, and rebuild when they must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from store.engine import Store
from store.rollups import RollupDifference
from store.schema import conversation_theme, theme_day, theme_day_all
from store.theming import CounterKey, Link, add_counts, counts_of


def check_theme_counts(store: Store, *, most: int = 100) -> list[RollupDifference]:
    """Compare the counters with a recount of all links, in one snapshot; at most `most` differences."""
    with store.snapshot() as conn:
        true = _recount(conn)
        rows = conn.execute(select(theme_day)).all()
        sums = conn.execute(select(theme_day_all)).all()
    stored = {(row.theme_id, row.day, row.brand_id, row.source_id): row.n for row in rows}
    together: Counter[tuple[str, date, int]] = Counter()
    for (theme_id, day, brand_id, _), n in true.items():
        together[brand_id, day, theme_id] += n
    found = _differences("theme_day", stored, true)
    found += _differences("theme_day_all", {(row.brand_id, row.day, row.theme_id): row.n for row in sums}, together)
    return found[:most]


def rebuild_theme_counts(store: Store) -> None:
    """Replace the counters by a recount. Holds the write lock throughout."""
    with store.write() as conn:
        store.dialect.lock_tables(conn, (conversation_theme, theme_day, theme_day_all))
        conn.execute(theme_day.delete())
        conn.execute(theme_day_all.delete())
        add_counts(conn, store, _recount(conn))


def _differences(table: str, stored: Mapping[Any, int], true: Mapping[Any, int]) -> list[RollupDifference]:
    keys = sorted(key for key in {*stored, *true} if stored.get(key, 0) != true.get(key, 0))
    return [RollupDifference(table, tuple(map(str, key)), (stored.get(key, 0),), (true.get(key, 0),)) for key in keys]


def _recount(conn: Connection) -> Counter[CounterKey]:
    c = conversation_theme.c
    found: Counter[CounterKey] = Counter()
    query = select(c.theme_id, c.conversation_id, c.day, c.source_id, c.brand_ids, c.how, c.linked_by, c.linked_at)
    for row in conn.execute(query.execution_options(yield_per=5000)):
        found.update(counts_of([Link(*row[:4], tuple(row.brand_ids or ()), *row[5:])]))
    return found
