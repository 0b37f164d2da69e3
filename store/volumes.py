"""Volumes for charts, each from the smallest roll-up that tells apart what is asked about.

Never counts the mention table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, case, func, literal, select

from store.schema import (
    brand,
    rollup_day,
    rollup_day_all,
    rollup_day_brand,
    rollup_day_source,
    rollup_hour,
    rollup_hour_all,
    theme_day,
    theme_day_all,
)

Dimension = Literal["source_id", "brand_id", "lang", "kind", "sentiment"]
ThemeDimension = Literal["theme_id", "source_id", "brand_id"]
Grain = Literal["day", "hour"]
SENTIMENTS = ("negative", "neutral", "positive", "unsure", "")
"""The sentiments that are counted; "" is what nobody scored."""
ALL_BRANDS = ""

_FEW_SOURCES = 25
_MOST_MOMENTS = 20_000
"""Days or hours that are looked up one by one for a few sources; over more of them the range is read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is counted. Empty tuples mean "any"; `brand_ids` without any is the total, each mention once.

    `late`: only what was found more than a day after it was said.
    """

    brand_ids: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    late: bool = False


class Volume(NamedTuple):
    """Mentions of one day (local date) or hour (aware UTC, when it began) under one key; `late` of `n` came late."""

    at: Any
    key: str
    n: int
    late: int


def volumes(
    conn: Connection,
    wanted: Wanted,
    *,
    grain: Grain,
    first: date | datetime,
    until: date | datetime,
    by: Dimension | None = None,
) -> list[Volume]:
    """Volume per day or hour in [first, until), in order of moment and key; what is empty is left out.

    Args:
        conn: a connection of `Store.read()`.
        wanted: what is counted. A mention of two brands counts at each of them where several are asked for.
        grain: day or hour.
        first: a local day for `day`, an aware instant for `hour`.
        until: the same.
        by: split by this dimension.
    """
    table = _table(wanted, grain, by)
    at = table.c[grain]
    key = _key(table, by)
    query = _narrowed(conn, table, wanted, (at, first, until), by)
    if by == "sentiment":
        moods = [mood for mood in SENTIMENTS if not wanted.sentiments or mood in wanted.sentiments]
        columns = [column for mood in moods for column in _sums(table, (mood,))]
        rows = conn.execute(query.with_only_columns(at, *columns).group_by(at).order_by(at)).all()
        return [
            Volume(row[0], mood, row[1 + 2 * place], row[2 + 2 * place])
            for row in rows
            for place, mood in enumerate(moods)
            if row[1 + 2 * place]
        ]
    columns = _sums(table, wanted.sentiments)
    query = query.with_only_columns(at, key, *columns).group_by(at, *([] if by is None else [key]))
    rows = conn.execute(query.order_by(at, *([] if by is None else [key]))).all()
    return [Volume(*row) for row in rows if row[2]]


def totals(
    conn: Connection, wanted: Wanted, *, first: date, until: date, by: Dimension | None = None
) -> dict[str, tuple[int, int, int]]:
    """What was counted on the local days in [first, until), by key: how many, how many late, and folded copies."""
    table = _table(wanted, "day", by)
    query = _narrowed(conn, table, wanted, (table.c.day, first, until), by)
    copies = func.sum(table.c.n_copies)
    if by == "sentiment":
        columns = [column for mood in SENTIMENTS for column in _sums(table, (mood,))]
        row = conn.execute(query.with_only_columns(*columns)).one()
        moods = {mood: _three((*row[2 * place : 2 * place + 2], 0)) for place, mood in enumerate(SENTIMENTS)}
        asked = wanted.sentiments or SENTIMENTS
        return {mood: told for mood, told in moods.items() if told[0] and mood in asked}
    key = _key(table, by)
    query = query.with_only_columns(key, *_sums(table, wanted.sentiments), copies)
    rows = conn.execute(query if by is None else query.group_by(key)).all()
    counted: dict[str, tuple[int, int, int]] = {row[0]: _three(row[1:]) for row in rows}
    return {key: told for key, told in counted.items() if any(told)}


def theme_volumes(
    conn: Connection,
    wanted: Wanted,
    *,
    first: date,
    until: date,
    theme_ids: Sequence[int] = (),
    by: ThemeDimension | None = None,
) -> list[Volume]:
    """Conversations that raise themes per local day in [first, until), in order of day and key.

    A conversation counts at each theme it raises.
    """
    table, where = _themes(conn, wanted, theme_ids, by, (first, until))
    key = _key(table, by)
    keys = [] if by is None else [key]
    query = select(table.c.day, key, func.sum(table.c.n)).where(*where).group_by(table.c.day, *keys)
    rows = conn.execute(query.order_by(table.c.day, *keys))
    return [Volume(day, str(name), n, 0) for day, name, n in rows if n]


def theme_totals(
    conn: Connection,
    wanted: Wanted,
    *,
    first: date,
    until: date,
    theme_ids: Sequence[int] = (),
    by: ThemeDimension | None = None,
) -> dict[str, int]:
    """The same of all these days together, by key."""
    table, where = _themes(conn, wanted, theme_ids, by, (first, until))
    key = _key(table, by)
    query = select(key, func.sum(table.c.n)).where(*where)
    rows = conn.execute(query if by is None else query.group_by(key))
    return {str(name): int(n) for name, n in rows if n}


def counted_of(table: Table, sentiments: Sequence[str]) -> ColumnElement[Any]:
    """The column, or the sum of columns, of a roll-up that counts these sentiments; all of them without any."""
    c = table.c
    if not sentiments or set(sentiments) >= set(SENTIMENTS):
        return c.n
    columns: dict[str, ColumnElement[int]] = {mood: c[f"n_{mood}"] for mood in SENTIMENTS if mood}
    columns[""] = c.n - c.n_negative - c.n_neutral - c.n_positive - c.n_unsure
    found: ColumnElement[int] = literal(0)
    for mood in SENTIMENTS:
        if mood in sentiments:
            found += columns[mood]
    return found


def _three(sums: Sequence[Any]) -> tuple[int, int, int]:
    """Sums of nothing are None."""
    n, late, copied = (int(one or 0) for one in sums)
    return n, late, copied


def _in_one_process(conn: Connection) -> None:
    """Let PostgreSQL read roll-ups as they lie, until the transaction ends: helpers cost more than a chart's few rows.

    Of 10 million mentions over two years, a split by source takes 100 ms of processor time so, and 280 ms with helpers.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")


