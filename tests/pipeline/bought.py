"""Lives through days on the priced platform: the real collector, client and store, a clock that only moves here.

`Market` is what a test of any connector with prices needs; the default reads the platform with `BoughtSearch`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.contract import Connector, Options
from pipeline.collect import Collector
from pipeline.fetch import Fetcher
from pipeline.http import ClientSettings, PoliteClient
from pipeline.ledger import Ledger
from pipeline.report import RunReport
from pipeline.schedule import after_run
from pipeline.settings import SourceSettings
from store.coverage import covered, open_gaps
from store.engine import Store
from store.meter_standings import MeterStanding, standings
from store.meters import MICRO
from store.records import Span
from tests.conftest import Clock
from tests.pipeline.bench import collector, enrolled
from tests.pipeline.priced_platform import BoughtOptions, BoughtSearch, PricedPlatform

MakeConnector = Callable[[SourceSettings], Connector[Options]]


def bought_search(settings: SourceSettings) -> Connector[Options]:
    return BoughtSearch(BoughtOptions(**settings.options))


def priced_source(**settings: Any) -> SourceSettings:
    """A source of the priced platform."""
    defaults: dict[str, Any] = {
        "id": "bought",
        "connector": "bought",
        "every": timedelta(minutes=5),
        "match": "all",
        "backfill": timedelta(minutes=5),
    }
    return SourceSettings(**{**defaults, **settings})


class Market:
    """A source, its platform, and a worker's life around them.

    Args:
        store: a migrated store.
        clock: of everybody; short waits of the client move it.
        platform: what is read.
        source: how it is read.
        make_connector: what reads it.
        ledger: counts or breaks off commits.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        platform: PricedPlatform,
        source: SourceSettings,
        *,
        make_connector: MakeConnector = bought_search,
        ledger: Callable[[Store], Ledger] = Ledger,
    ) -> None:
        self.store = store
        self.clock = clock
        self.platform = platform
        self.source = source
        self._make_connector = make_connector
        self._ledger = ledger
        self.reports: list[RunReport] = []
        enrolled(store, clock(), source)

    def run_until(self, end: datetime) -> None:
        """Collect as the worker's rhythm says, until an instant."""
        asyncio.run(self._run_until(end))

    def collect(self, *, fresh: bool = False) -> RunReport:
        """Collect once, as a process that has just started."""

        async def once() -> RunReport:
            async with self._client() as client:
                ledger = self._ledger(self.store)
                try:
                    return await self._collector(ledger, client).collect(self.source, fresh=fresh)
                finally:
                    ledger.close()

        return asyncio.run(once())

    async def _run_until(self, end: datetime) -> None:
        ledger = self._ledger(self.store)
        pace, failures = int(self.source.every.total_seconds()), 0
        async with self._client() as client:
            worker = self._collector(ledger, client)
            try:
                while self.clock() < end:
                    report = await worker.collect(self.source)
                    self.reports.append(report)
                    following = after_run(self.source, report, pace_s=pace, failures=failures, now=self.clock())
                    pace, failures = following.pace_s, following.failures
                    self.clock.now = min(end, max(following.due_at, self.clock() + timedelta(seconds=1)))
            finally:
                ledger.close()

    def _client(self) -> PoliteClient:
        async def sleep(seconds: float) -> None:
            self.clock.step(seconds=seconds)

        async def resolve(host: str, port: int) -> list[str]:  # noqa: ARG001
            return ["93.184.215.14"]

        return PoliteClient(
            ClientSettings(),
            clock=self.clock,
            sleep=sleep,
            chance=lambda: 0.0,
            transport=self.platform.transport(),
            resolve=resolve,
        )

    def _collector(self, ledger: Ledger, client: PoliteClient) -> Collector:
        return collector(ledger, self.clock, connector=self._make_connector, fetcher=Fetcher(client))

    # --- what is to be seen ------------------------------------------------------------------------------------------

    def meter(self) -> MeterStanding:
        """The source's first meter as it stands now."""
        with self.store.read() as conn:
            return standings(conn, self.clock(), source_ids=[self.source.id])[0]

    def used(self) -> Decimal:
        """What our account says was used in this period, in the meter's unit."""
        return Decimal(self.meter().used) / MICRO

    def covered(self, query_id: str = "acme") -> list[Span]:
        """What the ledger claims."""
        return covered(self.store, self.source.id, query_id)

    def unbought(self, query_id: str = "acme") -> list[Span]:
        """What the ledger says was not bought."""
        return [gap.span for gap in open_gaps(self.store, self.source.id, query_id) if gap.reason == "quota"]
