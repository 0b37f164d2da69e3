"""What an engine must offer the store. Does not know any table's meaning, only how to move rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table

Row = tuple[Any, ...]


class StoreDialect(ABC):
    """One engine's way of connecting, locking and writing many rows."""

    name: str

    @abstractmethod
    def create_engine(self) -> Engine:
        """An engine whose pool suits the threads of a dashboard and of a worker."""

    @abstractmethod
    def write_options(self) -> dict[str, Any]:
        """Execution options of a connection that is going to write."""

    @abstractmethod
    def read_options(self) -> dict[str, Any]:
        """Execution options of a connection that only reads."""

    def snapshot_options(self) -> dict[str, Any]:
        """Execution options of a connection that reads one state of the store in many statements."""
        return self.read_options()

    @abstractmethod
    def serialize(self, conn: Connection, name: str) -> None:
        """Let only one transaction at a time pass here under this name, until it ends."""

    def turn(self) -> AbstractContextManager[None]:
        """Let the writing threads of this process wait for each other where the engine has only one writer."""
        return nullcontext()

    @abstractmethod
    def patience(self, conn: Connection, seconds: int) -> None:
        """Wait this long for locks on this connection, for the rest of its life."""

    @abstractmethod
    def insert_rows(self, conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert many new rows, values in the order of `columns`; the fastest way the engine has.

        Raises:
            sqlalchemy.exc.IntegrityError: SQLite, a key stands already (psycopg.errors.UniqueViolation on PostgreSQL).
        """

    @abstractmethod
    def upsert_rows(
        self,
        conn: Connection,
        table: Table,
        rows: Sequence[dict[str, Any]],
        update: Sequence[str] = (),
        *,
        add: Sequence[str] = (),
    ) -> None:
        """Insert many rows; where the primary key stands, change what `update` says.

        Args:
            conn: a writing transaction.
            table: where.
            rows: all with the same keys.
            update: columns that take the new value; without any the row that stands is left.
            add: columns to which the new value is added.
        """

    @abstractmethod
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
        """Insert many rows; where the primary key stands, add to the columns in `add` and write those in `replace`.

        The fastest way the engine has; values in the order of `columns`, no key twice.
        """

    @abstractmethod
    def insert_or_keep(
        self, conn: Connection, table: Table, rows: Sequence[dict[str, Any]], *, unique: Sequence[str]
    ) -> None:
        """Insert many rows; where one with the same `unique` columns stands, leave it."""

    @abstractmethod
    def lock_tables(self, conn: Connection, tables: Sequence[Table]) -> None:
        """Let nobody else write these tables until the transaction ends."""

    @abstractmethod
    def among(self, column: ColumnElement[Any], values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
        """`column` is one of `values` (many): one parameter, so that the statement is prepared once."""

    @abstractmethod
    def problems(self, engine: Engine) -> list[str]:
        """What is wrong with the database itself, in sentences; [] when it is sound. Reads everything."""

    @abstractmethod
    def optimize(self, engine: Engine) -> None:
        """Renew the planner's statistics and merge the full-text index; readers and writers go on."""

    @abstractmethod
    def shred(self, engine: Engine, *, whole: bool = False) -> list[str]:
        """Let nothing of deleted rows be left in the files, as far as the engine can while others go on.

        Args:
            engine: of this store.
            whole: rewrite the whole database, which needs room for a copy and keeps writers waiting.

        Returns:
            What is left for a person to see to, in sentences.
        """

    @abstractmethod
    def should_retry(self, error: Exception) -> bool:
        """Whether the transaction failed only because of another one, so that running it again can help."""
