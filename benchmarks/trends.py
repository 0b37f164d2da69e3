"""Charts of trends over two years of mentions: how long each takes, against a bare sum over the same roll-up rows.

The roll-ups are made directly (`benchmarks.counted`): no chart reads the mentions themselves.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.counted import BRANDS, LAST, SOURCES, ZONE, fill
from benchmarks.ingest import cpu_clock
from benchmarks.report import Figures
from inbox.desk import Desk
from inbox.settings import InboxSettings
from inbox.trends import asking, heat, tops, voice, volume
from inbox.trends.views import BYS, By, Slice, Step
from store import figures
from store.commit.rollups import KEYS
from store.engine import Store, open_store
from store.schema import theme_day, theme_day_all, top_day

MENTIONS = 10_000_000
DAYS = 730
P95_MS = 300.0
_REPEATS = 12


_STANDS_ON = {
    "source": "rollup_day_source",
    "theme": "theme_day_all",
    "lang": "rollup_day_all",
    "kind": "rollup_day_all",
}


@dataclass(frozen=True)
class Chart:
    """A chart, and the rows it stands on: a table and what they are chosen by."""

    name: str
    draw: Callable[[], object]
    table: str
    where: str
    values: dict[str, Any]


def run(mentions: int = MENTIONS, *, days: int = DAYS, postgres_url: str | None = None) -> list[Figures]:
    """Draw every chart over two years in which so many mentions came in the last `days`, on each engine there is."""
    found = Figures(
        f"Trends: charts over two years of {mentions:,} mentions",
        ("engine, chart", "p50 ms", "p95 ms", "CPU p50 ms", "CPU p95 ms", "rows", "bare sum CPU ms", "ratio", "met"),
    )
    sizes = Figures("Trends: rows of the roll-ups", ("engine, table", "rows", "a mention"))
    for engine, url in (("SQLite", None), ("PostgreSQL", postgres_url)):
        if engine == "PostgreSQL" and url is None:
            continue
        with _filled(url, mentions, days) as store:
            for table in (*KEYS, theme_day, theme_day_all, top_day):
                with store.read() as conn:
                    rows = conn.execute(text(f"SELECT count(*) FROM {table.name}")).scalar_one()  # noqa: S608
                sizes.add(f"{engine}: {table.name}", rows, rows / mentions)
            for chart in charts(store):
                _measure(found, engine, store, chart)
    if not found.missed:
        found.notes.append(f"Every chart takes at most {P95_MS:g} ms of processor time, the server's too (p95).")
    found.notes.append(
        "p50 and p95 are of the wall clock, on which everything else that runs here counts as well; the bar is on the "
        "processor time of this process and the server, which is the wall clock of a machine with nothing else to do."
    )
    return [found, sizes]


def charts(store: Store) -> Iterator[Chart]:
    """Every chart of the trends, over all there is and over what narrows it."""
    desk = Desk(store, InboxSettings(timezone=ZONE.key))
    whole = Slice(LAST - timedelta(days=DAYS - 1), LAST)
    quarter = replace(whole, first=LAST - timedelta(days=91))
    month = replace(whole, first=LAST - timedelta(days=30))
    some = SOURCES[3], SOURCES[40]

    def drawn(asked: Slice, step: Step, by: By | None) -> Callable[[], object]:
        return lambda: volume.volume(desk, asked, step=step, by=by, most=volume.SHOWN)

    days = {"first": str(whole.first), "last": str(whole.last)}
    for by in (None, *BYS):
        table = _STANDS_ON.get(by or "", "rollup_day_brand")
        where = "brand_id <> ''" if by == "brand" else "brand_id = ''"
        yield Chart(f"two years by day, by {by or 'nothing'}", drawn(whole, "day", by), table, where, days)
    yield Chart(
        "two years by week, by source", drawn(whole, "week", "source"), "rollup_day_source", "brand_id = ''", days
    )
    narrow: tuple[tuple[str, Slice, By | None, str, str], ...] = (
        ("one brand, by sentiment", replace(whole, brand_ids=(BRANDS[1],)), "sentiment", "rollup_day_brand",
         "brand_id = 'brand00'"),
        ("negative only, by source", replace(whole, sentiments=("negative",)), "source", "rollup_day_source",
         "brand_id = ''"),
        ("one language and kind", replace(whole, langs=("nl",), kinds=("review",)), None, "rollup_day_all",
         "brand_id = '' AND lang = 'nl' AND kind = 'review'"),
        ("two sources, by language", replace(whole, source_ids=some), "lang", "rollup_day",
         f"brand_id = '' AND source_id IN {some}"),
        ("two sources of a brand, by kind", replace(whole, source_ids=some, brand_ids=(BRANDS[1],)), "kind",
         "rollup_day", f"brand_id = 'brand00' AND source_id IN {some}"),
        ("a theme, by source", replace(whole, theme_ids=(3,)), "source", "theme_day", "theme_id = 3 AND brand_id = ''"),
    )  # fmt: skip
    for name, asked, by, table, where in narrow:
        yield Chart(f"two years by day, {name}", drawn(asked, "day", by), table, where, days)
    since, until = asking.since_of(quarter, ZONE), asking.until_of(quarter, ZONE)
    hours = {"first": since, "last": until}
    lately = {"first": asking.since_of(month, ZONE), "last": until}
    hourly: tuple[By | None, ...] = (None, "source", "sentiment", "lang")
    for by in hourly:
        table = "rollup_hour_all" if by in {None, "sentiment"} else "rollup_hour"
        yield Chart(f"31 days by hour, by {by or 'nothing'}", drawn(month, "hour", by), table, "brand_id = ''", lately)
    long = {"first": asking.since_of(whole, ZONE), "last": asking.until_of(whole, ZONE)}
    for name, asked, table, where in (
        ("all", whole, "rollup_hour_all", "brand_id = ''"),
        ("one brand", replace(whole, brand_ids=(BRANDS[2],)), "rollup_hour_all", "brand_id = 'brand01'"),
        ("a source in 92 days", replace(quarter, source_ids=some[:1]), "rollup_hour",
         f"brand_id = '' AND source_id = '{some[0]}'"),
    ):  # fmt: skip
        spans = hours if asked.first == quarter.first else long
        yield Chart(f"hours of the week, {name}", lambda asked=asked: heat.heat_map(desk, asked), table, where, spans)  # type: ignore[misc]
    half = replace(whole, first=LAST - timedelta(days=364))
    yield Chart(
        "share of voice, a year and the one before",
        lambda: voice.share_of_voice(desk, half),
        "rollup_day_brand",
        "brand_id <> ''",
        days,
    )
    for what in ("authors", "words"):
        yield Chart(
            f"the largest {what}, a year and the one before",
            lambda what=what: tops.top(desk, half, what=what, limit=20),  # type: ignore[misc]
            "top_day",
            f"brand_id = '' AND what = '{what}'",
            days,
        )

    def alert() -> object:
        with store.read() as conn:
            return figures.volume_by_hour(
                conn, since=since, until=until, brand_id="", source_ids=some, sentiments=("negative",)
            )

    where = f"brand_id = '' AND source_id IN {some}"
    yield Chart("what an alert counts in 92 days: two sources, negative", alert, "rollup_hour", where, hours)


def _measure(found: Figures, engine: str, store: Store, chart: Chart) -> None:
    at = "hour" if "hour" in chart.table else "day"
    counted = "n_texts" if chart.table == "top_day" else "n"
    bare = text(
        f"SELECT sum({counted}), count(*) FROM {chart.table} "  # noqa: S608 - names of our own
        f"WHERE {chart.where} AND {at} >= :first AND {at} <= :last"
    )
    clock = cpu_clock(store)
    drawing, working, summing, n = [], [], [], 0
    for _ in range(_REPEATS):
        start, spent = time.perf_counter(), clock()
        chart.draw()
        working.append((clock() - spent) * 1e3)
        drawing.append((time.perf_counter() - start) * 1e3)
        with store.read() as conn:
            values = {name: _bound(store, value) for name, value in chart.values.items()}
            spent = clock()
            n = conn.execute(bare, values).one()[1]
            summing.append((clock() - spent) * 1e3)
    p50, p95 = _at(drawing, 0.5), _at(drawing, 0.95)
    own, most, limit = _at(working, 0.5), _at(working, 0.95), sum(summing) / len(summing)
    found.add(f"{engine}: {chart.name}", p50, p95, own, most, n, limit, own / max(limit, 0.01), most <= P95_MS)
    if most > P95_MS:
        found.missed.append(f"{engine}: {chart.name}: p95 {most:.0f} ms of processor time (bar {P95_MS:g} ms)")


def _at(values: Sequence[float], share: float) -> float:
    """The value at a share (0-1) of the ordered ones."""
    return sorted(values)[int(share * (len(values) - 1) + 0.5)]


def _bound(store: Store, value: Any) -> Any:
    if isinstance(value, datetime) and store.is_sqlite:
        return int(value.timestamp() * 1e6)
    if isinstance(value, str) and not store.is_sqlite:
        return date.fromisoformat(value)
    return value


@contextmanager
def _filled(url: str | None, mentions: int, days: int) -> Iterator[Store]:
    with tempfile.TemporaryDirectory(prefix="klankbord-bench-") as folder:
        store = open_store(url or f"sqlite:///{Path(folder) / 'bench.db'}", durable=False)
        try:
            store.migrate()
            fill(store, mentions, days)
            gc.collect()
            gc.freeze()  # as the dashboard does once it has started
            yield store
        finally:
            gc.unfreeze()
            store.close()
