"""Figures of a month over millions of facts, against reading the facts of that month once.

The measure is every fact of the month, all columns that figures read, fetched through the bare driver: whoever tells
the median of a month cannot read less.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import orjson
import polars as pl
from sqlalchemy import select

from benchmarks.bulk import insert
from benchmarks.corpus import AGENTS, BRANDS, NOW, SOURCES, TEAMS, fill
from benchmarks.ingest import cpu_clock
from benchmarks.report import Figures
from inbox.desk import Desk
from inbox.kpis import reading
from inbox.kpis.catalogue import KPIS
from inbox.kpis.views import Asked, By
from inbox.measuring import snapshots
from inbox.measuring.kinds import Kind
from inbox.settings import InboxSettings, SlaSettings, TeamSettings
from store.engine import Store, open_store
from store.ids import id_floor
from store.indexes import INDEXES
from store.schema import conversation, kpi_fact
from store.types import from_micros, to_micros

FACTS = 3_000_000
MONTH = timedelta(days=30)
SPAN = timedelta(days=720)
VALUES_S, SPLIT_S = 5.0, 0.3
"""All figures of a month are to take less than 5 seconds, one figure split less than 0.3."""
REPEATS = 9
SLA = SlaSettings(first_response="1h", resolution="24h")
_FACTS_PER_TALK = 30
_MIX = (
    (Kind.WAITED, 20),
    (Kind.ANSWER, 16),
    (Kind.FIRST_RESPONSE, 10),
    (Kind.RESOLUTION, 10),
    (Kind.WAITING, 10),
    (Kind.DEADLINE_FIRST, 10),
    (Kind.DEADLINE_RESOLUTION, 10),
    (Kind.NEXT_RESPONSE, 8),
    (Kind.HANDLE, 6),
    (Kind.REOPENED, 1),
)
_AT_ONCE = 250_000


def run(facts: int = FACTS, *, postgres_url: str | None = None) -> list[Figures]:
    """Measure both engines over so many facts of two years, beside a thirtieth as many conversations."""
    found = Figures(
        f"Figures of a month among {facts:,} facts of two years",
        ("engine, what", "CPU p50 ms", "CPU p95 ms", "times the measure", "bar ms", "met"),
    )
    with tempfile.TemporaryDirectory(prefix="klankbord-bench-") as folder:
        for url in filter(None, (f"sqlite:///{Path(folder) / 'bench.db'}", postgres_url)):
            with _filled(url, facts) as store:
                measure(store, found)
    return [found]


def measure(store: Store, found: Figures) -> None:
    """Add the lines of one engine."""
    engine = "SQLite" if store.is_sqlite else "PostgreSQL"
    teams = tuple(TeamSettings(id=team, holidays="NL", sla=SLA) for team in TEAMS if team)
    settings = InboxSettings(timezone="Europe/Amsterdam", teams=teams)
    desk = Desk(store, settings, clock=lambda: NOW)
    month = Asked(NOW - MONTH, NOW)
    snapshots.note_missed(store, settings, NOW)  # as the worker does every minute
    clock = cpu_clock(store)
    gc.collect()
    gc.freeze()  # as the dashboard does once it has started
    once, n = _spent(clock, lambda: _read_once(store, month))
    found.add(f"{engine}: the {n:,} facts of the month, read once: the measure", _p50(once), _p95(once), 1.0, "", None)

    def told(what: str, bar_s: float, work: Callable[[], object]) -> None:
        spent, _ = _spent(clock, work)
        p50, p95, met = _p50(spent), _p95(spent), _p95(spent) <= bar_s * 1e3
        found.add(f"{engine}: {what}", p50, p95, p50 / _p50(once), bar_s * 1e3, met)
        if not met:
            found.missed.append(f"{engine}: {what}: p95 {p95:.0f} ms, the bar is {bar_s * 1e3:.0f}")

    told(f"all {len(KPIS)} figures", VALUES_S, lambda: reading.values(desk, month))
    for by in get_args(By):
        told(f"first response by {by}", SPLIT_S, partial(reading.split, desk, "first_response_time", month, by))
    told("deadlines by hour", SPLIT_S, lambda: reading.split(desk, "sla_met", month, "hour"))
    told("resolution of one team by day", SPLIT_S, lambda: _of_one(desk, month))
    told("survival curve", SPLIT_S, lambda: reading.curve(desk, month))
    told("a page of rows behind a figure", SPLIT_S, lambda: reading.rows(desk, "sla_met", month, "missed"))


def _of_one(desk: Desk, month: Asked) -> object:
    return reading.split(desk, "resolution_time", Asked(month.since, month.until, ("webcare",)), "day")


def _read_once(store: Store, month: Asked) -> int:
    kinds = ", ".join(f"'{kind.value}'" for kind, _ in _MIX)
    since, until = (
        str(to_micros(each)) if store.is_sqlite else f"'{each.isoformat()}'" for each in (month.since, month.until)
    )
    statement = (
        "SELECT kind, conversation_id, team_id, source_id, user_id, ended_at, wall_s, business_s, met, value, left_out "  # noqa: S608 - our own names
        f"FROM kpi_fact WHERE kind IN ({kinds}) AND ended_at >= {since} AND ended_at < {until} AND retracted_by IS NULL"
    )
    with store.read() as conn:
        cursor = conn.connection.cursor()
        cursor.execute(statement)
        return len(cursor.fetchall())


def _spent(clock: Callable[[], float], work: Callable[[], Any]) -> tuple[list[float], Any]:
    times, result = [], None
    for turn in range(REPEATS + 1):
        start = clock()
        result = work()
        if turn:  # the first one compiles statements and warms the cache
            times.append((clock() - start) * 1e3)
    return times, result


def _p50(times: list[float]) -> float:
    return statistics.median(times)


def _p95(times: list[float]) -> float:
    return sorted(times)[round(0.95 * (len(times) - 1))]


@contextmanager
def _filled(url: str, facts: int) -> Iterator[Store]:
    store = open_store(url, durable=False)
    store.migrate()
    fill(store, max(100, facts // _FACTS_PER_TALK))
    add_facts(store, facts)
    try:
        yield store
    finally:
        gc.unfreeze()
        store.close()


def add_facts(store: Store, count: int) -> None:
    """Facts of two years, as the steps of many agents leave them: about in the order of time."""
    with store.read() as conn:
        talks = np.array(conn.execute(select(conversation.c.id)).scalars().all())
    indexes = [index for index in INDEXES if index.table == kpi_fact.name]
    with store.write() as conn:
        for index in indexes:
            conn.exec_driver_sql(f"DROP INDEX {index.name}")
    for first in range(0, count, _AT_ONCE):
        made = _made(range(first, min(first + _AT_ONCE, count)), talks, SPAN / count)
        with store.write() as conn:
            insert(store, conn, kpi_fact, made)
    with store.write() as conn:
        for index in indexes:
            conn.exec_driver_sql(index.ddl("sqlite" if store.is_sqlite else "postgresql"))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE kpi_fact" if store.is_sqlite else "VACUUM ANALYZE kpi_fact")


def _made(numbers: range, talks: Any, step: timedelta) -> pl.DataFrame:
    n, place = len(numbers), np.arange(numbers.start, numbers.stop)
    chance = np.random.default_rng(numbers.start)
    kinds, weights = zip(*_MIX, strict=True)
    chosen = chance.choice(len(kinds), n, p=np.array(weights) / sum(weights))
    kind = pl.Series([each.value for each in kinds]).gather(chosen)
    timed = ~(kind.str.starts_with("deadline") | (kind == Kind.REOPENED.value))
    wall = chance.lognormal(8, 1.5, n)
    start = place * (step // timedelta(microseconds=1)) + to_micros(NOW - SPAN)
    ended = start + chance.integers(0, 60_000_000, n)
    brands = [orjson.dumps([one]).decode() for one in BRANDS]
    return pl.DataFrame(
        {
            "id": [id_floor(from_micros(int(each))) for each in start] + place % 1_000 + 1_000 * (place % 60),
            "kind": kind,
            "conversation_id": chance.choice(talks, n),
            "cycle": pl.repeat(1, n, eager=True),
            "team_id": pl.Series(TEAMS).gather(chance.integers(0, len(TEAMS), n)),
            "source_id": pl.Series(SOURCES).gather(np.minimum(chance.exponential(20, n).astype(int), 199)),
            "brand_ids": pl.Series(brands).gather(np.minimum(chance.exponential(10 / 3, n).astype(int), 19)),
            "user_id": chance.choice(AGENTS, n),
            "actor_type": pl.repeat("human", n, eager=True),
            "started_at": _instants(ended - (wall * 1e6).astype(int)),
            "ended_at": _instants(ended),
            "wall_s": wall,
            "business_s": wall / 3,
            "met": chance.random(n) < 0.85,
            "left_out": chance.random(n) >= 0.95,
            "event_id": place + 1,
        }
    ).with_columns(
        pl.when(timed).then(pl.col("wall_s")),
        pl.when(timed).then(pl.col("business_s")),
        pl.when(~timed).then(pl.col("met")),
        left_out=pl.when(pl.col("left_out")).then(pl.lit("no_answer_needed")),
    )


def _instants(micros: Any) -> pl.Series:
    return pl.Series(micros).cast(pl.Datetime("us", "UTC"))
