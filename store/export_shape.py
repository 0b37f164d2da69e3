"""What an export is made of: columns that say what they hold, and rows of a table column by column.

Values are plain, so that nothing is converted per row: an instant is microseconds since 1970-01-01 UTC, a list of words
a tuple, a document JSON text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, FromClause, Text, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from store.clock_columns import Micros
from store.schema import event, mention
from store.types import Instant, JsonDoc


class Kind(StrEnum):
    """Types of columns."""

    ID = "id"
    """An integer that names a row; too long for the numbers of a spreadsheet."""
    INTEGER = "integer"
    REAL = "real"
    FLAG = "flag"
    TEXT = "text"
    INSTANT = "instant"
    WORDS = "words"
    DOCUMENT = "document"


class Veil(StrEnum):
    """What the pseudonymised variant makes of a column."""

    NONE = "none"
    ACCOUNT = "account"
    """The id of an account: a pseudonym, the same in every table."""
    HANDLE = "handle"
    NAME = "name"
    USER = "user"
    """The id of a colleague: a pseudonym, the same in every table."""
    POST = "post"
    """What names a post on its platform: a pseudonym, so that answers still find what they answer."""
    GONE = "gone"
    """Leads to a person or a post: left empty."""
    PROSE = "prose"
    """What somebody wrote: personal data, handles and links in it are replaced."""
    STEP = "step"
    """What changed in a step: kept but for what names or quotes people."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an exported table.

    Attributes:
        name: as in the file.
        kind: its type.
        meaning: for the data dictionary.
        unit: of a number, such as s or 0-1; empty where there is none.
        veil: what the pseudonymised variant makes of it.
        theirs: content of the platform, which does not leave where its terms let ids only go.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    veil: Veil = Veil.NONE
    theirs: bool = False


@dataclass(slots=True)
class Batch:
    """Some rows, column by column, in the order of the table's columns."""

    columns: list[Sequence[Any]]
    n: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What an export is bounded by, so that the same one again gives the same rows: the highest ids at its start."""

    mention_id: int
    event_id: int

    @property
    def highest(self) -> int:
        """Bound of whatever else has an id: ids grow with time over all tables."""
        return max(self.mention_id, self.event_id)


def snapshot(conn: Connection) -> Snapshot:
    """The bounds now, 0 where there is nothing (primary keys)."""
    found = [conn.execute(select(func.max(each.c.id))).scalar_one() or 0 for each in (mention, event)]
    return Snapshot(*(int(one) for one in found))


class _JsonText(FunctionElement[str]):
    """A document as JSON text, which is how SQLite keeps it."""

    inherit_cache = True
    name = "json_text"
    type = Text()


@compiles(_JsonText, "sqlite")
def _json_text_sqlite(element: _JsonText, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(_JsonText, "postgresql")
def _json_text_postgresql(element: _JsonText, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)})::text"


class _Together(FunctionElement[str]):
    """Texts of several rows as one JSON array, in no order; nothing or an empty array where there is none."""

    inherit_cache = True
    name = "together"
    type = Text()


@compiles(_Together, "sqlite")
def _together_sqlite(element: _Together, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kw)})"


@compiles(_Together, "postgresql")
def _together_postgresql(element: _Together, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_agg({compiler.process(element.clauses, **kw)})::text"


def gathered(text: ColumnElement[str], rows: FromClause, *where: ColumnElement[bool]) -> ColumnElement[str]:
    """Texts that belong to each row of a query, for `words`; asking for them beside it costs several times more."""
    return select(_Together(text)).select_from(rows).where(*where).scalar_subquery()


@lru_cache(16_384)
def words(array: str | None) -> tuple[str, ...]:
    """The texts of a JSON array in their order."""
    return tuple(sorted(orjson.loads(array))) if array else ()


def plain(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """A column of the store as an export reads it, labelled so that it hides no column of another table."""
    if isinstance(column.type, Instant):
        column = Micros(column)
    elif isinstance(column.type, JsonDoc):
        column = _JsonText(column)
    return column.label(f"out_{name}")
