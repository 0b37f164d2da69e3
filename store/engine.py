"""The way into the store: open it, read in a transaction, write in a transaction, migrate it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store import migrate as migrations
from store.dialects import StoreDialect, dialect_for
from store.errors import SchemaTooOldError, StoreUnavailableError
from store.ids import IdLease, IdMaker, choose
from store.schema import id_lease

__all__ = ["Store", "open_store", "utc_now"]


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


class Store:
    """One database and the only way to reach it. Safe to share between threads; not between forked processes.

    Attributes:
        engine: the SQLAlchemy engine; prefer `read()` and `write()`.
        dialect: the seam for what engines do differently.
        clock: where "now" comes from, aware UTC.
    """

    def __init__(self, dialect: StoreDialect, *, url: str, node: int | None, clock: Callable[[], datetime]) -> None:
        self.url = url
        self.dialect = dialect
        self.engine: Engine = dialect.create_engine()
        self.clock = clock
        self._fixed_node = node
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._ids = IdMaker(clock, self._reserve_ids)
        self._local = threading.local()
        self._migrated = False

    @property
    def is_sqlite(self) -> bool:
        """Whether this store lives in an SQLite file."""
        return self.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction: one snapshot on SQLite, one per statement on PostgreSQL. Keep it short.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        with self._connection(self.dialect.read_options()) as conn, conn.begin():
            yield conn

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A reading transaction in which all statements see one state of the store, on both engines."""
        with self._connection(self.dialect.snapshot_options()) as conn, conn.begin():
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction: committed at the end of the block, rolled back by an exception.

        On SQLite it holds the write lock from its start (BEGIN IMMEDIATE), so read-modify-write inside it loses
        nothing; on PostgreSQL lock the rows you read (`with_for_update`) or update with a condition.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        if self._fixed_node is None and not getattr(self._local, "writing", False) and self._ids_possible():
            self._ids.ensure()
        with self._connection(self.dialect.write_options()) as conn, conn.begin():
            outer = getattr(self._local, "writing", False)
            self._local.writing = True
            try:
                yield conn
            finally:
                self._local.writing = outer

    def new_id(self) -> int:
        """A new 53-bit id, growing within this process and unique over all processes of this store."""
        return self.new_ids(1)[0]

    def new_ids(self, count: int) -> list[int]:
        """So many new ids, growing.

        Raises:
            IdsExhaustedError: one open writing transaction asked for hundreds of thousands of ids.
        """
        return self._ids.take(count, may_reserve=not getattr(self._local, "writing", False))

    def migrate(self) -> None:
        """Bring the schema to the newest version; safe when several processes do it at once.

        Raises:
            SchemaTooNewError: the database is ahead of this code.
            StoreUnavailableError: the database cannot be reached.
        """
        with self._connection(self.dialect.write_options()) as conn:
            self.dialect.patience(conn, 600)
            try:
                with conn.begin():
                    self.dialect.serialize(conn, "klankbord migrate")
                    migrations.upgrade(conn)
            finally:
                conn.invalidate()  # the long patience must not go back into the pool

    def schema_version(self) -> str:
        """The migration this database is at, "" when it is empty."""
        with self.read() as conn:
            return migrations.current(conn)

    def require_schema(self) -> None:
        """Make sure that this code and this database fit.

        Raises:
            SchemaTooOldError: migrations are missing.
            SchemaTooNewError: the database is ahead of this code.
        """
        version = self.schema_version()
        migrations.refuse_newer(version)
        if version != migrations.head():
            msg = (
                f"the database is at version {version or 'empty'} and this program needs {migrations.head()}; "
                "run: klankbord migrate"
            )
            raise SchemaTooOldError(msg)

    def close(self) -> None:
        """Give back what is left of the id reservation and close all connections."""
        used = None if self._fixed_node is not None else self._ids.used_until()
        if used is not None:
            try:
                with self._connection(self.dialect.write_options()) as conn, conn.begin():
                    conn.execute(
                        id_lease.update()
                        .where(id_lease.c.node == used.node, id_lease.c.owner == self._owner)
                        .values(until_s=used.until_s)
                    )
            except StoreUnavailableError:
                pass  # the rest of the stretch stays unused, which harms nobody
        self.engine.dispose()

    @contextmanager
    def _connection(self, options: dict[str, Any]) -> Iterator[Connection]:
        try:
            conn = self.engine.connect()
        except (OperationalError, PoolTimeoutError) as error:
            raise self._unavailable(error) from error
        with conn:
            yield conn.execution_options(**options)

    def _unavailable(self, error: Exception) -> StoreUnavailableError:
        where = make_url(self.url).render_as_string(hide_password=True)
        reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        return StoreUnavailableError(f"cannot open the database {where}: {reason.strip()}")

    def _ids_possible(self) -> bool:
        """Whether the table of reservations is there yet; it comes with the first migration."""
        if not self._migrated:
            with self.read() as conn:
                self._migrated = migrations.current(conn) != ""
        return self._migrated

    def _reserve_ids(self, now_s: int, after_s: int) -> IdLease:
        if self._fixed_node is not None:
            start = max(now_s, after_s + 1)
            return IdLease(node=self._fixed_node, from_s=start, until_s=start + 60)
        with self._connection(self.dialect.write_options()) as conn, conn.begin():
            self.dialect.serialize(conn, "klankbord ids")
            reserved = {row.node: row.until_s for row in conn.execute(select(id_lease))}
            lease = choose(reserved, now_s=now_s, after_s=after_s)
            values = {"until_s": lease.until_s, "owner": self._owner}
            if lease.node in reserved:
                conn.execute(id_lease.update().where(id_lease.c.node == lease.node).values(**values))
            else:
                conn.execute(id_lease.insert().values(node=lease.node, **values))
        return lease


def open_store(
    url: str,
    *,
    node: int | None = None,
    clock: Callable[[], datetime] = utc_now,
    checkpoints: bool = True,
    durable: bool = True,
) -> Store:
    """Open the store behind a database URL; does not migrate it.

    Args:
        url: `sqlite:///relative/or//absolute.db` or `postgresql://user:password@host/name`.
        node: a fixed id node (0-63) for tools that surely run alone; None reserves one in the store.
        clock: source of now, aware UTC.
        checkpoints: on an SQLite older than 3.51.3, whether this process moves the log into the file (one may).
        durable: False lets SQLite skip waiting for the disk; only for a file that is thrown away after a crash.

    Raises:
        StoreUnavailableError: a malformed URL, or the database cannot be reached; never tells a password.
        SchemaTooNewError: a newer Klankbord has migrated this database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        msg = "the database URL is malformed; write sqlite:///data/klankbord.db or postgresql://user@host/name"
        raise StoreUnavailableError(msg) from error
    store = Store(dialect_for(parsed, checkpoints=checkpoints, durable=durable), url=url, node=node, clock=clock)
    try:
        migrations.refuse_newer(store.schema_version())
    except BaseException:
        store.engine.dispose()
        raise
    return store
