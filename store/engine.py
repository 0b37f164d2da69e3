"""The way into the store: open it, read in a transaction, write in a transaction, migrate it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store import migrate as migrations
from store.dialects import StoreDialect, dialect_for
from store.errors import SchemaTooOldError, StoreUnavailableError
from store.ids import IdLease, IdMaker, TransactionIds, choose
from store.schema import id_lease

__all__ = ["Store", "open_store", "utc_now"]

_TRIES = 5
_Made = TypeVar("_Made")


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

    def __init__(self, dialect: StoreDialect, *, url: str, clock: Callable[[], datetime]) -> None:
        self.url = url
        self.dialect = dialect
        self.engine: Engine = dialect.create_engine()
        self.clock = clock
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
        shared: _Shared | None = getattr(self._local, "shared", None)
        if shared is None:
            with self._connection(self.dialect.read_options()) as conn, conn.begin():
                yield conn
        else:
            with shared.reading() as conn:
                yield conn

    @contextmanager
    def reading_together(self) -> Iterator[None]:
        """Let every `read()` of this thread in the block share one transaction, begun at the first of them.

        For drawing one page, which reads some thirty times: beginning and ending a transaction cost more than most
        of those reads. What this thread writes ends it, so that the next read sees it. Keep the block short.
        """
        if getattr(self._local, "shared", None) is not None:
            yield
            return
        shared = self._local.shared = _Shared(self._reading)
        try:
            yield
        finally:
            self._local.shared = None
            shared.end()

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
        outer: TransactionIds | None = getattr(self._local, "ids", None)
        if outer is None and self._ids_possible():
            self._ids.ensure()
        turn = nullcontext() if outer is not None else self.dialect.turn()
        self._spend_shared()
        try:
            with turn, self._connection(self.dialect.write_options()) as conn:
                ids = TransactionIds(self._ids, lambda: _reserved(conn))
                with conn.begin():
                    self._local.ids = ids
                    try:
                        yield conn
                    finally:
                        self._local.ids = outer
                    for node, until_s in ids.chosen.items():
                        self._reserve_node(conn, node, until_s)
                ids.kept()
        finally:
            self._spend_shared()

    def write_again(self, work: Callable[[Connection], _Made]) -> _Made:
        """Do some work in a writing transaction of its own, and anew (at most five times) where that collided.

        Args:
            work: everything it does must be inside its transaction, because it may be done more than once.

        Raises:
            StoreUnavailableError: the database cannot be reached.
            DBAPIError: it collided every time, or failed for another reason.
        """
        tries = 1
        while True:
            try:
                with self.write() as conn:
                    return work(conn)
            except DBAPIError as error:
                if tries == _TRIES or not self.dialect.should_retry(error):
                    raise
                tries += 1

    def new_id(self) -> int:
        """A new 53-bit id, growing within this process and unique over all processes of this store."""
        return self.new_ids(1)[0]

    def new_ids(self, count: int) -> list[int]:
        """So many new ids, growing; as many as anybody likes, in a transaction as long as it takes."""
        ids: TransactionIds | None = getattr(self._local, "ids", None)
        # beside an open transaction others may write, on PostgreSQL: what is reserved there is everybody's at once
        return ids.take(count) if ids is not None and self.is_sqlite else self._ids.take(count)

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
        rest = self._ids.unused()
        if rest is not None:
            lease, from_s = rest
            # the node may have been reserved again since, behind our stretch, and by another store of this process
            ours = (id_lease.c.node == lease.node, id_lease.c.owner == self._owner, id_lease.c.until_s == lease.until_s)
            try:
                with self._connection(self.dialect.write_options()) as conn, conn.begin():
                    conn.execute(id_lease.update().where(*ours).values(until_s=from_s))
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

    def _reading(self, stack: ExitStack) -> Connection:
        conn = stack.enter_context(self._connection(self.dialect.read_options()))
        conn.begin()
        return conn

    def _spend_shared(self) -> None:
        shared: _Shared | None = getattr(self._local, "shared", None)
        if shared is not None:
            shared.spend()

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
        with self.dialect.turn(), self._connection(self.dialect.write_options()) as conn, conn.begin():
            self.dialect.serialize(conn, "klankbord ids")
            lease = choose(_reserved(conn), now_s=now_s, after_s=after_s)
            self._reserve_node(conn, lease.node, lease.until_s)
        return lease

    def _reserve_node(self, conn: Connection, node: int, until_s: int) -> None:
        row = {"node": node, "until_s": until_s, "owner": self._owner}
        self.dialect.upsert_rows(conn, id_lease, [row], ("until_s", "owner"))


def _reserved(conn: Connection) -> dict[int, int]:
    return {row.node: row.until_s for row in conn.execute(select(id_lease))}


class _Shared:
    """The transaction that the reads of one thread share; begun when the first of them comes."""

    def __init__(self, begin: Callable[[ExitStack], Connection]) -> None:
        self._begin = begin
        self._stack = ExitStack()
        self._conn: Connection | None = None
        self._readers = 0
        self._spent = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The connection, for one read. After an error nobody reads in that transaction any more."""
        if self._conn is None:
            self._conn = self._begin(self._stack)
        self._readers += 1
        try:
            yield self._conn
        except BaseException:  # raised again; whatever it was, the transaction is spent
            self._spent = True
            raise
        finally:
            self._readers -= 1
            if self._spent and self._readers == 0:
                self.end()

    def spend(self) -> None:
        """The store changes: end now, or as soon as the reads that are under way have ended."""
        if self._readers:
            self._spent = True
        else:
            self.end()

    def end(self) -> None:
        """End the transaction; the next read begins another."""
        self._conn, self._spent = None, False
        self._stack.close()


def open_store(
    url: str,
    *,
    clock: Callable[[], datetime] = utc_now,
    checkpoints: bool = True,
    durable: bool = True,
) -> Store:
    """Open the store behind a database URL; does not migrate it.

    Args:
        url: `sqlite:///relative/or//absolute.db` or `postgresql://user:password@host/name`.
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
    store = Store(dialect_for(parsed, checkpoints=checkpoints, durable=durable), url=url, clock=clock)
    try:
        migrations.refuse_newer(store.schema_version())
    except BaseException:  # raised again; only the connections may not stay open
        store.engine.dispose()
        raise
    return store
