"""Moving a whole store to another engine: SQLite to PostgreSQL when one machine is outgrown, and back.

The target is written in one transaction: it holds everything, verified, or nothing. Full text is not copied but
made anew by the target's own triggers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Table, func, literal, select, text, tuple_
from sqlmodel import SQLModel

import store.tables  # noqa: F401  registers the tables
from store.engine import Store
from store.errors import StoreError
from store.schema import id_lease, media_picture
from store.types import to_micros

BATCH = 1_000
BATCH_OF_PICTURES = 20
"""Each takes some 200 kB, and more."""
Progress = Callable[[str, int, int], None]


class TransferRefusedError(StoreError):
    """The target is not empty, or the versions differ; nothing was changed."""


class TransferFailedError(StoreError):
    """What arrived is not what was sent; the target was left empty."""


@dataclass(frozen=True, slots=True)
class TableMoved:
    """One table that arrived whole: its rows, and the checksum that both sides have."""

    table: str
    rows: int
    checksum: str


def transfer(source: Store, target: Store, *, progress: Progress | None = None) -> list[TableMoved]:
    """Copy every table of one store into another, empty one, and verify it by counts and checksums.

    Stop everything that writes to the source first: what is written after the start is not copied.

    Args:
        source: where the rows are; read in one snapshot.
        target: a store that is migrated to the same version and holds no rows.
        progress: called with (table, rows done, rows in all).

    Raises:
        TransferRefusedError: the versions differ, or the target holds rows.
        TransferFailedError: counts or checksums differ after copying.
    """
    if source.schema_version() != target.schema_version():
        msg = (
            f"the source is at version {source.schema_version() or 'empty'} and the target at "
            f"{target.schema_version() or 'empty'}; run klankbord migrate on both first"
        )
        raise TransferRefusedError(msg)
    with target.write() as there, source.read() as here:
        _require_empty(there)
        moved = [_move(here, there, table, progress) for table in tables()]
        _take_over_ids(here, there)
        _verify_search(there, next(one.rows for one in moved if one.table == "mention"))
    return moved


def tables() -> list[Table]:
    """Every table that is copied. Reservations of ids are taken over apart, because the target made its own."""
    return [table for table in SQLModel.metadata.sorted_tables if table is not id_lease]


def checksum(rows: Iterable[Sequence[Any]]) -> tuple[int, str]:
    """Count and checksum of rows, the same on both engines and in any order.

    The sum, modulo 2^64, of an 8-byte BLAKE2b of each row.
    """
    count = total = 0
    for row in rows:
        count += 1
        digest = hashlib.blake2b(
            orjson.dumps([_plain(value) for value in row], option=orjson.OPT_SORT_KEYS), digest_size=8
        )
        total += int.from_bytes(digest.digest(), "big")
    return count, f"{total % (1 << 64):016x}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_micros(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return _same_number(value)


def _same_number(value: Any) -> Any:
    """JSON of PostgreSQL does not tell 1 from 1.0; neither does this."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_same_number(one) for one in value]
    if isinstance(value, dict):
        return {key: _same_number(one) for key, one in value.items()}
    return value


def _require_empty(there: Connection) -> None:
    for table in tables():
        if there.execute(select(table).limit(1)).first() is not None:
            msg = f"the target holds rows already (in {table.name}); transfer into a new, empty database"
            raise TransferRefusedError(msg)


def _move(here: Connection, there: Connection, table: Table, progress: Progress | None) -> TableMoved:
    total = here.execute(select(func.count()).select_from(table)).scalar_one()
    done = 0

    def passing() -> Iterator[Sequence[Any]]:
        nonlocal done
        for rows in _batches(here, table):
            there.execute(table.insert(), [dict(zip(table.c.keys(), row, strict=True)) for row in rows])
            done += len(rows)
            if progress is not None:
                progress(table.name, done, total)
            yield from rows

    sent = checksum(passing())
    arrived = checksum(row for rows in _batches(there, table) for row in rows)
    if sent != arrived:
        msg = (
            f"table {table.name}: {sent[0]} rows with checksum {sent[1]} were sent, {arrived[0]} with {arrived[1]} "
            "arrived; nothing was kept"
        )
        raise TransferFailedError(msg)
    return TableMoved(table.name, *sent)


def _batches(conn: Connection, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
    """All rows along the primary key, in short pieces."""
    key = list(table.primary_key.columns)
    places = [table.c.keys().index(column.key) for column in key]
    most = BATCH_OF_PICTURES if table is media_picture else BATCH
    query = select(table).order_by(*key).limit(most)
    rows = conn.execute(query).all()
    while rows:
        yield rows
        last = [literal(rows[-1][place], column.type) for place, column in zip(places, key, strict=True)]
        rows = conn.execute(query.where(tuple_(*key) > tuple_(*last))).all() if len(rows) == most else []


def _take_over_ids(here: Connection, there: Connection) -> None:
    """Ids made from now on must be larger than any that was copied: keep the later end of each reservation."""
    ours = {row.node: row.until_s for row in there.execute(select(id_lease))}
    for row in here.execute(select(id_lease)).all():
        until_s = max(row.until_s, ours.get(row.node, 0))
        if row.node in ours:
            there.execute(id_lease.update().where(id_lease.c.node == row.node).values(until_s=until_s))
        else:
            there.execute(id_lease.insert().values(node=row.node, until_s=until_s, owner=row.owner))


def _verify_search(there: Connection, mentions: int) -> None:
    """The full text must hold every mention."""
    if there.dialect.name == "sqlite":
        there.execute(text("INSERT INTO mention_fts(mention_fts, rank) VALUES ('integrity-check', 1)"))
        return
    found = there.execute(text("SELECT count(*) FROM mention_search")).scalar_one()
    if found != mentions:
        msg = f"the full text holds {found} of {mentions} mentions; nothing was kept"
        raise TransferFailedError(msg)
