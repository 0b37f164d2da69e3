"""Figures for Prometheus, read from the store when asked, so that they are the same whichever process answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from store.engine import Store
from store.figures import backlog
from store.intake import Standing
from store.intake import standings as deliveries
from store.meter_standings import MeterStanding, standings
from store.meters import in_units
from store.source_health import SourceHealthRow, SourceTotals, source_health, totals
from web.api.meter import Meter

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
            meters = standings(conn, self._now, days=1)
            pushed = deliveries(conn)
        yield from _of_sources(rows)
        yield from _of_meters(meters)
        yield from _of_totals(sums)
        yield from _of_webhooks(pushed)
        open_work = GaugeMetricFamily(
            "klankbord_conversations_open", "Open conversations by status.", labels=["status"]
        )
        for status, count in sorted(work.by_status.items()):
            open_work.add_metric([status], count)
        yield open_work
        yield GaugeMetricFamily(
            "klankbord_conversations_overdue", "Open conversations past their due time.", work.overdue
        )


def render(store: Store, now: datetime, meter: Meter) -> bytes:
    """All figures in Prometheus' text format: those of the store, and of the API in this process.

    Raises:
        StoreError: the database cannot be reached.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(store, now))
    registry.register(meter)
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


def _of_meters(meters: list[MeterStanding]) -> Iterator[Metric]:
    labels = ["source", "meter", "unit", "period"]
    used = GaugeMetricFamily(
        "klankbord_meter_used", "Used of what a platform charges or counts, in this period.", labels=labels
    )
    limit = GaugeMetricFamily("klankbord_meter_limit", "The limit of it per period.", labels=labels)
    end = GaugeMetricFamily("klankbord_meter_reset_timestamp_seconds", "When its period begins anew.", labels=labels)
    for meter in meters:
        names = [meter.source_id, meter.name, meter.unit, meter.period]
        used.add_metric(names, float(in_units(meter.used)))
        end.add_metric(names, meter.end.timestamp())
        if meter.most is not None:
            limit.add_metric(names, float(in_units(meter.most)))
    yield from (used, limit, end)


def _of_webhooks(hooks: list[Standing]) -> Iterator[Metric]:
    many = GaugeMetricFamily(
        "klankbord_webhook_deliveries",
        "What platforms pushed in the last 30 days, by what became of it.",
        labels=["webhook", "outcome"],
    )
    last = GaugeMetricFamily(
        "klankbord_webhook_last_timestamp_seconds", "When something was last pushed.", labels=["webhook"]
    )
    for hook in hooks:
        for outcome in ("waiting", "read", "nobody", "unread"):
            many.add_metric([hook.hook, outcome], getattr(hook, outcome))
        if hook.last_at is not None:
            last.add_metric([hook.hook], hook.last_at.timestamp())
    yield from (many, last)


def _of_totals(sums: dict[str, SourceTotals]) -> Iterator[Metric]:
    stored = CounterMetricFamily("klankbord_mentions_stored", "Mentions a source brought first.", labels=["source"])
    again = CounterMetricFamily("klankbord_mentions_duplicate", "Times it brought what was there.", labels=["source"])
    for source, total in sorted(sums.items()):
        stored.add_metric([source], total.stored)
        again.add_metric([source], total.duplicates)
    yield from (stored, again)
