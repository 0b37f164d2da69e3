"""A worker of a source whose stream is played."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.x import X, XOptions
from pipeline.fetch import fetcher_over
from pipeline.http import ClientSettings, PoliteClient
from pipeline.ledger import Ledger
from pipeline.settings import SourceSettings
from store.engine import Store
from tests.conftest import Clock
from tests.connectors.x.pushing import Pushing, serving
from tests.connectors.x.streaming import Bench, MakeBench
from tests.pipeline.bench import collector, enrolled


@pytest.fixture
async def make(store: Store, clock: Clock) -> AsyncIterator[MakeBench]:
    site, ledger = Pushing(clock, step=clock.step), Ledger(store)

    async def pause(seconds: float) -> None:
        clock.step(seconds=seconds)

    async with serving(site) as url:
        settings = ClientSettings(tries=1, allow_private_hosts=frozenset({"127.0.0.1"}))
        async with PoliteClient(settings, clock=site.clock_read, sleep=pause) as client:

            async def made(*, pages: int = 200, **options: Any) -> Bench:
                wanted = {"bearer_token": "app-token", "terms": ["acme"], "search": False, "stream": True, "api": url}
                given = {**wanted, "usd_per_day": 50, **options}
                wish: dict[str, Any] = {"match": "all", "backfill": timedelta(hours=1), "max_pages": pages}
                source = SourceSettings(id="x", connector="x", options=given, **wish)
                enrolled(store, clock(), source)
                worker = collector(
                    ledger,
                    clock,
                    connector=lambda each: X(XOptions.model_validate(each.options)),
                    fetcher=fetcher_over(client, site.clock_read),
                    sleep=pause,
                )
                return Bench(site, store, clock, source, worker)

            yield made
    ledger.close()
