"""Two years of roll-ups made directly, as ingest would have left them of so many mentions; the mentions are not there.

Sources and brands by Zipf's law, each source mostly in one language and of one kind, hours as people are awake. Rows go
in as each engine takes them fastest: they are what is read, not what is measured.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import polars as pl
from sqlalchemy import Connection

from benchmarks.bulk import insert
from inbox.trends import asking
from store.commit.rollups import COUNTED, KEYS
from store.engine import Store
from store.schema import author, brand, source, theme, theme_day, theme_day_all, top_day

LAST = date(2026, 3, 9)
ZONE = ZoneInfo("Europe/Amsterdam")
SOURCES = [f"source{number:03d}" for number in range(200)]
BRANDS = ["", *(f"brand{number:02d}" for number in range(20))]
LANGS = ["nl", "en", "de", "fr", "es", "und"]
KINDS = ["post", "comment", "review", "article", "topic"]
THEMES = 500
_MOODS = ("negative", "neutral", "positive", "unsure", None)
"""The last: what nobody scored."""
_AUTHORS, _KEPT = 2_000, 300
_AT_ONCE = 250_000
"""Mentions made at a time; some days of them."""
_AWAKE = np.array([1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 10, 9, 9, 9, 10, 10, 11, 11, 11, 9, 5, 2], dtype=float)


def fill(store: Store, mentions: int, days: int) -> None:
    """Names of everything, and the roll-ups of the last `days`, the oldest first."""
    with store.write() as conn:
        _names(conn)
    a_day = max(1, mentions // days)
    at_once = max(1, _AT_ONCE // a_day)
    for number in range(days, 0, -at_once):
        some = [LAST - timedelta(days=each - 1) for each in range(number, max(0, number - at_once), -1)]
        chance = np.random.default_rng(number)
        said = _said(some, a_day * len(some), chance)
        linked = _linked(some, max(1, a_day * len(some) // 10), chance)
        with store.write() as conn:
            for table, keys in KEYS.items():
                insert(store, conn, table, _summed(said, keys))
            for table in (theme_day, theme_day_all):
                keys = tuple(column.name for column in table.primary_key.columns)
                insert(store, conn, table, linked.group_by(keys).agg(n=pl.len()).sort(keys))
            _tops(store, conn, some, a_day)
    store.dialect.optimize(store.engine)


def _said(days: list[date], n: int, chance: np.random.Generator) -> pl.DataFrame:
    """A row for each mention, and one more for its brand, with everything that decides where it counts."""
    day = chance.integers(0, len(days), n)
    starts = [asking.midnight(each, ZONE) for each in days]
    lengths = np.array([(asking.midnight(each + timedelta(days=1), ZONE) - start) // timedelta(hours=1)
                        for each, start in zip(days, starts, strict=True)])  # fmt: skip
    hour = chance.choice(24, n, p=_AWAKE / _AWAKE.sum()) % lengths[day]
    where = chance.choice(len(SOURCES), n, p=_zipf(len(SOURCES)))
    lang = np.where(chance.random(n) < 0.85, where % len(LANGS), chance.integers(0, len(LANGS), n))
    kind = np.where(chance.random(n) < 0.8, where % len(KINDS), chance.integers(0, len(KINDS), n))
    every = pl.DataFrame(
        {
            "brand_id": _named(np.zeros(n, dtype=int), BRANDS),
            "day": pl.Series(days, dtype=pl.Date).gather(day),
            "hour": pl.Series(starts, dtype=pl.Datetime("us", "UTC")).gather(day) + pl.Series(hour) * _AN_HOUR,
            "source_id": _named(where, SOURCES),
            "lang": _named(lang, LANGS),
            "kind": _named(kind, KINDS),
            "late": chance.random(n) < 0.02,
            "mood": chance.choice(len(_MOODS), n, p=[0.2, 0.5, 0.2, 0.05, 0.05]),
        }
    )
    brands = _named(chance.choice(len(BRANDS) - 1, n, p=_zipf(len(BRANDS) - 1)) + 1, BRANDS)
    return pl.concat([every, every.with_columns(brand_id=brands).filter(pl.Series(chance.random(n) < 0.9))])


_AN_HOUR = timedelta(hours=1)


def _linked(days: list[date], n: int, chance: np.random.Generator) -> pl.DataFrame:
    """A row for each theme that a conversation raises, and one more for its brand."""
    every = pl.DataFrame(
        {
            "theme_id": chance.choice(THEMES, n, p=_zipf(THEMES)) + 1,
            "day": pl.Series(days, dtype=pl.Date).gather(chance.integers(0, len(days), n)),
            "brand_id": _named(np.zeros(n, dtype=int), BRANDS),
            "source_id": _named(chance.choice(len(SOURCES), n, p=_zipf(len(SOURCES))), SOURCES),
        }
    )
    brands = _named(chance.choice(len(BRANDS) - 1, n, p=_zipf(len(BRANDS) - 1)) + 1, BRANDS)
    return pl.concat([every, every.with_columns(brand_id=brands)])


def _named(places: Any, names: list[str]) -> pl.Series:
    return pl.Series(names, dtype=pl.Enum(names)).gather(places)


def _summed(said: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    moods = {f"n_{mood}": (pl.col("mood") == place).sum() for place, mood in enumerate(_MOODS) if mood}
    counted = said.group_by(keys).agg(n=pl.len(), **moods, n_copies=pl.lit(0))
    return counted.sort(keys).select(*keys, *COUNTED)


def _tops(store: Store, conn: Connection, days: list[date], n: int) -> None:
    kept = orjson.dumps({str(one): 1 + 600 // (one % _AUTHORS + 1) for one in range(_KEPT)}).decode()
    rows = [(one, what, day, n, kept) for one in BRANDS[:2] for what in ("authors", "words") for day in days]
    store.dialect.insert_rows(conn, top_day, ("brand_id", "what", "day", "n_texts", "counts"), rows)


def _names(conn: Connection) -> None:
    conn.execute(brand.insert(), [{"id": one, "name": one, "competitor": one > "brand03"} for one in BRANDS[1:]])
    reading = {"connector": "feeds", "platform": "feeds", "every_s": 300, "archive_after_s": 10**6}
    conn.execute(source.insert(), [{"id": one, "name": one, **reading} for one in SOURCES])
    at = datetime(2024, 1, 1, tzinfo=UTC)
    themes = [{"id": one, "name": f"thema {one}", "created_at": at, "updated_at": at} for one in range(1, THEMES + 1)]
    conn.execute(theme.insert(), themes)
    people = [
        {"id": one, "external_id": str(one), "platform": "feeds", "name": f"author {one}"} for one in range(_AUTHORS)
    ]
    conn.execute(author.insert(), people)


def _zipf(n: int) -> Any:
    weights = 1.0 / np.arange(1, n + 1)
    return weights / weights.sum()
