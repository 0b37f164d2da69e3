"""SQLite: embedded, one file, WAL. The figures behind each pragma stand in docs/store.md."""

from __future__ import annotations

import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Date,
    Engine,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DatabaseError

from store.dialects.base import Row, StoreDialect
from store.errors import StoreUnavailableError
from store.types import Instant, JsonDoc, to_micros

# Versions 3.7.0 to 3.51.2 can corrupt a WAL database when two connections write or checkpoint at once
# (https://sqlite.org/wal.html#walresetbug), which is what a collector beside a dashboard does.
FIRST_SAFE_SQLITE = (3, 51, 3)
BUSY_MS = 5000
# Per connection, and filled by whatever passes through it. 64 MiB made a worker's memory grow for days and saved no
# time at a million rows, because the operating system keeps the pages too.
CACHE_KIB = 16_384
_SHRED_PAGES = 500


def driver() -> ModuleType:
    """The DBAPI module with the newest SQLite: the `pysqlite3` wheel where there is one, else the standard one."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    module: ModuleType = dbapi2
    return module


class _Compiler(SQLiteCompiler):
    """Writes `with_hint(table, "INDEXED BY ...", "sqlite")`, which SQLAlchemy leaves out for SQLite."""

    def get_from_hint_text(self, table: object, text: str | None) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        return text


class SqliteDialect(StoreDialect):
    """SQLite in WAL mode with `synchronous=FULL`; every writing transaction starts with BEGIN IMMEDIATE.

    A default engine starts writing transactions deferred: of 800 concurrent increments it lost 681.
    `mmap_size` is never set: it worsens the corruption that old versions risk and measured no gain.
    """

    name = "sqlite"

    def __init__(self, url: URL, *, checkpoints: bool = True, durable: bool = True) -> None:
        if url.database in {None, "", ":memory:"}:
            msg = "an SQLite store needs a file, such as sqlite:///data/klankbord.db"
            raise StoreUnavailableError(msg)
        self.module = driver()
        self.safe = tuple(self.module.sqlite_version_info) >= FIRST_SAFE_SQLITE
        # With an unsafe version one process alone moves the log into the file, which avoids the known race.
        self._checkpoint_pages = 8000 if self.safe or checkpoints else 0
        self._synchronous = "FULL" if durable else "OFF"
        self._url = url.set(drivername="sqlite")
        self._turn = threading.Lock()

    def create_engine(self) -> Engine:
        """Create the folder of the file if needed, and the engine."""
        if not self.safe:
            warnings.warn(
                f"this Python brings SQLite {self.module.sqlite_version}, which can corrupt a database that two "
                "processes write; install the pysqlite3 wheel or use SQLite 3.51.3 or newer",
                RuntimeWarning,
                stacklevel=3,
            )
        folder = Path(str(self._url.database)).expanduser().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"cannot make the folder {folder} for the database: {error.strerror}"
            raise StoreUnavailableError(msg) from error
        engine = create_engine(
            self._url.set(database=str(Path(str(self._url.database)).expanduser())),
            module=self.module,
            connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
            pool_size=8,
            max_overflow=32,
            pool_timeout=30,
        )
        engine.dialect.statement_compiler = _Compiler
        event.listen(engine, "connect", self._on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine

    def _on_connect(self, connection: Any, _record: Any) -> None:
        # The driver must not start transactions by itself; `_on_begin` does.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            _switch_to_wal(cursor, self.module.OperationalError)
            cursor.execute(f"PRAGMA synchronous = {self._synchronous}")
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            cursor.execute("PRAGMA temp_store = MEMORY")
            # What is deleted is overwritten with zeros: erasing somebody must reach the bytes of the file.
            cursor.execute("PRAGMA secure_delete = ON")
            cursor.execute(f"PRAGMA wal_autocheckpoint = {self._checkpoint_pages}")
        finally:
            cursor.close()

    def write_options(self) -> dict[str, Any]:
        """Take the write lock when the transaction starts."""
        return {"klankbord_write": True}

    def read_options(self) -> dict[str, Any]:
        """A plain BEGIN: a snapshot, taken at the first read."""
        return {"klankbord_write": False}

    def serialize(self, conn: Connection, name: str) -> None:
        """Nothing to do: BEGIN IMMEDIATE already lets only one writer in."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A lock of this process before the lock of the file.

        SQLite does not queue who waits for its lock but lets each sleep and try again, so that of thirty busy threads
        some never got it within the busy timeout. Who waits as long as that here goes on without: the file decides.
        """
        mine = self._turn.acquire(timeout=BUSY_MS / 1000)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    def patience(self, conn: Connection, seconds: int) -> None:
        """Set the busy timeout."""
        cursor = conn.connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        cursor.close()

    def insert_rows(self, conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """One executemany of the driver; half the CPU of the same through SQLAlchemy's parameters."""
        if not rows:
            return
        statement, encoders = _insert(table, tuple(columns))
        if encoders:
            rows = [_encoded(row, encoders) for row in rows]
        conn.exec_driver_sql(statement, list(rows))

    def upsert_rows(
        self,
        conn: Connection,
        table: Table,
        rows: Sequence[dict[str, Any]],
        update: Sequence[str] = (),
        *,
        add: Sequence[str] = (),
    ) -> None:
        """One executemany with ON CONFLICT."""
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
        """One executemany of the driver; a third of the CPU of the same through SQLAlchemy's parameters."""
        if not rows:
            return
        statement, encoders = _insert(table, tuple(columns))
        if encoders:
            rows = [_encoded(row, encoders) for row in rows]
        conn.exec_driver_sql(statement + _merging(table, tuple(add), tuple(replace)), list(rows))

    def insert_or_keep(
        self, conn: Connection, table: Table, rows: Sequence[dict[str, Any]], *, unique: Sequence[str]
    ) -> None:
        """One executemany with ON CONFLICT DO NOTHING."""
        if rows:
            conn.execute(_keep(table, tuple(unique)), list(rows))

    def among(self, column: ColumnElement[Any], values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
        """Through json_each."""
        listed = bindparam("listed", orjson.dumps(list(values)).decode(), type_=Text, unique=True)
        return column.in_(_LISTED.bindparams(listed))

    def lock_tables(self, conn: Connection, tables: Sequence[Table]) -> None:
        """Nothing to do: BEGIN IMMEDIATE already lets only one writer in."""

    def problems(self, engine: Engine) -> list[str]:
        """`integrity_check` of the pages, and FTS5's own check of the index against the texts."""
        with engine.connect() as conn:
            lines = [str(row[0]) for row in conn.exec_driver_sql("PRAGMA integrity_check(5)")]
            found = [] if lines == ["ok"] else lines
            try:
                conn.exec_driver_sql("INSERT INTO mention_fts(mention_fts, rank) VALUES ('integrity-check', 1)")
            except DatabaseError as error:
                found.append(f"the full-text index does not fit the texts ({error.orig})")
            conn.rollback()
        return found

    def optimize(self, engine: Engine) -> None:
        """`PRAGMA optimize`, and a bounded merge of FTS5 segments, so that writers wait shortly."""
        with engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA analysis_limit = 1000")
            conn.exec_driver_sql("PRAGMA optimize")
            conn.exec_driver_sql("INSERT INTO mention_fts(mention_fts, rank) VALUES ('merge', 500)")
            conn.commit()

    def shred(self, engine: Engine, *, whole: bool = False) -> list[str]:
        """Merge the full-text index down to what stands, step by step, and move the log into the file.

        Deleted words stay in FTS5's segments until these are merged; a negative count begins a merge of all of them
        (https://sqlite.org/fts5.html#the_merge_command). Deleted rows were overwritten when they went.
        """
        with engine.connect() as conn:
            pages = -_SHRED_PAGES
            while True:
                before = conn.exec_driver_sql("SELECT total_changes()").scalar_one()
                conn.exec_driver_sql("INSERT INTO mention_fts(mention_fts, rank) VALUES ('merge', ?)", (pages,))
                conn.commit()
                if conn.exec_driver_sql("SELECT total_changes()").scalar_one() - before < 2:
                    break
                conn.commit()
                pages = _SHRED_PAGES
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            if whole:
                cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = any(row[0] for row in cursor.fetchall())
        finally:
            raw.close()
        left = []
        if busy:
            left.append("somebody was reading, so the log beside the database was not emptied; it is within the hour")
        if not whole:
            left.append("a database made before version 0.2 may hold old copies in free pages; `--vacuum` rewrites it")
        return left

    def should_retry(self, error: Exception) -> bool:
        """The write lock did not come within the busy timeout."""
        return isinstance(getattr(error, "orig", None), self.module.OperationalError) and "locked" in str(error)


# As text: the same built of functions costs eight times as much, and a small page asks this a dozen times.
_LISTED = text("SELECT value FROM json_each(:listed)")


@cache
def _upsert(table: Table, update: tuple[str, ...], add: tuple[str, ...]) -> Insert:
    """INSERT with ON CONFLICT on the primary key; made once, as making it costs more than running it."""
    statement = sqlite_insert(table)
    key = list(table.primary_key)
    changes: dict[str, Any] = {name: statement.excluded[name] for name in update}
    changes |= {name: table.c[name] + statement.excluded[name] for name in add}
    if changes:
        return statement.on_conflict_do_update(index_elements=key, set_=changes)
    return statement.on_conflict_do_nothing(index_elements=key)


@cache
def _keep(table: Table, unique: tuple[str, ...]) -> Insert:
    """INSERT that leaves a row which stands."""
    return sqlite_insert(table).on_conflict_do_nothing(index_elements=list(unique))


@cache
def _merging(table: Table, add: tuple[str, ...], replace: tuple[str, ...]) -> str:
    """The end of an INSERT that adds to some columns of a row which stands, and writes others anew."""
    key = ", ".join(column.name for column in table.primary_key)
    changes = [f"{name} = {name} + excluded.{name}" for name in add]
    changes += [f"{name} = excluded.{name}" for name in replace]
    return f" ON CONFLICT ({key}) DO UPDATE SET {', '.join(changes)}"


Encoder = tuple[int, Callable[[Any], Any]]


@cache
def _insert(table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[Encoder, ...]]:
    """The INSERT statement, and what has to be done to which value first (column types do it elsewhere)."""
    marks = ", ".join("?" for _ in columns)
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608  our own names
    encoders: list[Encoder] = []
    for position, name in enumerate(columns):
        kind = table.c[name].type
        if isinstance(kind, Instant):
            encoders.append((position, to_micros))
        elif isinstance(kind, JsonDoc):
            encoders.append((position, _json_text))
        elif isinstance(kind, Date):
            encoders.append((position, str))
    return statement, tuple(encoders)


def _encoded(row: Row, encoders: tuple[Encoder, ...]) -> Row:
    values = list(row)
    for position, encode in encoders:
        if values[position] is not None:
            values[position] = encode(values[position])
    return tuple(values)


def _json_text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _switch_to_wal(cursor: Any, locked: type[Exception]) -> None:
    """Switch a new file to WAL. The switch ignores the busy timeout, so two starting processes take turns here."""
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except locked:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _on_begin(conn: Connection) -> None:
    conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get("klankbord_write") else "BEGIN")
