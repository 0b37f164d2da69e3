"""The orders of the conversation list, the sort key they need, and the opaque cursor that resumes one.

The inbox order of product.md (overdue, due soonest, priority, oldest) is one ascending walk over
`(due_key, priority, sort_at, id)`: overdue rows have the smallest due times, and `due_key` puts rows without
one behind all others. The clock is not part of it, so the order of a page never changes while it is read.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from store.types import Instant, from_micros, to_micros

# Behind every real instant. The indexes of migration 0002 spell the same expressions.
SQLITE_NEVER = "9223372036854775807"
POSTGRES_NEVER = "'infinity'::timestamptz"
_MAX_CURSOR = 400


class Order(StrEnum):
    """How a list is ordered; `match` (newest matching mention) is the order of every text search."""

    INBOX = "inbox"
    NEWEST = "newest"
    OLDEST = "oldest"
    MATCH = "match"


class DueKey(FunctionElement[datetime]):
    """`sla_due_at`, with conversations that have none behind all others. Never select it: read `sla_due_at`."""

    inherit_cache = True
    name = "due_key"
    type = Instant()


@compiles(DueKey, "sqlite")
def _due_key_sqlite(element: DueKey, compiler: SQLCompiler, **kw: Any) -> str:
    return f"coalesce({compiler.process(element.clauses, **kw)}, {SQLITE_NEVER})"


@compiles(DueKey, "postgresql")
def _due_key_postgresql(element: DueKey, compiler: SQLCompiler, **kw: Any) -> str:
    return f"coalesce({compiler.process(element.clauses, **kw)}, {POSTGRES_NEVER})"


def never(dialect: str) -> ColumnElement[Any]:
    """The due key of a conversation that has no due time."""
    return literal_column(SQLITE_NEVER if dialect == "sqlite" else POSTGRES_NEVER)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the sort key of its last row. `due_at` and `priority` count in the inbox order only."""

    order: Order
    due_at: datetime | None
    priority: int
    sort_at: datetime
    id: int


def encode(position: Position) -> str:
    """The cursor a browser carries. It holds no secret and grants nothing."""
    due = None if position.due_at is None else to_micros(position.due_at)
    fields = [position.order.value, due, position.priority, to_micros(position.sort_at), position.id]
    return base64.urlsafe_b64encode(orjson.dumps(fields)).rstrip(b"=").decode()


def decode(cursor: str | None, order: Order) -> Position | None:
    """Read a cursor back.

    Returns:
        The position; None for no cursor, and for one that is damaged or of another order: the list then starts
        at its first page, which is what a person with an old link wants.
    """
    if not cursor or len(cursor) > _MAX_CURSOR:
        return None
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        name, due, priority, sort_at, row_id = orjson.loads(raw)
        if name != order.value or not all(type(part) is int for part in (priority, sort_at, row_id)):
            return None
        if not 0 <= row_id < 1 << 63 or not abs(priority) < 1 << 31:
            return None
        due_at = None if due is None else from_micros(due)
        return Position(order, due_at, priority, from_micros(sort_at), row_id)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        return None
