"""The one seam between engines: everything that SQLite and PostgreSQL do differently, but for index DDL."""

from sqlalchemy import URL

from store.dialects.base import StoreDialect
from store.dialects.postgresql import PostgresDialect
from store.dialects.sqlite import SqliteDialect
from store.errors import StoreUnavailableError

__all__ = ["PostgresDialect", "SqliteDialect", "StoreDialect", "dialect_for"]


def dialect_for(url: URL, *, checkpoints: bool = True, durable: bool = True) -> StoreDialect:
    """The dialect that serves this URL.

    Raises:
        StoreUnavailableError: the URL names neither SQLite nor PostgreSQL.
    """
    backend = url.get_backend_name()
    if backend == "sqlite":
        return SqliteDialect(url, checkpoints=checkpoints, durable=durable)
    if backend in {"postgresql", "postgres"}:
        return PostgresDialect(url)
    msg = f"database {backend!r} is not supported; write sqlite:///data/klankbord.db or postgresql://user@host/name"
    raise StoreUnavailableError(msg)
