"""PostgreSQL through psycopg 3: for when one machine or one file is outgrown."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from store.dialects.base import StoreDialect


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
            connect_args={"connect_timeout": 10, "options": "-c timezone=UTC"},
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

    def insert_rows(self, conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """One executemany (pipelined by psycopg)."""
        if rows:
            conn.execute(table.insert(), list(rows))

    def insert_ignore(self, conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """One executemany with ON CONFLICT DO NOTHING."""
        if rows:
            conn.execute(pg_insert(table).on_conflict_do_nothing(), list(rows))
