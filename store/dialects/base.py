"""What an engine must offer the store. Does not know any table's meaning, only how to move rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table


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

    @abstractmethod
    def serialize(self, conn: Connection, name: str) -> None:
        """Let only one transaction at a time pass here under this name, until it ends."""

    @abstractmethod
    def patience(self, conn: Connection, seconds: int) -> None:
        """Wait this long for locks on this connection, for the rest of its life."""

    @abstractmethod
    def insert_rows(self, conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Insert many new rows; all have the same keys. A duplicate key raises IntegrityError."""

    @abstractmethod
    def insert_ignore(self, conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Insert many rows; those whose key stands already are left as they are."""
