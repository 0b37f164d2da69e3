"""Are the roll-ups true? Recompute them from the mentions, compare, and rebuild when they must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from store.commit.rollups import Deltas
from store.engine import Store
from store.schema import mention, mention_brand, rollup_day, rollup_hour


@dataclass(frozen=True, slots=True)
class RollupDifference:
    """A roll-up row that is not what the mentions say. `key` is brand, day or hour, source, language, sentiment."""

    table: str
    key: tuple[str, ...]
    stored: tuple[float, ...]
    true: tuple[float, ...]


def check_rollups(store: Store, *, timezone: str, most: int = 100) -> list[RollupDifference]:
    """Compare the roll-ups with a recount of all mentions, in one snapshot; at most `most` differences.

    Args:
        store: which.
        timezone: IANA name by which they were kept; another one shows as differences (then rebuild).
        most: stop after so many.
    """
    with store.snapshot() as conn:
        true = _recount(conn, timezone)
        days = {
            (row.brand_id, row.day, row.source_id, row.lang, row.sentiment): (row.n, row.n_rating, row.sum_rating)
            for row in conn.execute(select(rollup_day))
        }
        hours = {(row.brand_id, row.hour): (row.n,) for row in conn.execute(select(rollup_hour))}
    found = list(_differences("rollup_day", days, {key: tuple(value) for key, value in true.days.items()}))
    found += _differences("rollup_hour", hours, {key: (value,) for key, value in true.hours.items()})
    return found[:most]


def rebuild_rollups(store: Store, *, timezone: str) -> None:
    """Replace the roll-ups by a recount, after the time zone of the workspace changed or a check found differences.

    Holds the write lock throughout; on PostgreSQL commits of pages wait meanwhile.
    """
    with store.write() as conn:
        store.dialect.lock_tables(conn, (rollup_day, rollup_hour))
        conn.execute(rollup_day.delete())
        conn.execute(rollup_hour.delete())
        _recount(conn, timezone).write(conn, store.dialect)


def _recount(conn: Connection, timezone: str) -> Deltas:
    deltas = Deltas(ZoneInfo(timezone))
    brands: dict[int, list[str]] = {}
    for row in conn.execute(select(mention_brand.c.mention_id, mention_brand.c.brand_id)):
        brands.setdefault(row.mention_id, []).append(row.brand_id)
    columns = ("id", "sort_at", "source_id", "lang", "rating", "sentiment")
    query = select(*(mention.c[name] for name in columns)).where(
        mention.c.direction == "inbound", mention.c.dup_of.is_(None)
    )
    for row in conn.execute(query.execution_options(yield_per=5000)):
        deltas.add(
            sort_at=row.sort_at,
            source_id=row.source_id,
            lang=row.lang,
            rating=row.rating,
            sentiment=row.sentiment,
            brand_ids=brands.get(row.id, ()),
        )
    return deltas


def _differences(
    table: str, stored: Mapping[Any, tuple[float, ...]], true: Mapping[Any, tuple[float, ...]]
) -> Iterator[RollupDifference]:
    for key in sorted({*stored, *true}, key=repr):
        width = len(next(iter((stored or true).values())))
        have, want = stored.get(key, (0.0,) * width), true.get(key, (0.0,) * width)
        # Sums of ratings are floats added in another order.
        if any(abs(one - other) > 1e-6 * max(1.0, abs(other)) for one, other in zip(have, want, strict=True)):
            yield RollupDifference(table, tuple(map(str, key)), tuple(have), tuple(want))
