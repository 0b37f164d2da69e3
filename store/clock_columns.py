"""What both engines work out alike of instants: microseconds, the hour of the week, and what was found late."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

LATE_AFTER = timedelta(days=1)
"""What was found longer than this after it was said came late."""
HOURS_OF_WEEK = 168
_EARLIER_WEEKS = 20_000
"""Weeks that are added before hours are counted, so that what lies before 1970 is not counted backwards."""
_MICROSECOND = timedelta(microseconds=1)
_AN_HOUR = timedelta(hours=1) // _MICROSECOND


class Micros(FunctionElement[int]):
    """An instant as microseconds since 1970, which is how SQLite keeps it."""

    inherit_cache = True
    name = "micros"
    type = BigInteger()


@compiles(Micros, "sqlite")
def _micros_sqlite(element: Micros, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(Micros, "postgresql")
def _micros_postgresql(element: Micros, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(extract(epoch FROM {compiler.process(element.clauses, **kw)}) * 1000000)::bigint"


def said_in(instant: ColumnElement[Any], hours: Collection[int]) -> ColumnElement[bool]:
    """Whether an instant lies in one of these hours of the UTC week; 0 is Thursday 0:00, as 1970-01-01 was one."""
    positive = Micros(instant) + literal_column(str(_EARLIER_WEEKS * HOURS_OF_WEEK * _AN_HOUR), BigInteger)
    hour = positive // literal_column(str(_AN_HOUR), BigInteger)
    return (hour % literal_column(str(HOURS_OF_WEEK), BigInteger)).in_(sorted(set(hours)))


def found_late(first_seen_at: ColumnElement[Any], said_at: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether something was found more than `LATE_AFTER` after it was said."""
    return Micros(first_seen_at) - Micros(said_at) > LATE_AFTER // _MICROSECOND
