"""X's filtered stream beside a worker's life: what the tests of it run on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.collect import Collector
from pipeline.report import RunReport
from pipeline.settings import SourceSettings
from store.coverage import covered, open_gaps
from store.engine import Store
from store.meter_standings import standings
from store.records import Span
from store.schema import quarantine
from tests.conftest import Clock
from tests.connectors.x.pushing import Connection, Pushing
from tests.pipeline.bench import kept

Script = Callable[[Connection], Awaitable[None]]


@dataclass
class Bench:
    """The service, and a worker's life around it."""

    site: Pushing
    store: Store
    clock: Clock
    source: SourceSettings
    collector: Collector

    @property
    def query(self) -> str:
        (query,) = self.collector.connector(self.source).queries(("acme",))
        return query.id

    async def run(self, *script: Script) -> RunReport:
        """One run, a second after the one before, as the worker does after a stream; each step is one connection."""
        self.clock.step(seconds=1)
        self.site.script += script
        return await self.collector.collect(self.source, on_progress=self.site.progress)

    def kept(self) -> list[str]:
        return [row.external_id for row in kept(self.store)]

    def covered(self) -> list[Span]:
        return covered(self.store, "x", self.query)

    def gaps(self) -> list[Any]:
        return open_gaps(self.store, "x", self.query)

    def used(self) -> Decimal:
        with self.store.read() as conn:
            day = next(each for each in standings(conn, self.clock(), source_ids=["x"]) if each.name == "usd_day")
        return Decimal(day.used) / 1_000_000

    def set_aside(self) -> list[Any]:
        with self.store.read() as conn:
            return list(conn.execute(quarantine.select()))


MakeBench = Callable[..., Awaitable[Bench]]