def _themes(
    conn: Connection, wanted: Wanted, theme_ids: Sequence[int], by: str | None, days: tuple[date, date]
) -> tuple[Table, list[ColumnElement[bool]]]:
    """The table that counts these, and its conditions. The one per source is served by ix_theme_day_source."""
    _in_one_process(conn)
    table = theme_day if wanted.source_ids or by == "source_id" else theme_day_all
    c = table.c
    where = [c.day >= days[0], c.day < days[1], c.brand_id.in_(_brand_ids(conn, wanted, by))]
    if theme_ids:
        where.append(c.theme_id.in_(sorted(set(theme_ids))))
    if wanted.source_ids:
        where.append(c.source_id.in_(sorted(set(wanted.source_ids))))
    return table, where


def _table(wanted: Wanted, grain: Grain, by: Dimension | None) -> Table:
    """The smallest roll-up that tells apart what is asked about."""
    of_source = bool(wanted.source_ids) or by == "source_id"
    of_said = bool(wanted.langs or wanted.kinds) or by in {"lang", "kind"}
    if grain == "hour":
        return rollup_hour if of_source or of_said else rollup_hour_all
    if of_source:
        return rollup_day if of_said else rollup_day_source
    return rollup_day_all if of_said else rollup_day_brand


def _key(table: Table, by: str | None) -> ColumnElement[Any]:
    return literal("") if by is None or by == "sentiment" else table.c[by]


def _sums(table: Table, sentiments: Sequence[str]) -> list[ColumnElement[Any]]:
    n = counted_of(table, sentiments)
    return [func.sum(n), func.sum(case((table.c.late, n), else_=0))]


def _narrowed(
    conn: Connection, table: Table, wanted: Wanted, when: tuple[ColumnElement[Any], Any, Any], by: Dimension | None
) -> Select[Any]:
    """`when`: the column of time, and from when until when."""
    _in_one_process(conn)
    c = table.c
    at, first, until = when
    query = select(literal(1)).select_from(table).where(c.brand_id.in_(_brand_ids(conn, wanted, by)))
    few = 0 < len(wanted.source_ids) <= _FEW_SOURCES
    moments = _moments(conn, query, at, first, until) if few else None
    query = query.where(at >= first, at < until) if moments is None else query.where(at.in_(moments))
    if wanted.source_ids:
        query = query.where(c.source_id.in_(sorted(set(wanted.source_ids))))
    for name, values in (("lang", wanted.langs), ("kind", wanted.kinds)):
        if values:
            query = query.where(c[name].in_(sorted(set(values))))
    return query.where(c.late) if wanted.late else query


def _brand_ids(conn: Connection, wanted: Wanted, by: str | None) -> list[str]:
    if wanted.brand_ids:
        return sorted(set(wanted.brand_ids))
    if by == "brand_id":
        return list(conn.execute(select(brand.c.id).order_by(brand.c.id)).scalars())
    return [ALL_BRANDS]


def _moments(
    conn: Connection, query: Select[Any], at: ColumnElement[Any], first: date | datetime, until: date | datetime
) -> list[Any] | None:
    """Every day or hour in [first, until), so that each is one look-up by the key; None when they are too many.

    A local hour begins at the same minute all year, but in a time zone whose summer time is half an hour: there the
    range is read.
    """
    step = timedelta(hours=1) if isinstance(first, datetime) else timedelta(days=1)
    within = query.with_only_columns(at).where(at >= first, at < until).limit(1)
    begin: Any = conn.execute(within.order_by(at)).scalar()
    end: Any = conn.execute(within.order_by(at.desc())).scalar()
    if begin is None:
        return []
    n, rest = divmod(end - begin, step)
    return None if rest or n > _MOST_MOMENTS else [begin + place * step for place in range(n + 1)]
