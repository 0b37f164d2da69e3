"""PostgreSQL through psycopg 3: for when one machine or one file is outgrown."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    URL,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Engine,
    Float,
    Integer,
    LargeBinary,
    Table,
    Text,
    any_,
    bindparam,
    create_engine,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.types import TypeEngine

from store.dialects.base import Row, StoreDialect
from store.types import Instant, JsonDoc


class PostgresDialect(StoreDialect):
    """PostgreSQL, READ COMMITTED; reading connections are marked read-only so that a stray write is refused."""

    name = "postgresql"

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")

    def create_engine(self) -> Engine:
        """An engine that notices a restarted server before it hands out a dead connection."""
        return create_engine(
            self._url,
            pool_size=8,
            max_overflow=32,
            pool_timeout=30,
            pool_pre_ping=True,
            # Compiling a query takes longer than most of ours run.
            connect_args={"connect_timeout": 10, "options": "-c timezone=UTC -c jit=off"},
        )

    def write_options(self) -> dict[str, Any]:
        """Nothing special: rows are locked as they are written."""
        return {}

    def read_options(self) -> dict[str, Any]:
        """BEGIN READ ONLY."""
        return {"postgresql_readonly": True}

    def serialize(self, conn: Connection, name: str) -> None:
        """An advisory lock that ends with the transaction."""
        key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    def patience(self, conn: Connection, seconds: int) -> None:
        """Set the lock timeout."""
        cursor = conn.connection.cursor()  # below SQLAlchemy, so that its transaction can still begin
        cursor.execute(f"SET lock_timeout = '{int(seconds)}s'")
        cursor.close()

    def insert_rows(self, conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Binary COPY straight into the table: the caller has locked the namespace, so no key can clash."""
        if not rows:
            return
        statement, types = _copy(table, tuple(columns))
        driver: Any = conn.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def upsert_rows(
        self,
        conn: Connection,
        table: Table,
        rows: Sequence[dict[str, Any]],
        update: Sequence[str] = (),
        *,
        add: Sequence[str] = (),
    ) -> None:
        """One executemany with ON CONFLICT (pipelined by psycopg)."""
        if not rows:
            return
        conn.execute(_upsert(table, tuple(update), tuple(add)), list(rows))

    def add_rows(
        self,
        conn: Connection,
        table: Table,
        columns: Sequence[str],
        rows: Sequence[Row],
        add: Sequence[str] = (),
        *,
        replace: Sequence[str] = (),
    ) -> None:
        """One statement over arrays: one way to the server and back."""
        if rows:
            arrays = tuple([list(values) for values in zip(*rows, strict=True)])
            conn.exec_driver_sql(_merging(table, tuple(columns), tuple(add), tuple(replace)), arrays)

    def insert_or_keep(
        self, conn: Connection, table: Table, rows: Sequence[dict[str, Any]], *, unique: Sequence[str]
    ) -> None:
        """One executemany with ON CONFLICT DO NOTHING."""
        if rows:
            conn.execute(_keep(table, tuple(unique)), list(rows))

    def among(self, column: ColumnElement[Any], values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
        """Through an array; an empty one would have no type."""
        listed = list(values)
        if not listed:
            return false()
        kind = ARRAY(BigInteger if isinstance(listed[0], int) else Text)
        return column == any_(bindparam(None, listed, type_=kind, unique=True))

    def lock_tables(self, conn: Connection, tables: Sequence[Table]) -> None:
        """EXCLUSIVE: readers go on."""
        conn.exec_driver_sql(f"LOCK TABLE {', '.join(table.name for table in tables)} IN EXCLUSIVE MODE")

    def snapshot_options(self) -> dict[str, Any]:
        """REPEATABLE READ: one snapshot for all statements."""
        return {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}

    def problems(self, engine: Engine) -> list[str]:
        """The server guards its own pages; what can differ is our search table."""
        missing = (
            "SELECT count(*) FROM mention WHERE NOT EXISTS "
            "(SELECT FROM mention_search WHERE mention_search.mention_id = mention.id)"
        )
        with engine.connect() as conn:
            absent = conn.exec_driver_sql(missing).scalar_one()
        return [f"{absent} mentions are missing from the full-text index"] if absent else []

    def optimize(self, engine: Engine) -> None:
        """Statistics only: autovacuum looks after the indexes."""
        with engine.begin() as conn:
            conn.exec_driver_sql("ANALYZE")

    def shred(self, engine: Engine, *, whole: bool = False) -> list[str]:
        """VACUUM: what was deleted may be overwritten from now on, and its index entries go at once."""
        command = "VACUUM (FULL)" if whole else "VACUUM"
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql(command)
        left = ["archived WAL and replicas hold old rows until they are rotated or have caught up"]
        if not whole:
            left.insert(
                0, "PostgreSQL keeps bytes of deleted rows in free space until it is used again; `--vacuum` rewrites it"
            )
        return left

    def should_retry(self, error: Exception) -> bool:
        """Deadlock or serialization failure."""
        return getattr(getattr(error, "orig", error), "sqlstate", None) in {"40P01", "40001"}


@cache
def _upsert(table: Table, update: tuple[str, ...], add: tuple[str, ...]) -> Insert:
    """INSERT with ON CONFLICT on the primary key; made once, as making it costs more than running it."""
    statement = pg_insert(table)
    key = list(table.primary_key)
    changes: dict[str, Any] = {name: statement.excluded[name] for name in update}
    changes |= {name: table.c[name] + statement.excluded[name] for name in add}
    if changes:
        return statement.on_conflict_do_update(index_elements=key, set_=changes)
    return statement.on_conflict_do_nothing(index_elements=key)


@cache
def _keep(table: Table, unique: tuple[str, ...]) -> Insert:
    """INSERT that leaves a row which stands."""
    return pg_insert(table).on_conflict_do_nothing(index_elements=list(unique))


@cache
def _merging(table: Table, columns: tuple[str, ...], add: tuple[str, ...], replace: tuple[str, ...]) -> str:
    """The INSERT that adds to some columns of a row which stands and writes others anew, in the order of the rows."""
    key = ", ".join(column.name for column in table.primary_key)
    arrays = ", ".join(f"%s::{_type_name(table.c[name].type)}[]" for name in columns)
    changes = [f"{name} = {table.name}.{name} + excluded.{name}" for name in add]
    changes += [f"{name} = excluded.{name}" for name in replace]
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT * FROM unnest({arrays}) "  # noqa: S608  our own names
        f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(changes)}"
    )


@cache
def _copy(table: Table, columns: tuple[str, ...]) -> tuple[str, list[str]]:
    """The COPY statement and the types of its columns as PostgreSQL names them."""
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    return statement, [_type_name(table.c[name].type) for name in columns]


def _type_name(kind: TypeEngine[Any]) -> str:
    for known, name in (
        (Instant, "timestamptz"),
        (JsonDoc, "jsonb"),
        (BigInteger, "int8"),
        (Integer, "int4"),
        (Boolean, "bool"),
        (Float, "float8"),
        (LargeBinary, "bytea"),
        (Date, "date"),
    ):
        if isinstance(kind, known):
            return name
    return "text"
