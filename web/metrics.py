"""Figures for Prometheus, read from the store when asked, so that they are the same whichever process answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from store.engine import Store
from store.figures import backlog
from store.source_health import SourceHealthRow, SourceTotals, source_health, totals

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_WINDOW = timedelta(days=1)


class _Figures:
    """Reads all figures in one short transaction."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now

    def collect(self) -> Iterator[Metric]:
        with self._store.read() as conn:
            rows = source_health(conn, now=self._now, window=_WINDOW)
            sums = totals(conn)
            work = backlog(conn, now=self._now)
        yield from _of_sources(rows)
        yield from _of_totals(sums)
        open_work = GaugeMetricFamily(
            "klankbord_conversations_open", "Open conversations by status.", labels=["status"]
        )
        for status, count in sorted(work.by_status.items()):
            open_work.add_metric([status], count)
        yield open_work
        yield GaugeMetricFamily(
            "klankbord_conversations_overdue", "Open conversations past their due time.", work.overdue
        )


def render(store: Store, now: datetime) -> bytes:
    """All figures in Prometheus' text format.

    Raises:
        StoreError: the database cannot be reached.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(store, now))
    return generate_latest(registry)


def _of_sources(rows: list[SourceHealthRow]) -> Iterator[Metric]:
    healthy = GaugeMetricFamily(
        "klankbord_source_healthy", "1 when the source is collected without trouble.", labels=["source"]
    )
    gaps = GaugeMetricFamily("klankbord_source_gaps_open", "Stretches of time known to be missing.", labels=["source"])
    delay = GaugeMetricFamily(
        "klankbord_source_delay_seconds",
        "Publication to visible, over the last day, by quantile.",
        labels=["source", "quantile"],
    )
    waiting = GaugeMetricFamily("klankbord_source_quarantined", "Unreadable items set aside.", labels=["source"])
    seen = GaugeMetricFamily(
        "klankbord_source_last_ok_timestamp_seconds", "When it last came through.", labels=["source"]
    )
    for row in rows:
        healthy.add_metric([row.id], float(row.health == "ok"))
        gaps.add_metric([row.id], row.open_gaps)
        waiting.add_metric([row.id], row.quarantined)
        for quantile, value in (("0.5", row.delay_p50_s), ("0.95", row.delay_p95_s)):
            if value is not None:
                delay.add_metric([row.id, quantile], value)
        if row.last_ok_at is not None:
            seen.add_metric([row.id], row.last_ok_at.timestamp())
    yield from (healthy, gaps, waiting, delay, seen)


def _of_totals(sums: dict[str, SourceTotals]) -> Iterator[Metric]:
    stored = CounterMetricFamily("klankbord_mentions_stored", "Mentions a source brought first.", labels=["source"])
    again = CounterMetricFamily("klankbord_mentions_duplicate", "Times it brought what was there.", labels=["source"])
    for source, total in sorted(sums.items()):
        stored.add_metric([source], total.stored)
        again.add_metric([source], total.duplicates)
    yield from (stored, again)
