"""Rows of a query streamed in the order of a key, in constant memory, on both engines.

On PostgreSQL one server-side cursor reads one snapshot. On SQLite each batch is a short transaction of its own, because
a reader that stays open keeps the write-ahead log from being moved into the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select

from store.engine import Store

BATCH = 2_000
Rows = Sequence[Sequence[Any]]
Keys = Callable[[Connection, int], Select[Any] | None]
"""Ids behind a key, as column `id`, that alone may be wanted; None where all may be."""
_Made = TypeVar("_Made")


def streamed(
    store: Store,
    query: Select[Any],
    key: ColumnElement[Any],
    complete: Callable[[Connection, Rows], _Made],
    *,
    keys: Keys | None = None,
    after: int = 0,
) -> Iterator[_Made]:
    """What `complete` makes of the rows of a query, batch by batch in the order of a key.

    Args:
        store: the store.
        query: its first column is the key.
        key: unique, an integer above 0.
        complete: looks up what belongs to the rows, in the transaction they were read in.
        keys: the ids that may be wanted, from an index that the query cannot walk along.
        after: start behind this key.
    """
    ordered = query.order_by(key)
    if not store.is_sqlite:
        with store.read() as conn:
            some = keys(conn, after) if keys is not None else None
            if some is not None:
                ordered = ordered.where(key.in_(some))
            cursor = conn.execution_options(stream_results=True, yield_per=BATCH)
            with cursor.execute(ordered.where(key > after)) as result:
                for rows in result.partitions(BATCH):
                    yield complete(conn, rows)
        return
    while True:
        with store.read() as conn:
            some = keys(conn, after) if keys is not None else None
            if some is None:
                rows = conn.execute(ordered.where(key > after).limit(BATCH)).all()
                walked = [row[0] for row in rows[-1:]] if len(rows) == BATCH else []
            else:
                ids = list(conn.execute(some.order_by("id").limit(BATCH)).scalars())
                rows = conn.execute(ordered.where(key.in_(ids))).all()
                walked = ids[-1:] if len(ids) == BATCH else []
            made = complete(conn, rows) if rows else None
        if made is not None:
            yield made
        if not walked:
            return
        (after,) = walked
